package gctest

import (
	"runtime"
	"sync"
	"testing"
	"time"

	"github.com/shadowvars/shadow"
	"github.com/shadowvars/shadow/internal/atomic"
)

// grown is by how many bytes the heap is bigger after f than before.
func grown(f func()) int64 {
	before := heap()
	f()
	return heap() - before
}

func TestEpochsLeaveNothing(t *testing.T) {
	// Ensure that FreeAll, and opening and closing, leave nothing behind however often: each uses up a class number, and 24 bytes for each would be
	// 2.4 MB here.
	if testing.Short() || racing || atomic.Exploring {
		t.Skip("not in short mode, where collections may be slowed by GODEBUG; the race detector takes memory of its own; in an instrumented build segments have two slots")
	}
	const n = 100_000
	s := space(t)
	v := shadow.MustNew(1, &shadow.Options[object, uint64]{Space: s, Lifetime: shadow.Manual})
	obj := new(object)
	for name, f := range map[string]func(){
		"FreeAll": func() {
			must(v.Alloc(obj, nil))
			v.FreeAll()
		},
		"New and Close": func() {
			shadow.MustNew(2, &shadow.Options[object, uint64]{Space: s, Lifetime: shadow.Manual}).Close()
		},
	} {
		rounds := func() {
			for i := range n {
				f()
				if i%(n/10) == 0 {
					runtime.GC()
				}
			}
		}
		rounds() // what waits for the collector between two looks stays about the same
		if bytes := grown(rounds); bytes > 1<<20 {
			t.Errorf("%d times %s leave %d bytes", n, name, bytes)
		}
	}
	runtime.KeepAlive(s)
}

func TestOperationThatLasts(t *testing.T) {
	// Ensure that an operation which does not end keeps little of what comes and goes meanwhile: here the body of a loop, and a constructor. When directories
	// themselves were the list that shows how long an operation runs, each of them kept 20 MB and more.
	if testing.Short() || racing || atomic.Exploring {
		t.Skip("not in short mode; the race detector takes memory of its own, and in an instrumented build segments have two slots")
	}
	const n = 1_000_000
	v, _ := open[object, linked](t, shadow.Manual, nil)
	first, second, other := new(object), new(object), new(object)
	must(v.Alloc(first, nil))
	churn := func() {
		for range n {
			must(v.Alloc(other, nil))
			v.Free(other)
		}
	}
	for range v.All() {
		if bytes := grown(churn); bytes > 4<<20 {
			t.Errorf("the body of a loop keeps %d bytes", bytes)
		}
		break
	}
	must(v.AllocFunc(second, func(*linked) error {
		if bytes := grown(churn); bytes > 1<<20 {
			t.Errorf("a constructor keeps %d bytes", bytes)
		}
		return nil
	}))
	objects := family(10_000)
	grow := func() {
		for range 20 {
			for _, o := range objects {
				must(v.Alloc(o, nil))
			}
			for _, o := range objects {
				v.Free(o)
			}
		}
	}
	grow()
	third := new(object)
	var waiter sync.WaitGroup
	must(v.AllocFunc(third, func(*linked) error {
		if bytes := grown(grow); bytes > 1<<20 {
			t.Errorf("a constructor during which the table grows and shrinks keeps %d bytes", bytes)
		}
		waiter.Go(func() { v.GetOrAlloc(third, nil) })
		time.Sleep(100 * time.Millisecond) // by now it waits, most probably
		if bytes := grown(grow); bytes > 1<<20 {
			t.Errorf("who waits for a constructor during which the table grows and shrinks keeps %d bytes", bytes)
		}
		return nil
	}))
	waiter.Wait()
	runtime.KeepAlive([]*object{first, second, third})
	runtime.KeepAlive(objects)
}
