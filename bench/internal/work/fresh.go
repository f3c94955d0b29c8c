package work

import (
	"math/rand/v2"
	"runtime"
	"time"

	"golang.org/x/perf/benchfmt"

	"github.com/shadowvars/shadow/bench/internal/measure"
	"github.com/shadowvars/shadow/bench/internal/micro"
)

// fresh are the workloads that make a table for every round.
func fresh() []Workload {
	presizes := func(i micro.Implementation) bool { return i.Big != nil }
	together := func(i micro.Implementation) bool { return !i.Alone } // with the collector's cleanups
	shares := func(i micro.Implementation) bool { return !i.Alone && !i.OneWriter }
	clears := func(i micro.Implementation) bool { return shares(i) && has[micro.Clearer](i) }
	return []Workload{
		{Op: "attach", Says: "Alloc to all parents, from an empty table, the collector on", Crowds: true, Nanoseconds: 500, open: openAttach},
		{Op: "attach-presized", Says: "Alloc to all parents, into a table that was made with room for them", Crowds: true, Nanoseconds: 500, needs: presizes, open: openPresized},
		{Op: "churn-new", Says: "A parent's whole life: made, attached to, looked up, and n parents later let go", Crowds: true, Nanoseconds: 800, Seconds: 0.1, open: openChurnNew},
		{Op: "growth", Says: "Latency of Alloc and Get while a table grows from nothing", Nanoseconds: 1500, needs: shares, open: openGrowth},
		{Op: "freeall", Says: "A class emptied and filled again and again while others Get from it", Greatest: 1 << 20, Nanoseconds: 1500, needs: clears, open: openFreeAll},
		{Op: "lifetimes", Says: "n parents that live for ever and 50,000 more a second that live for a second: latency of Alloc, processor time", Nanoseconds: 700, Seconds: 3, needs: together, open: openLifetimes},
		{Op: "weigh", Says: "Memory and collections with data attached to n parents, in a process of its own", Nanoseconds: 2500, Seconds: 0.3, open: openWeigh},
	}
}

func openAttach(s Subject) Run {
	implementation := micro.Find(s.Impl)
	if implementation.OneWriter && s.Goroutines > 1 {
		return nil
	}
	return attaching(s, implementation.New)
}

func openPresized(s Subject) Run {
	implementation := micro.Find(s.Impl)
	if implementation.OneWriter && s.Goroutines > 1 {
		return nil
	}
	return attaching(s, func() micro.Table { return implementation.Big(s.N) })
}

// mostBuilds is how often a small table is built at most: making parents and collecting before takes longer than the build.
const mostBuilds = 32

// attaching times the whole build; a small one is built so often that it takes a slice.
func attaching(s Subject, make func() micro.Table) Run {
	return func(slice time.Duration) []Sample {
		var wall time.Duration
		var objects, bytes float64
		ops := 0
		for built := 0; built == 0 || wall < slice && built < mostBuilds; built++ {
			// A weak pointer's record stays with its object, so every table has fresh parents.
			parents := micro.NewParents(s.N)
			runtime.GC()
			objectsBefore, bytesBefore := measure.Allocations()
			begin := time.Now()
			table := make()
			measure.Parallel(s.Goroutines, s.N, func(_, from, to int) { table.Attach(parents[from:to]) })
			wall += time.Since(begin)
			objectsAfter, bytesAfter := measure.Allocations()
			objects, bytes = objects+objectsAfter-objectsBefore, bytes+bytesAfter-bytesBefore
			must(s, table.Len(), s.N, uint64(s.N))
			ops += s.N
			table.Close()
			runtime.KeepAlive(parents)
		}
		return []Sample{{Subject: s, Ops: ops, Values: []benchfmt.Value{
			value(float64(wall.Nanoseconds())/float64(ops), "ns/op"), value(bytes/float64(ops), "B/op"), value(objects/float64(ops), "allocs/op"),
		}}}
	}
}

