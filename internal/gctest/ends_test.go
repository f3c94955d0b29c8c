package gctest

import (
	"runtime"
	"runtime/metrics"
	"sync/atomic"
	"testing"
	"time"
	"weak"

	"github.com/shadowvars/shadow"
)

// TestEnds: without the reaper's walks, and without a new sentinel after each cycle, it failed in 3 of 3 runs (November 2026, Go 1.26.8).
func TestEnds(t *testing.T) {
	// Ensure (G7, G15) that variables of unreachable parents end by themselves, each with one Destroy and no parent, by the second completed
	// collection in the best of ten attempts: no single one can be relied on to see the parents unreachable at once.
	const n, attempts = 1000, 10
	var ended ledger
	v, s := open(t, shadow.Collected, func(o *object, p *uint64) {
		if o != nil {
			t.Error("Destroy was given a collected parent")
		}
		ended.add(*p)
	})
	best := 100
	for attempt := range attempts {
		apart(func() {
			for i := range n {
				tag := uint64(attempt*n + i + 1)
				must(v.Alloc(new(object), &tag))
			}
		})
		all, cycles := (attempt+1)*n, 0
		eventually(t, "all end", func() bool {
			// The walk runs after the collection; give it time before the next.
			for wait := time.Now().Add(100 * time.Millisecond); ended.total() < all && time.Now().Before(wait); {
				time.Sleep(time.Millisecond)
			}
			cycles++
			return ended.total() == all
		})
		best = min(best, cycles-1)
		if what := ended.wrong(all); what != "" {
			t.Fatal(what)
		}
		if st := s.Stats(); st.Live != 0 || st.Collected != int64(all) || v.Len() != 0 {
			t.Fatalf("statistics: %+v", st)
		}
	}
	t.Logf("after %d collections", best)
	if best > 2 {
		t.Errorf("detected after %d collections at best", best)
	}
}

func TestReap(t *testing.T) {
	// Ensure that Reap ends at once what belonged to collected parents, destroys it before it returns, and leaves the living alone.
	for range 20 {
		var ended ledger
		v, s := open(t, shadow.Collected, func(_ *object, p *uint64) { ended.add(*p) })
		const n = 500
		kept := make([]*object, 100)
		for i := range kept {
			kept[i] = new(object)
			must(v.Alloc(kept[i], nil))
		}
		apart(func() {
			for tag := range uint64(n) {
				tag++
				must(v.Alloc(new(object), &tag))
			}
		})
		reaped := 0
		eventually(t, "all are reaped", func() bool {
			reaped += s.Reap()
			return s.Stats().Collected == n
		})
		eventually(t, "all are destroyed", func() bool { return ended.total() == n })
		if what := ended.wrong(n); what != "" || reaped > n {
			t.Fatal(what, reaped)
		}
		for _, o := range kept {
			if v.Get(o) == nil {
				t.Fatal("Reap ended a living parent's variable")
			}
		}
		if v.Len() != len(kept) {
			t.Fatal("left:", v.Len())
		}
	}
}

func TestReapDestroysItself(t *testing.T) {
	// Ensure that what Reap counts was destroyed by its own goroutine, before it returned.
	for range 50 {
		var destroyed atomic.Int64
		v, s := open(t, shadow.Collected, func(*object, *uint64) { destroyed.Add(1) })
		apart(func() {
			for range 100 {
				must(v.Alloc(new(object), nil))
			}
		})
		runtime.GC()
		if n := s.Reap(); destroyed.Load() < int64(n) {
			t.Fatalf("Reap counts %d, %d are destroyed", n, destroyed.Load())
		}
	}
}

func TestFinalizer(t *testing.T) {
	// Ensure (G15) that in its own finalizer an object has no variables any more, can be given new ones, and keeps those if it is revived.
	var ended ledger
	v, s := open(t, shadow.Collected, func(_ *object, p *uint64) { ended.add(*p) })
	revived := make(chan *object, 100)
	apart(func() {
		for tag := range uint64(cap(revived)) {
			tag++
			o := new(object)
			must(v.Alloc(o, &tag))
			runtime.SetFinalizer(o, func(o *object) {
				if v.Get(o) != nil || v.Has(o) || v.Free(o) || v.Take(o) != nil {
					t.Error("the variable is there in the parent's finalizer")
				}
				second := tag + 1000
				if _, err := v.Alloc(o, &second); err != nil {
					t.Error(err)
				}
				o.number = second
				revived <- o
			})
		}
	})
	eventually(t, "all finalizers run", func() bool { return len(revived) == cap(revived) })
	eventually(t, "all first variables end", func() bool { return ended.total() == cap(revived) })
	objects := make([]*object, 0, cap(revived))
	for range cap(revived) {
		objects = append(objects, <-revived)
	}
	for range 3 {
		runtime.GC()
		s.Reap()
	}
	for _, o := range objects {
		if p := v.Get(o); p == nil || *p != o.number {
			t.Fatal("a revived object has lost its second variable")
		}
	}
	if what := ended.wrong(cap(revived)); what != "" {
		t.Error(what)
	}
	objects = nil
	eventually(t, "all second variables end", func() bool { return s.Stats().Live == 0 })
}

