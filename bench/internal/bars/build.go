package bars

import (
	"fmt"
	"runtime"
	"sync/atomic"
	"time"

	"github.com/shadowvars/shadow/bench/internal/measure"
	"github.com/shadowvars/shadow/bench/internal/micro"
	"github.com/shadowvars/shadow/bench/internal/report"
)

// cycles is how many collections one figure of the collector's time is the median of.
const cycles = 5

// life is what one contestant's table costs from empty to full, alone in the heap.
type life struct {
	attach, churn, collector, bytes float64
}

// live builds a table, churns it with the collector on, and lets it go.
func (o Options) live(name string, parents []*micro.Parent, picks *micro.Picks) (l life) {
	n := float64(len(parents))
	collectorBefore, heapBefore := measure.CollectorWall(cycles), measure.LiveHeap()
	table := micro.Find(name).New()
	wall := measure.Parallel(o.Goroutines, len(parents), func(_, from, to int) { table.Attach(parents[from:to]) })
	l.attach = float64(wall.Nanoseconds()) * float64(o.Goroutines) / n
	l.bytes = (float64(measure.LiveHeap()) - float64(heapBefore)) / n
	// Noise can take what is next to nothing below nothing.
	l.collector = max(0, measure.CollectorWall(cycles)-collectorBefore) / n
	l.churn = Options{Goroutines: o.Goroutines, Slice: 4 * o.Slice}.churning(picks, table)()
	if got := table.Len(); got != len(parents) {
		panic(fmt.Sprintf("bars: %s holds %d of %d after churn", name, got, len(parents)))
	}
	table.Close()
	runtime.KeepAlive(parents)
	return l
}

func runLife(o Options, n int) []Result {
	if n < 1<<16 {
		return nil // a build this short is over before its cost shows
	}
	parents := micro.NewParents(n)
	picks := micro.NewPicks(parents, o.Goroutines)
	names := []string{micro.ShadowManual, micro.Xsync4}
	lives := make([][]life, len(names))
	o.Progress.Stage("attach, collector, bytes, %s parents", report.Size(n))
	for _, name := range names {
		o.live(name, parents, picks) // not counted: the first one has to wait for memory that the machine has given nobody yet
	}
	for round := range o.builds() {
		for i := range names {
			i = (i + round) % len(names)
			lives[i] = append(lives[i], o.live(names[i], parents, picks))
		}
		o.Progress.Step(round+1, o.builds())
	}
	column := func(i int, field func(life) float64) (values []float64) {
		for _, l := range lives[i] {
			values = append(values, field(l))
		}
		return values
	}
	var attach, collector, bytes goal
	if manySized(n) {
		attach, collector, bytes = goal{bar: 2, stretch: 4}, goal{bar: 0.1, stretch: 0.025}, goal{bar: 64, stretch: 44, atMost: true}
	}
	attaching := func(l life) float64 { return l.attach }
	churning := func(l life) float64 { return l.churn }
	collecting := func(l life) float64 { return l.collector }
	keeping := func(l life) float64 { return l.bytes }
	return []Result{
		fasterThan("attach from empty, to xsync v4", n, column(0, attaching), column(1, attaching), "ns", attach),
		fasterThan("Free + GetOrAlloc, collector included", n, column(0, churning), column(1, churning), "ns", goal{}),
		partOf("GC wall added, Manual, of xsync v4's", n, column(0, collecting), column(1, collecting), "ns a variable", collector),
		{
			What: "bytes a variable, Manual", N: n, Unit: " B", goal: bytes,
			Measured: against(measure.Median(column(0, keeping)), measure.Median(column(1, keeping)), "B"),
			Value:    measure.Summarize(column(0, keeping)),
		},
	}
}

// growthSize is how far a table grows for the tail of its latency.
const growthSize = 4 << 20

// growing is what a table's growth from nothing cost those who attached.
type growing struct {
	tail, longest float64       // the 99.99th percentile and the longest attach in microseconds
	median        time.Duration // of an attach
}