// openChurnNew lets every goroutine have a window of parents; each new parent takes the place of the oldest. Contestants that let go by
// themselves are not asked to.
func openChurnNew(s Subject) Run {
	implementation := micro.Find(s.Impl)
	if implementation.OneWriter && s.Goroutines > 1 || s.N < s.Goroutines*longestGeneration {
		return nil
	}
	return func(slice time.Duration) []Sample {
		table := implementation.New()
		defer table.Close()
		windows := make([][]*micro.Parent, s.Goroutines)
		cursors := make([]int, s.Goroutines*16) // 16 words apart
		for worker := range windows {
			windows[worker] = micro.NewParents(s.N / s.Goroutines)
			table.Attach(windows[worker])
		}
		runtime.GC()
		return throughput(s, max(4*slice, 20*time.Millisecond), func(worker, limit int) int {
			window, cursor := windows[worker], &cursors[16*worker]
			if *cursor == len(window) {
				*cursor = 0
			}
			generation := window[*cursor:min(*cursor+min(limit, longestGeneration), len(window))]
			*cursor += len(generation)
			if !implementation.Weak {
				table.Detach(generation)
			}
			for i := range generation {
				generation[i] = new(micro.Parent)
			}
			table.Attach(generation)
			hits, sum := table.Get(generation)
			return must(s, hits, len(generation), sum)
		})
	}
}

// longestGeneration is how many parents are replaced at a time.
const longestGeneration = 256

// openGrowth lets half of the goroutines attach, each to a part of the parents, and the other half look up what they
// have attached. Every operation is timed, so every figure contains two looks at the clock.
func openGrowth(s Subject) Run {
	implementation := micro.Find(s.Impl)
	return func(time.Duration) []Sample {
		writers := max(1, runtime.GOMAXPROCS(0)/2)
		parents := micro.NewParents(s.N)
		table := implementation.New()
		defer table.Close()
		runtime.GC()
		g := newGrowth(parents, writers, writers)
		wall := g.run(table)
		must(s, table.Len(), s.N, uint64(s.N))
		attached := latencies(s, "role=attach", g.attaches, wall)
		return append(attached, latencies(s, "role=get", g.gets, wall)...)
	}
}

// latencies are the percentiles of what goroutines in one role did, and the wall time over their operations; nothing if a small table was
// done before they began.
func latencies(s Subject, role string, l *measure.Latency, wall time.Duration) []Sample {
	_, count := l.All()
	if count == 0 {
		return nil
	}
	s.Variant = role
	return []Sample{{Subject: s, Ops: int(count), Values: append(percentiles(l), value(float64(wall.Nanoseconds())/float64(count), "ns/op"))}}
}

// openFreeAll lets one goroutine empty a class and fill it again while the others look up random parents of it.
func openFreeAll(s Subject) Run {
	implementation := micro.Find(s.Impl)
	return func(slice time.Duration) []Sample {
		table := implementation.New()
		defer table.Close()
		clearer := table.(micro.Clearer)
		parents := micro.NewParents(s.N)
		table.Attach(parents)
		runtime.GC()
		f := newFreeing(parents, max(1, runtime.GOMAXPROCS(0)-1))
		f.run(table, clearer, max(4*slice, 20*time.Millisecond))
		cleared := Sample{Subject: s, Ops: f.rounds, Values: []benchfmt.Value{value(float64(f.clearing.Nanoseconds())/float64(f.rounds), "ns/op")}}
		cleared.Subject.Variant = "role=clear"
		return append([]Sample{cleared}, latencies(s, "role=get", f.gets, f.wall)...)
	}
}

// percentiles are a histogram's, as figures.
func percentiles(l *measure.Latency) (values []benchfmt.Value) {
	ns, _ := l.All()
	for i, percent := range measure.Percentiles {
		values = append(values, value(ns[i], PercentileUnit(percent)))
	}
	return values
}

// xorshift is a random number generator that costs next to nothing, one for each goroutine.
type xorshift uint64

func newXorshift(worker int) xorshift {
	return xorshift(rand.New(rand.NewPCG(4, uint64(worker))).Uint64() | 1)
}

// below returns a number from 0 to n-1.
func (x *xorshift) below(n int) int {
	*x ^= *x << 13
	*x ^= *x >> 7
	*x ^= *x << 17
	return int(uint64(*x) % uint64(n))
}