// cleanups is how many cleanups the collector has queued.
func cleanups() uint64 {
	sample := []metrics.Sample{{Name: "/gc/cleanups/queued:cleanups"}}
	metrics.Read(sample)
	return sample[0].Value.Uint64()
}

// perCycle is how many cleanups a collection queues, at least, while nothing dies but what is armed for each cycle. On a busy machine one may be armed too late for its
// cycle, so a figure is waited for.
func perCycle() uint64 {
	least := ^uint64(0)
	for range 5 {
		before := cleanups()
		runtime.GC()
		time.Sleep(2 * time.Millisecond)
		least = min(least, cleanups()-before)
	}
	return least
}

func TestNothingRuns(t *testing.T) {
	// Ensure that a space without an open Collected class has no sentinel and no goroutine, that one with such a class
	// has a sentinel and no lasting goroutine, and that closing the class ends that.
	eventually(t, "earlier tests' spaces have gone", func() bool { return perCycle() == 0 })
	goroutines := runtime.NumGoroutine()
	v, s := open[object, uint64](t, shadow.Pinned, nil)
	w := shadow.MustNew(2, &shadow.Options[object, uint64]{Space: s, Lifetime: shadow.Manual})
	o := new(object)
	must(v.Alloc(o, nil))
	must(w.Alloc(o, nil))
	eventually(t, "nothing runs", func() bool { return perCycle() == 0 })

	c := shadow.MustNew(3, &shadow.Options[object, uint64]{Space: s})
	eventually(t, "one sentinel with a Collected class", func() bool { return perCycle() == 1 })
	c2 := shadow.MustNew(4, &shadow.Options[object, uint64]{Space: s})
	must(c.Alloc(o, nil))
	eventually(t, "one sentinel with two Collected classes", func() bool { return perCycle() == 1 })
	c.Close()
	eventually(t, "one sentinel with one of two Collected classes closed", func() bool { return perCycle() == 1 })
	c2.Close()
	eventually(t, "the sentinel has gone", func() bool { return perCycle() == 0 })
	c3 := shadow.MustNew(5, &shadow.Options[object, uint64]{Space: s})
	eventually(t, "one sentinel with a Collected class opened again", func() bool { return perCycle() == 1 })
	eventually(t, "no goroutine is left", func() bool { return runtime.NumGoroutine() <= goroutines })
	if c3.Has(o) {
		t.Error("a new class is not empty")
	}
	runtime.KeepAlive(s)
}

// TestSpaceEnds: with a sentinel that holds its space it failed in 3 of 3 runs (November 2026, Go 1.26.8).
func TestSpaceEnds(t *testing.T) {
	// Ensure (G5, G7) that a space nobody can reach is collected with its classes, its data and all that runs for it, and
	// calls no Destroy, though its parents live.
	objects := make([]*object, 1000)
	for i := range objects {
		objects[i] = new(object)
	}
	var gone weak.Pointer[shadow.Space]
	var data weak.Pointer[plain]
	apart(func() {
		s := space(t)
		gone = weak.Make(s)
		for i, l := range lifetimes {
			v := shadow.MustNew(shadow.ID(i), &shadow.Options[object, linked]{
				Space: s, Lifetime: l,
				Destroy: func(*object, *linked) { t.Error("Destroy was called") },
			})
			for _, o := range objects {
				p := must(v.Alloc(o, &linked{1, &plain{1, 1}}))
				data = weak.Make(p.more)
			}
			for _, o := range objects[:300] {
				v.Take(o)
			}
		}
	})
	eventually(t, "the space is collected", func() bool { return gone.Value() == nil })
	eventually(t, "its data is collected", func() bool { return data.Value() == nil })
	runtime.KeepAlive(objects)
}

func TestBlockedRuntime(t *testing.T) {
	// Ensure that dead parents are found while another's cleanup, or another's finalizer, blocks all that come after it. The runtime itself can lose cleanups
	// likewise, when GOMAXPROCS is lowered. With only a cleanup, or only a finalizer, in atomic.AfterCollection this fails in each run.
	block := func(register func(o *object, f func())) (release func()) {
		var begun, done = make(chan struct{}), make(chan struct{})
		apart(func() {
			register(new(object), func() {
				close(begun)
				<-done
			})
		})
		eventually(t, "it blocks", func() bool {
			select {
			case <-begun:
				return true
			default:
				return false
			}
		})
		return func() { close(done) }
	}
	for _, test := range []struct {
		name     string
		register func(o *object, f func())
	}{
		{"cleanup", func(o *object, f func()) { runtime.AddCleanup(o, func(f func()) { f() }, f) }},
		{"finalizer", func(o *object, f func()) { runtime.SetFinalizer(o, func(*object) { f() }) }},
	} {
		t.Run(test.name, func(t *testing.T) {
			v, _ := open[object, uint64](t, shadow.Collected, nil)
			release := block(test.register)
			defer release()
			apart(func() {
				for range 100 {
					must(v.Alloc(new(object), nil))
				}
			})
			eventually(t, "all parents found dead", func() bool { return v.Len() == 0 })
		})
	}
}
