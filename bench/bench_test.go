package main

import (
	"fmt"
	"os"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/shadowvars/shadow/bench/internal/measure"
	"github.com/shadowvars/shadow/bench/internal/micro"
	"github.com/shadowvars/shadow/bench/internal/work"
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

// BenchmarkTable has the workloads that work on a table that is there: the same that the whole program measures, one contestant at
// a time, with the collector off.
func BenchmarkTable(b *testing.B) {
	for _, impl := range work.Names() {
		for _, n := range benchSizes(b) {
			// A benchmark's function runs several times with a growing b.N; building again each time would take longer than measuring.
			ground := sync.OnceValue(func() *work.Ground { return work.NewGround(n) })
			built := false
			for _, w := range work.Workloads() {
				if !w.Steady {
					continue
				}
				for _, s := range subjects(w, impl, n) {
					b.Run(strings.TrimPrefix(s.Name(), "Table/"), func(b *testing.B) {
						built = true
						blocks := w.Blocks(ground(), s)
						if blocks == nil {
							b.Skip("the contestant cannot do this")
						}
						repeat(b, max(1, s.Goroutines), blocks)
					})
				}
			}
			if built {
				ground().Close()
			}
		}
	}
}

func subjects(w work.Workload, impl string, n int) (all []work.Subject) {
	goroutines := []int{1, 2}
	if !w.Crowds {
		goroutines = []int{0}
	}
	for _, g := range goroutines {
		for _, variant := range w.Variants() {
			all = append(all, work.Subject{Impl: impl, Op: w.Op, N: n, Goroutines: g, Variant: variant})
		}
	}
	return all
}

// repeat does about b.N operations, split among goroutines, in blocks.
func repeat(b *testing.B, goroutines int, blocks measure.Blocks) {
	runtime.GC()
	measure.WithoutCollector(func() {
		b.ReportAllocs()
		b.ResetTimer()
		done := make([]int, goroutines)
		measure.Parallel(goroutines, b.N, func(worker, from, to int) {
			for ; from < to; from += done[worker] {
				done[worker] = blocks(worker, min(to-from, measure.MostBlock))
			}
		})
	})
}

// BenchmarkFresh has the workloads that make a table of their own; an operation is one round of the whole, and the figures are the
// round's own.
func BenchmarkFresh(b *testing.B) {
	for _, impl := range work.Tables() {
		for _, n := range benchSizes(b) {
			for _, w := range work.Workloads() {
				if w.Steady || w.Op == "weigh" { // which starts this very program, and here that is the test
					continue
				}
				for _, s := range subjects(w, impl, n) {
					b.Run(strings.TrimPrefix(s.Name(), "Table/"), func(b *testing.B) { fresh(b, w.Open(nil, s)) })
				}
			}
		}
	}
}

// fresh reports the medians of b.N rounds.
func fresh(b *testing.B, run work.Run) {
	if run == nil {
		b.Skip("the contestant cannot do this")
	}
	figures := map[string][]float64{}
	for range b.N {
		for _, sample := range run(20 * time.Millisecond) {
			role := strings.TrimPrefix(sample.Subject.Variant, "role=")
			for _, v := range sample.Values {
				unit := v.Unit
				if role != "" {
					unit = role + "-" + unit
				}
				figures[unit] = append(figures[unit], v.Value)
			}
		}
	}
	for unit, rounds := range figures {
		b.ReportMetric(measure.Median(rounds), unit)
	}
}

// BenchmarkHeap times a forced collection with all variables attached; B/var is the live heap, and
// gc-ns/var what the variables add to the collection, each less the parents'.
func BenchmarkHeap(b *testing.B) {
	for _, implementation := range micro.Implementations() {
		for _, n := range benchSizes(b) {
			name := strings.TrimPrefix(work.Subject{Impl: implementation.Name, Op: "collect", N: n}.Name(), "Table/")
			b.Run(name, func(b *testing.B) {
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
	for _, name := range work.Names() {
		if strings.ContainsAny(name, "/= _") {
			t.Errorf("name %q", name)
		}
	}
	for _, w := range work.Workloads() {
		if strings.ContainsAny(w.Op, "/= _") {
			t.Errorf("workload %q", w.Op)
		}
		for _, variant := range w.Variants() {
			if variant != "" && strings.Count(fmt.Sprintf("/%s/", variant), "=") != 1 {
				t.Errorf("variant %q", variant)
			}
		}
	}
}
