package bars

import (
	"fmt"
	"runtime"

	"github.com/shadowvars/shadow/bench/internal/measure"
	"github.com/shadowvars/shadow/bench/internal/micro"
	"github.com/shadowvars/shadow/bench/internal/report"
)

// manySized tells the sizes that have the bars of a million from those that have the bars of a
// thousand: whether the table outgrows the caches.
func manySized(n int) bool { return n >= 1<<18 }

// built makes a table of that name with data attached to all parents.
func built(name string, parents []*micro.Parent, goroutines int) micro.Table {
	table := micro.Find(name).New()
	measure.Parallel(goroutines, len(parents), func(_, from, to int) { table.Attach(parents[from:to]) })
	return table
}

// getting returns a contestant for Interleave: one slice of lookups that all must hit.
func (o Options) getting(goroutines int, picks *micro.Picks, get func([]*micro.Parent) (int, uint64)) func() float64 {
	return func() float64 {
		return measure.Slice(goroutines, o.Clock, o.warmUp(), o.Slice, func(worker int) int {
			block := picks.Next(worker, micro.Block)
			if hits, sum := get(block); hits != len(block) || sum != uint64(hits) {
				panic(fmt.Sprintf("bars: %d of %d lookups hit, sum %d", hits, len(block), sum))
			}
			return len(block)
		})
	}
}

// garbage is how much may pile up before a pause between rounds collects it.
const garbage = 256 << 20

// interleave runs slices with the collector off and collects between rounds.
func (o Options) interleave(what string, n int, contestants ...func() float64) [][]float64 {
	o.Progress.Stage("%s, %s parents", what, report.Size(n))
	var values [][]float64
	runtime.GC()
	measure.WithoutCollector(func() {
		values = measure.Interleave(o.Rounds, contestants, func(round int) {
			o.Progress.Step(round+1, o.Rounds)
			measure.Breathe(garbage)
		})
	})
	return values
}

func runGet(o Options, n int) []Result {
	o.Progress.Stage("Get: building, %s parents", report.Size(n))
	parents := micro.NewParents(n)
	defer runtime.KeepAlive(parents)
	picks := micro.NewPicks(parents, o.Goroutines)
	var contestants []func() float64
	for _, name := range []string{micro.ShadowManual, micro.Xsync4, micro.Xsync4Pointer, micro.SyncMap} {
		table := built(name, parents, o.Goroutines)
		defer table.Close()
		contestants = append(contestants, o.getting(o.Goroutines, picks, table.Get))
	}
	contestants = append(contestants, o.getting(o.Goroutines, picks, micro.NewTwoLoadFloor(n).Get))
	ns := o.interleave("Get", n, contestants...)

	pair, pointer, standard := goal{bar: 2}, goal{bar: 1}, goal{bar: 3}
	floor := goal{stretch: 1.3}
	if manySized(n) {
		pair, pointer, standard = goal{bar: 3}, goal{bar: 1.5}, goal{bar: 4}
		floor = goal{stretch: 1.15}
	}
	return []Result{
		fasterThan("Get hit, Manual, to xsync v4 {ptr,id}", n, ns[0], ns[1], "ns", pair),
		fasterThan("Get hit, Manual, to xsync v4 pointer only", n, ns[0], ns[2], "ns", pointer),
		fasterThan("Get hit, Manual, to sync.Map {ptr,id}", n, ns[0], ns[3], "ns", standard),
		partOf("Get hit, Manual, over the two-load floor", n, ns[0], ns[4], "ns", floor),
	}
}

