package gctest

import (
	"fmt"
	"math/rand/v2"
	"runtime"
	"slices"
	"sync"
	"testing"
	"time"
	"unsafe"
	"weak"

	"github.com/shadowvars/shadow"
)

// cost is what a collection takes: wall time of the collection, and processor time including what it sets off.
type cost struct{ wall, processor time.Duration }

// cycle is the median of some collections.
func cycle() cost {
	const cycles = 9
	var walls, processors []time.Duration
	runtime.GC()
	runtime.GC()
	for range cycles {
		time.Sleep(30 * time.Millisecond) // for the walk of the previous one
		cpu, start := processorTime(), time.Now()
		runtime.GC()
		walls = append(walls, time.Since(start))
		time.Sleep(60 * time.Millisecond)
		processors = append(processors, processorTime()-cpu)
	}
	slices.Sort(walls)
	slices.Sort(processors)
	return cost{walls[cycles/2], processors[cycles/2]}
}

// contestant attaches 16 bytes to each object in some way and returns what keeps that. With churn it frees and attaches again.
type contestant struct {
	name   string
	attach func(objects []*object, churn bool) any
}

func inShadow(l shadow.Lifetime) func([]*object, bool) any {
	return func(objects []*object, churn bool) any {
		c := newLoad(l, objects, data16)
		c.attach(objects)
		if churn {
			shuffled := slices.Clone(objects)
			for range 5 {
				rand.Shuffle(len(shuffled), func(i, j int) { shuffled[i], shuffled[j] = shuffled[j], shuffled[i] })
				c.free(shuffled[:len(shuffled)/10*9])
				c.attach(shuffled[:len(shuffled)/10*9])
			}
		}
		return c
	}
}

var contestants = []contestant{
	{"Manual", inShadow(shadow.Manual)},
	{"Pinned", inShadow(shadow.Pinned)},
	{"Collected", inShadow(shadow.Collected)},
	{"map of pointers", func(objects []*object, _ bool) any {
		m := map[unsafe.Pointer]*[2]uint64{}
		for _, o := range objects {
			// Safety: a map's key; nobody follows it.
			m[unsafe.Pointer(o)] = new([2]uint64)
		}
		return m
	}},
	{"bare weak handles", func(objects []*object, churn bool) any {
		handles := make([]weak.Pointer[object], len(objects))
		for i, o := range objects {
			handles[i] = weak.Make(o)
		}
		if churn {
			rand.Shuffle(len(handles), func(i, j int) { handles[i], handles[j] = handles[j], handles[i] })
		}
		return handles
	}},
	{"standard idiom", func(objects []*object, _ bool) any {
		var m sync.Map
		for _, o := range objects {
			m.Store(weak.Make(o), new([2]uint64))
		}
		return &m
	}},
}

func TestMeasureCollector(t *testing.T) {
	// Ensure nothing: print what each way to attach 16 bytes adds to a collection, in nanoseconds per variable, medians of interleaved rounds.
	measuring(t)
	const rounds = 3
	n := times(1_000_000)
	wall, processor := map[string][]float64{}, map[string][]float64{}
	for range rounds {
		for _, churn := range []bool{false, true} {
			for _, c := range contestants {
				objects := make([]*object, n)
				for i := range objects {
					objects[i] = new(object)
				}
				before := cycle()
				kept := c.attach(objects, churn)
				after := cycle()
				runtime.KeepAlive(kept)
				runtime.KeepAlive(objects)
				name := fmt.Sprintf("%-18s churned %v", c.name, churn)
				wall[name] = append(wall[name], float64(after.wall-before.wall)/float64(n))
				processor[name] = append(processor[name], float64(after.processor-before.processor)/float64(n))
			}
		}
	}
	for _, churn := range []bool{false, true} {
		for _, c := range contestants {
			name := fmt.Sprintf("%-18s churned %v", c.name, churn)
			slices.Sort(wall[name])
			slices.Sort(processor[name])
			t.Logf("%-34s wall %6.1f ns  processor %6.1f ns   %.1f", name, wall[name][rounds/2], processor[name][rounds/2], processor[name])
		}
	}
}

func TestMeasureReap(t *testing.T) {
	// Ensure nothing: print what a walk over living parents takes, in nanoseconds of processor time per variable, fresh and after churn.
	measuring(t)
	objects := make([]*object, times(1_000_000))
	for i := range objects {
		objects[i] = new(object)
	}
	for _, churn := range []bool{false, true} {
		l := inShadow(shadow.Collected)(objects, churn).(*load[[2]uint64])
		var walks []time.Duration
		for range 9 {
			start := processorTime()
			l.s.Reap()
			walks = append(walks, processorTime()-start)
		}
		slices.Sort(walks)
		t.Logf("churned %v: %.1f ns", churn, float64(walks[len(walks)/2])/float64(len(objects)))
		l.close()
	}
	runtime.KeepAlive(objects)
}

func BenchmarkGet(b *testing.B) {
	for _, n := range []int{1 << 16, 1 << 20} {
		objects := make([]*object, n)
		for i := range objects {
			objects[i] = new(object)
		}
		s := shadow.NewSpace(nil)
		v := shadow.MustNew(1, &shadow.Options[object, [2]uint64]{Space: s})
		var idiom sync.Map
		for _, o := range objects {
			must(v.Alloc(o, nil))
			idiom.Store(weak.Make(o), new([2]uint64))
		}
		rand.Shuffle(n, func(i, j int) { objects[i], objects[j] = objects[j], objects[i] })
		runtime.GC()
		look := func(get func(o *object) *[2]uint64) func(b *testing.B) {
			return func(b *testing.B) {
				i := 0
				for b.Loop() {
					if get(objects[i&(n-1)]) == nil {
						b.Fatal("not found")
					}
					i++
				}
			}
		}
		b.Run(fmt.Sprintf("Collected/%d", n), look(v.Get))
		b.Run(fmt.Sprintf("idiom/%d", n), look(func(o *object) *[2]uint64 {
			p, _ := idiom.Load(weak.Make(o))
			return p.(*[2]uint64)
		}))
		runtime.KeepAlive(s)
	}
}