func runGrowth(o Options) []Result {
	parents := micro.NewParents(growthSize)
	names := []string{micro.ShadowManual, micro.Xsync4}
	tails, longest := make([][]float64, len(names)), make([][]float64, len(names))
	var nothing []float64
	o.Progress.Stage("growing 0 to %s", report.Size(growthSize))
	for round := range o.builds() {
		var median time.Duration
		for i := range names {
			i = (i + round) % len(names)
			g := o.grow(names[i], parents)
			tails[i], longest[i] = append(tails[i], g.tail), append(longest[i], g.longest)
			if i == 0 {
				median = g.median
			}
		}
		nothing = append(nothing, o.doNothing(len(parents), median))
		o.Progress.Step(round+1, o.builds())
	}
	runtime.KeepAlive(parents)
	return []Result{
		partOf("p99.99 of an attach while growing, of xsync v4's", growthSize, tails[0], tails[1], "µs", goal{bar: 0.2, stretch: 0.05}),
		partOf("p99.99 of doing nothing for as long, of xsync v4's", growthSize, nothing, tails[1], "µs", goal{}),
		partOf("longest attach while growing, of xsync v4's", growthSize, longest[0], longest[1], "µs", goal{}),
	}
}

// grow attaches to all parents, every attach timed.
func (o Options) grow(name string, parents []*micro.Parent) growing {
	latency := measure.NewLatency(o.Goroutines)
	table := micro.Find(name).New()
	runtime.GC()
	measure.Parallel(o.Goroutines, len(parents), func(worker, from, to int) {
		for _, parent := range parents[from:to] {
			begin := time.Now()
			table.AttachOne(parent)
			latency.Record(worker, time.Since(begin))
		}
	})
	table.Close()
	return growing{
		tail:    latency.Percentile(99.99) / 1000,
		longest: latency.Percentile(100) / 1000,
		median:  time.Duration(latency.Percentile(50)),
	}
}

// doNothing reads the clock until length is over, n times, and returns the 99.99th percentile in microseconds of how long that took: what interrupts
// a processor of this machine anyway, which no operation of that length can do without.
func (o Options) doNothing(n int, length time.Duration) float64 {
	latency := measure.NewLatency(o.Goroutines)
	runtime.GC()
	measure.Parallel(o.Goroutines, n, func(worker, from, to int) {
		for range to - from {
			begin := time.Now()
			took := time.Duration(0)
			for took < length {
				took = time.Since(begin)
			}
			latency.Record(worker, took)
		}
	})
	return latency.Percentile(99.99) / 1000
}

// runFreeAll measures from outside what the library's own tests count in steps: how long after
// FreeAll began another goroutine sees its pair gone, whatever the number of variables.
func runFreeAll(o Options) []Result {
	const few, many = 1 << 10, 1 << 20
	var micros [2][]float64
	o.Progress.Stage("FreeAll")
	parents := micro.NewParents(many)
	for round := range o.builds() {
		for i, n := range []int{few, many} {
			micros[i] = append(micros[i], o.freeAllSeen(parents[:n]))
		}
		o.Progress.Step(round+1, o.builds())
	}
	return []Result{partOf("FreeAll until another goroutine sees it, of 1k's", many, micros[1], micros[0], "µs", goal{})}
}

func (o Options) freeAllSeen(parents []*micro.Parent) float64 {
	table := built(micro.ShadowManual, parents, o.Goroutines)
	defer table.Close()
	// The last parent: a sweep in the order of attaching would reach it last.
	last := parents[len(parents)-1:]
	var watching atomic.Bool
	seen := make(chan time.Time)
	go func() {
		for {
			if hits, _ := table.Get(last); hits == 0 {
				seen <- time.Now()
				return
			}
			watching.Store(true)
		}
	}()
	for !watching.Load() {
		runtime.Gosched()
	}
	begin := time.Now()
	table.(micro.Clearer).Clear()
	return float64((<-seen).Sub(begin).Nanoseconds()) / 1000
}