func runCollected(o Options, n int) []Result {
	o.Progress.Stage("Get, Collected: building, %s parents", report.Size(n))
	parents := micro.NewParents(n)
	defer runtime.KeepAlive(parents)
	picks := micro.NewPicks(parents, o.Goroutines)
	collected := built(micro.ShadowCollected, parents, o.Goroutines)
	defer collected.Close()
	idiom := built(micro.WeakIdiom, parents, o.Goroutines)
	ns := o.interleave("Get, Collected", n,
		o.getting(o.Goroutines, picks, collected.Get),
		o.getting(o.Goroutines, picks, idiom.Get))
	// The idiom is measured at 64 k and 1 M; below that nothing is demanded.
	var g goal
	switch {
	case manySized(n):
		g = goal{bar: 20, stretch: 50}
	case n >= 1<<14:
		g = goal{bar: 10, stretch: 25}
	}
	return []Result{fasterThan("Get hit, Collected, to the standard idiom", n, ns[0], ns[1], "ns", g)}
}

func runBatch(o Options, n int) []Result {
	parents := micro.NewParents(n)
	defer runtime.KeepAlive(parents)
	picks := micro.NewPicks(parents, o.Goroutines)
	table := built(micro.ShadowManual, parents, o.Goroutines)
	defer table.Close()
	batched := func(picks []*micro.Parent) (int, uint64) { return table.(micro.Batcher).GetBatch(picks, 16) }
	ns := o.interleave("GetBatch", n,
		o.getting(o.Goroutines, picks, batched),
		o.getting(o.Goroutines, picks, table.Get))
	var g goal
	if manySized(n) {
		g = goal{bar: 1.25, stretch: 2}
	}
	return []Result{fasterThan("GetBatch of 16, to Get in a loop", n, ns[0], ns[1], "ns", g)}
}

func runChurn(o Options, n int) []Result {
	parents := micro.NewParents(n)
	defer runtime.KeepAlive(parents)
	picks := micro.NewPicks(parents, o.Goroutines)
	var contestants []func() float64
	for _, name := range []string{micro.ShadowManual, micro.Xsync4} {
		table := built(name, parents, o.Goroutines)
		defer table.Close()
		contestants = append(contestants, o.churning(picks, table))
	}
	ns := o.interleave("churn", n, contestants...)
	return []Result{fasterThan("Free + GetOrAlloc, to xsync v4", n, ns[0], ns[1], "ns", goal{bar: 1.5, stretch: 3})}
}

// churning returns a contestant for Interleave: one slice of detaching and attaching again.
func (o Options) churning(picks *micro.Picks, table micro.Table) func() float64 {
	return func() float64 {
		// Rivals lock, and who waits for a lock uses no processor: only the wall shows it.
		return measure.Slice(o.Goroutines, measure.Wall, o.warmUp(), o.Slice, func(worker int) int {
			block := picks.Next(worker, micro.Block)
			table.Churn(block)
			return len(block)
		})
	}
}

// runScaling compares how much several goroutines do with how much one does, and holds it against
// the floor's own scaling: two processors that share a memory do not double any load.
func runScaling(o Options, n int) []Result {
	parents := micro.NewParents(n)
	defer runtime.KeepAlive(parents)
	picks := micro.NewPicks(parents, o.Goroutines)
	table := built(micro.ShadowManual, parents, o.Goroutines)
	defer table.Close()
	floor := micro.NewTwoLoadFloor(n)
	ns := o.interleave("scaling", n,
		o.getting(1, picks, table.Get), o.getting(o.Goroutines, picks, table.Get),
		o.getting(o.Goroutines, picks, floor.Get), o.getting(1, picks, floor.Get))
	// One goroutine's time over that of many, both per worker, is the scaling over the number of workers.
	shadow, base := measure.Ratios(ns[0], ns[1]), measure.Ratios(ns[3], ns[2])
	return []Result{{
		What: fmt.Sprintf("%d goroutines to 1, Get, part of the floor's", o.Goroutines), N: n, Unit: "×",
		Measured: fmt.Sprintf("%.2f / %.2f ×", measure.Median(shadow)*float64(o.Goroutines), measure.Median(base)*float64(o.Goroutines)),
		Value:    measure.Summarize(measure.Ratios(shadow, base)),
		goal:     goal{bar: 0.95, stretch: 1},
	}}
}
