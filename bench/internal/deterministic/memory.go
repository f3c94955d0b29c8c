// Package deterministic measures what comes out the same on a busy machine and on an idle one: allocations, bytes, writes of shared
// words, instructions. They are kept in a baseline, in Go's benchmark format, and a check compares with that; nothing here is a time.
package deterministic

import (
	"fmt"
	"math/rand/v2"
	"runtime"
	"runtime/debug"
	"time"

	"github.com/shadowvars/shadow"
	"github.com/shadowvars/shadow/bench/internal/measure"
)

type parent struct{ words [6]*byte }

type data struct{ a, b uint64 }

var lifetimes = []shadow.Lifetime{shadow.Collected, shadow.Pinned, shadow.Manual}

// Measure is one figure under the name of a benchmark.
type Measure struct {
	Name  string // without "Benchmark"
	Unit  string
	Value float64
}

func newParents(n int) []*parent {
	parents := make([]*parent, n)
	for i := range parents {
		parents[i] = new(parent)
	}
	return parents
}

func open(lifetime shadow.Lifetime, presize int) (*shadow.Space, *shadow.Var[parent, data]) {
	space := shadow.NewSpace(&shadow.SpaceOptions{Presize: presize})
	return space, shadow.MustNew(1, &shadow.Options[parent, data]{Space: space, Lifetime: lifetime})
}

// must stops a measurement of something that did not happen.
func must(done bool) {
	if !done {
		panic("deterministic: the operation did something else")
	}
}

// allocated is how many operations an average is taken over: enough that the segments of a slab have their full size.
const allocated = 1 << 16

// Allocations measures the objects that one operation allocates: nothing where nothing is attached, and in the mean over many where it is.
func Allocations() (measures []Measure) {
	defer debug.SetGCPercent(debug.SetGCPercent(-1))
	for _, lifetime := range lifetimes {
		runtime.GC()
		space, v := open(lifetime, 4*allocated)
		parents, strangers := newParents(allocated), newParents(16)
		found := make([]*data, 16)
		for _, o := range []struct {
			name string
			do   func(i int)
		}{
			// In this order: each finds what the one before has left.
			{"alloc", func(i int) { _, err := v.Alloc(parents[i], nil); must(err == nil) }},
			{"get-hit", func(i int) { must(v.Get(parents[i]) != nil) }},
			{"get-miss", func(i int) { must(v.Get(strangers[i%16]) == nil) }},
			{"get-batch", func(i int) { must(v.GetBatch(parents[i/16*16:i/16*16+16], found) == 16) }},
			{"getoralloc-hit", func(i int) { _, loaded, err := v.GetOrAlloc(parents[i], nil); must(loaded && err == nil) }},
			{"free", func(i int) { must(v.Free(parents[i])) }},
			{"alloc-again", func(i int) { _, err := v.Alloc(parents[i], nil); must(err == nil) }},
			{"take", func(i int) { must(v.Take(parents[i]) != nil) }},
		} {
			value := mallocs(func() {
				for i := range allocated {
					o.do(i)
				}
			}) / allocated
			measures = append(measures, Measure{fmt.Sprintf("Allocations/op=%s/life=%v", o.name, lifetime), "allocs/op", value})
		}
		space.Close()
		runtime.KeepAlive(parents)
	}
	return measures
}

// mallocs is how many objects f allocates. The runtime allocates a few now and then on its own account; over so many
// operations they do not show in the figures that are kept.
func mallocs(f func()) float64 {
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	f()
	runtime.ReadMemStats(&after)
	return float64(after.Mallocs - before.Mallocs)
}

// weighed is how many variables are weighed, and survivors how many of them live after the rounds of churn.
const (
	weighed    = 1 << 19
	churned    = 1 << 17
	churnOf    = 10 // one in so many survives a round
	churnTimes = 5
)

// Bytes measures the live heap per variable: of a table that was presized, of one that grew from nothing, and after rounds in which a
// random nine of ten were freed and as many attached again. What the runtime keeps of weak pointers outside the heap is not in it.
func Bytes() (measures []Measure) {
	for _, lifetime := range lifetimes {
		for _, way := range []struct {
			name string
			n    int
			work func(v *shadow.Var[parent, data], parents []*parent)
		}{
			{"presized", weighed, attachAll},
			{"grown", weighed, attachAll},
			{"churned", churned, churn},
		} {
			presize := 0
			if way.name == "presized" {
				presize = way.n
			}
			bytes := weigh(lifetime, presize, newParents(way.n), way.work)
			measures = append(measures, Measure{fmt.Sprintf("Bytes/table=%s/life=%v", way.name, lifetime), "B/var", bytes / float64(way.n)})
		}
	}
	return measures
}

// weigh is what the heap grows by. It is a function of its own, so that nothing of the one before is left on the stack.
//
//go:noinline
func weigh(lifetime shadow.Lifetime, presize int, parents []*parent, work func(v *shadow.Var[parent, data], parents []*parent)) float64 {
	before := atRest()
	space, v := open(lifetime, presize)
	work(v, parents)
	must(v.Len() == len(parents))
	after := atRest()
	space.Close()
	runtime.KeepAlive(parents)
	return float64(after) - float64(before)
}

// atRest is the live heap once it no longer shrinks: cleanups and reapers let go of what a space held some time after it was closed.
func atRest() uint64 {
	const most = 20 // looks: a heap that never rests is a wrong figure, and no reason to hang
	least := measure.LiveHeap()
	for range most {
		time.Sleep(5 * time.Millisecond)
		now := measure.LiveHeap()
		if now+weighed/100 >= least {
			return now
		}
		least = now
	}
	return least
}

func attachAll(v *shadow.Var[parent, data], parents []*parent) {
	for _, p := range parents {
		_, err := v.Alloc(p, nil)
		must(err == nil)
	}
}

func churn(v *shadow.Var[parent, data], parents []*parent) {
	attachAll(v, parents)
	source := rand.New(rand.NewPCG(1, 2))
	for range churnTimes {
		for _, p := range parents {
			if source.IntN(churnOf) > 0 {
				must(v.Free(p))
			}
		}
		for _, p := range parents {
			_, _, err := v.GetOrAlloc(p, nil)
			must(err == nil)
		}
	}
}
