package main

import (
	"fmt"
	"os"
	"runtime"
	"strings"
	"sync"
	"testing"

	"github.com/shadowvars/shadow/bench/internal/measure"
	"github.com/shadowvars/shadow/bench/internal/micro"
	"github.com/shadowvars/shadow/bench/internal/report"
)

// Benchmark names are made for benchstat: for example
//
//	go test -bench 'Table/.*/op=get-hit' -count 8 | benchstat -col /impl -row /op,/n,/g -
//
// ns/op is wall time over all operations of all goroutines, as everywhere in Go.

// benchSizes are the numbers of parents; SHADOW_BENCH_N=1k,4M chooses others.
func benchSizes(b *testing.B) []int {
	list := os.Getenv("SHADOW_BENCH_N")
	if list == "" {
		list = "1k,64k,1M"
	}
	sizes, err := parseSizes(list)
	if err != nil {
		b.Fatalf("SHADOW_BENCH_N: %v", err)
	}
	return sizes
}

// fixture is a table with its parents, built when a benchmark that needs it runs and not before.
type fixture struct {
	table     micro.Table
	parents   []*micro.Parent
	strangers *micro.Picks
	picks     *micro.Picks
}

func newFixture(implementation micro.Implementation, n int) *fixture {
	f := &fixture{table: implementation.New(), parents: micro.NewParents(n)}
	f.table.Attach(f.parents)
	f.picks = micro.NewPicks(f.parents, 2)
	f.strangers = micro.NewPicks(micro.NewParents(n), 2)
	runtime.GC()
	return f
}

// operation is a loop over a block.
type operation struct {
	name string
	// loop returns what a goroutine repeats, or nil if this contestant has no such operation.
	loop func(f *fixture) (picks *micro.Picks, do func([]*micro.Parent))
}

func operations() []operation {
	return []operation{
		{"get-hit", func(f *fixture) (*micro.Picks, func([]*micro.Parent)) {
			return f.picks, func(block []*micro.Parent) { mustFind(f.table.Get(block))(len(block)) }
		}},
		{"get-miss", func(f *fixture) (*micro.Picks, func([]*micro.Parent)) {
			return f.strangers, func(block []*micro.Parent) { mustFind(f.table.Get(block))(0) }
		}},
		{"get-batch", func(f *fixture) (*micro.Picks, func([]*micro.Parent)) {
			batcher, ok := f.table.(micro.Batcher)
			if !ok {
				return nil, nil
			}
			return f.picks, func(block []*micro.Parent) { mustFind(batcher.GetBatch(block))(len(block)) }
		}},
		{"churn", func(f *fixture) (*micro.Picks, func([]*micro.Parent)) { return f.picks, f.table.Churn }},
	}
}

func mustFind(hits int, _ uint64) func(want int) {
	return func(want int) {
		if hits != want {
			panic(fmt.Sprintf("%d lookups hit instead of %d", hits, want))
		}
	}
}

func BenchmarkTable(b *testing.B) {
	for _, implementation := range micro.Implementations() {
		for _, op := range operations() {
			for _, n := range benchSizes(b) {
				for _, goroutines := range []int{1, 2} {
					// The function runs several times with a growing b.N; building again each time would take longer than measuring.
					build := sync.OnceValue(func() *fixture { return newFixture(implementation, n) })
					var f *fixture
					b.Run(fmt.Sprintf("impl=%s/op=%s/n=%s/g=%d", implementation.Name, op.name, report.Size(n), goroutines), func(b *testing.B) {
						f = build()
						picks, do := op.loop(f)
						if do == nil {
							b.Skip("no such size in this run")
						}
						repeat(b, goroutines, picks, do)
					})
					if f != nil {
						f.table.Close()
						runtime.KeepAlive(f)
					}
				}
			}
		}
	}
}

// repeat does b.N operations, split among goroutines, in blocks.
func repeat(b *testing.B, goroutines int, picks *micro.Picks, do func([]*micro.Parent)) {
	b.ResetTimer()
	measure.Parallel(goroutines, b.N, func(worker, from, to int) {
		for from < to {
			block := picks.Next(worker, to-from)
			do(block)
			from += len(block)
		}
	})
}

// BenchmarkFloor is what the machine gives at best: the loads of a lookup without the lookup.
func BenchmarkFloor(b *testing.B) {
	floors := []struct {
		name string
		new  func(n int) micro.Getter
	}{{"floor-array", micro.NewArrayFloor}, {"floor-two-loads", micro.NewTwoLoadFloor}}
	for _, floor := range floors {
		for _, n := range benchSizes(b) {
			for _, goroutines := range []int{1, 2} {
				build := sync.OnceValues(func() (micro.Getter, *micro.Picks) {
					return floor.new(n), micro.NewPicks(micro.NewParents(n), 2)
				})
				b.Run(fmt.Sprintf("impl=%s/op=get-hit/n=%s/g=%d", floor.name, report.Size(n), goroutines), func(b *testing.B) {
					getter, picks := build()
					repeat(b, goroutines, picks, func(block []*micro.Parent) { mustFind(getter.Get(block))(len(block)) })
				})
			}
		}
	}
}

// BenchmarkBuild attaches to all parents from empty; one operation is the whole build, ns/attach is wall time over n.
func BenchmarkBuild(b *testing.B) {
	for _, implementation := range micro.Implementations() {
		for _, n := range benchSizes(b) {
			for _, goroutines := range []int{1, 2} {
				b.Run(fmt.Sprintf("impl=%s/op=attach/n=%s/g=%d", implementation.Name, report.Size(n), goroutines), func(b *testing.B) {
					for range b.N {
						// A weak pointer's record stays with its object, so every build has fresh parents.
						b.StopTimer()
						parents := micro.NewParents(n)
						table := implementation.New()
						runtime.GC()
						b.StartTimer()
						measure.Parallel(goroutines, n, func(_, from, to int) { table.Attach(parents[from:to]) })
						b.StopTimer()
						table.Close()
						runtime.KeepAlive(parents)
						b.StartTimer()
					}
					b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(n), "ns/attach")
				})
			}
		}
	}
}

// BenchmarkHeap times a forced collection with all variables attached; B/var is the live heap, and
// gc-ns/var what the variables add to the collection, each less the parents'.
func BenchmarkHeap(b *testing.B) {
	for _, implementation := range micro.Implementations() {
		for _, n := range benchSizes(b) {
			b.Run(fmt.Sprintf("impl=%s/op=collect/n=%s", implementation.Name, report.Size(n)), func(b *testing.B) {
				parents := micro.NewParents(n)
				wall, heap := measure.CollectorWall(5), measure.LiveHeap()
				table := implementation.New()
				table.Attach(parents)
				bytes := float64(measure.LiveHeap()) - float64(heap)
				b.ResetTimer()
				for range b.N {
					runtime.GC()
				}
				b.StopTimer()
				b.ReportMetric(bytes/float64(n), "B/var")
				b.ReportMetric((float64(b.Elapsed().Nanoseconds())/float64(b.N)-wall)/float64(n), "gc-ns/var")
				table.Close()
				runtime.KeepAlive(parents)
			})
		}
	}
}

func TestBenchmarkNames(t *testing.T) {
	// Ensure names have no character that benchstat or the -bench pattern would split at.
	for _, implementation := range micro.Implementations() {
		if strings.ContainsAny(implementation.Name, "/= _") {
			t.Errorf("name %q", implementation.Name)
		}
	}
}
