package shadow_test

import (
	"errors"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/shadowvars/shadow"
)

// scene is a class in the middle of a call that calls back: what a fault strikes.
type scene struct {
	*env
	class
	victim     *conn   // the object of the call
	bystanders []*conn // others, each with a variable
	strike     func()  // what the callback has to call
	armed      bool    // whether the destructor strikes
}

// callbacks are the points at which the library runs a user's function: each run calls strike there once. present says whether the victim
// has a variable afterwards, if the callback did not return and if it did.
var callbacks = []struct {
	name            string
	attached        bool // the victim has a variable before
	run             func(s *scene)
	cut, whole      bool
	othersCut, rest bool // whether the bystanders keep theirs, likewise
}{
	{"ctor of AllocFunc", false, func(s *scene) { s.AllocFunc(s.victim, s.ctor) }, false, true, true, true},
	{"ctor of GetOrAllocFunc", false, func(s *scene) { s.GetOrAllocFunc(s.victim, s.ctor) }, false, true, true, true},
	{"ctor that FreeAll overtakes", false, func(s *scene) {
		s.AllocFunc(s.victim, func(*note) error {
			s.FreeAll()
			s.strike()
			return nil
		})
	}, false, false, false, false},
	{"Destroy of Free", true, func(s *scene) { s.armed = true; s.Free(s.victim) }, false, false, true, true},
	{"Destroy of FreeIf", true, func(s *scene) { s.armed = true; s.FreeIf(s.victim, s.Get(s.victim)) }, false, false, true, true},
	{"Destroy of FreeObject", true, func(s *scene) { s.armed = true; s.space.FreeObject(s.victim) }, false, false, true, true},
	{"Destroy of FreeAll", true, func(s *scene) { s.armed = true; s.FreeAll() }, false, false, false, false},
	{"Destroy of an attach that FreeAll overtook", false, func(s *scene) {
		s.AllocFunc(s.victim, func(*note) error {
			s.FreeAll()
			s.armed = true
			return nil
		})
	}, false, false, false, false},
	{"f of FreeFunc", true, func(s *scene) {
		s.FreeFunc(func(*conn, *note) bool { s.strike(); return false })
	}, true, true, true, true},
	{"Destroy of FreeFunc", true, func(s *scene) {
		s.armed = true
		data := s.Get(s.victim)
		s.FreeFunc(func(_ *conn, d *note) bool { return d == data })
	}, false, false, true, true},
	{"body of All", true, func(s *scene) {
		for range s.All() {
			s.strike()
		}
	}, true, true, true, true},
	{"body of Classes", true, func(s *scene) {
		for range s.space.Classes() {
			s.strike()
		}
	}, true, true, true, true},
}

func (s *scene) ctor(*note) error { s.strike(); return nil }

// faults are what a callback does instead of what it should. Each is told to happen, and must be seen, at its first chance only.
var faults = []struct {
	name    string
	happens func()
	returns bool
	seen    func(t *testing.T, f func())
}{
	{"panic", func() { panic(errFault) }, false, func(t *testing.T, f func()) { wantPanic(t, errFault, f) }},
	{"Goexit", runtime.Goexit, false, func(t *testing.T, f func()) {
		if !exits(f) {
			t.Error("the goroutine was not ended")
		}
	}},
	{"a collection", func() { runtime.GC(); runtime.GC() }, true, func(_ *testing.T, f func()) { f() }},
}

var errFault = errors.New("a fault")

func TestFaults(t *testing.T) {
	// Ensure that a callback that panics, exits its goroutine or meets two collections, at every point at which the library calls back, is seen
	// by the caller as such, holds nobody up, and leaves everything as it must be.
	each(t, func(t *testing.T, e *env) {
		for _, point := range callbacks {
			for _, fault := range faults {
				t.Run(point.name+", "+fault.name, func(t *testing.T) {
					s := newScene(t, e, point.attached, fault.happens)
					fault.seen(t, func() { point.run(s) })
					present, others := point.cut, point.othersCut
					if fault.returns {
						present, others = point.whole, point.rest
					}
					s.armed = false
					s.check(t, present, others)
				})
			}
		}
	})
}

// newScene opens a class whose destructor strikes, once it is armed.
func newScene(t *testing.T, e *env, attached bool, happens func()) *scene {
	s := &scene{env: e, victim: e.conn()}
	struck := false
	s.strike = func() {
		if !struck {
			struck = true
			happens()
		}
	}
	s.class = e.open(t, settings{destroy: func(*conn, *note) {
		if s.armed {
			s.strike()
		}
	}})
	t.Cleanup(func() {
		if !struck {
			t.Error("the callback was not called")
		}
		s.Close()
	})
	if attached {
		must(t)(s.Alloc(s.victim, nil))
	}
	for range 40 {
		s.bystanders = append(s.bystanders, e.conn())
		must(t)(s.Alloc(s.bystanders[len(s.bystanders)-1], nil))
	}
	return s
}

// check looks at everything, from another goroutine, as those would who must not be held up.
func (s *scene) check(t *testing.T, present, others bool) {
	t.Helper()
	run(1, func(int) {
		want := 0
		for _, o := range s.bystanders {
			if s.Has(o) != others {
				t.Errorf("a bystander has a variable: %v", !others)
				return
			}
			if others {
				want++
			}
		}
		if present {
			want++
		}
		if s.Has(s.victim) != present || s.Len() != want {
			t.Errorf("present %v, want %v; Len %d, want %d", s.Has(s.victim), present, s.Len(), want)
		}
		if s.Free(s.victim) != present {
			t.Errorf("Free is %v", !present)
		}
		if _, err := s.Alloc(s.victim, nil); err != nil { // which does not wait, should the pair be left under construction
			t.Error(err)
			return
		}
		s.Free(s.victim)
		s.space.Purge()
		p, loaded, err := s.GetOrAllocFunc(s.victim, func(d *note) error { d.n = 5; return nil })
		if err != nil || loaded || p.n != 5 || s.Get(s.victim) != p {
			t.Errorf("constructed again: %v, %v, %v", p, loaded, err)
		}
		if n := s.FreeFunc(func(*conn, *note) bool { return true }); others && n != len(s.bystanders)+1 {
			t.Errorf("FreeFunc ends %d variables", n)
		}
	})
}

func TestFaultsInTheBackground(t *testing.T) {
	// Ensure that a destructor of a collected object's data that exits its goroutine keeps no other from being run, in Reap and behind it.
	for name, reap := range map[string]func(s *shadow.Space) int{
		"Reap":           (*shadow.Space).Reap,
		"the background": func(*shadow.Space) int { return 0 },
	} {
		t.Run(name, func(t *testing.T) {
			s := shadow.NewSpace(nil)
			var calls, faulty atomic.Int64
			v := shadow.MustNew(1, &shadow.Options[conn, note]{Space: s, Destroy: func(_ *conn, d *note) {
				calls.Add(1)
				if d.n%10 == 0 {
					faulty.Add(1)
					runtime.Goexit()
				}
			}})
			const n = 100
			func() {
				for i := range n {
					must(t)(v.Alloc(new(conn), &note{n: i}))
				}
			}()
			for cycle := 0; cycle < 100 && calls.Load() < n; cycle++ {
				runtime.GC()
				exits(func() { reap(s) })
			}
			if calls.Load() != n || faulty.Load() != n/10 || v.Len() != 0 {
				t.Fatalf("%d destroyed, %d of them faulty, %d left", calls.Load(), faulty.Load(), v.Len())
			}
		})
	}
}

func TestSpaceDroppedInUse(t *testing.T) {
	// Ensure that nothing but a handle is needed to go on with a space: in a loop, in a constructor, in other goroutines, with collections all the while.
	each(t, func(t *testing.T, e *env) {
		var destroyed atomic.Int64
		c := (&env{space: shadow.NewSpace(nil), lifetime: e.lifetime, kind: e.kind}).open(t, settings{destroy: func(*conn, *note) { destroyed.Add(1) }})
		objs := parents(300)
		for i, obj := range objs {
			must(t)(c.Alloc(obj, &note{n: i}))
		}
		var stop atomic.Bool
		var others sync.WaitGroup
		others.Go(func() {
			for !stop.Load() {
				for i, obj := range objs {
					if p := c.Get(obj); p == nil || p.n != i {
						t.Errorf("object %d has %v", i, p)
						return
					}
				}
			}
		})
		loops := 0
		for range c.All() {
			if loops++; loops%100 == 0 {
				runtime.GC()
			}
		}
		extra := new(conn)
		must(t)(c.AllocFunc(extra, func(*note) error {
			runtime.GC()
			runtime.GC()
			return nil
		}))
		stop.Store(true)
		others.Wait()
		if n := c.Len(); n != len(objs)+1 || loops != len(objs) {
			t.Fatalf("%d variables, a loop over %d", n, loops)
		}
		if n := c.Close(); n != len(objs)+1 || int(destroyed.Load()) != n {
			t.Fatalf("Close ends %d, %d destroyed", n, destroyed.Load())
		}
		runtime.KeepAlive(objs)
	})
}

func TestHugeArray(t *testing.T) {
	// Ensure that a table whose next array is so big that it takes long to allocate loses nothing and answers meanwhile: what others
	// attach, find and free while it is made.
	n := 400_000
	if testing.Short() || instrumented {
		n = 25_000
	}
	v := shadow.MustNew(1, &shadow.Options[conn, int]{Space: shadow.NewSpace(nil), Lifetime: shadow.Manual})
	objs := make([]conn, n)
	var grown atomic.Bool
	var others sync.WaitGroup
	others.Go(func() { // its own pairs come and go throughout
		own := parents(64)
		for i := 0; !grown.Load(); i++ {
			obj := own[i%len(own)]
			if p, err := v.Alloc(obj, &i); err != nil || v.Get(obj) != p || *p != i {
				t.Errorf("attached %v, %v", p, err)
				return
			}
			if !v.Free(obj) || v.Has(obj) {
				t.Error("not freed")
				return
			}
		}
	})
	run(2, func(k int) {
		for i := k; i < n; i += 2 {
			if _, err := v.Alloc(&objs[i], &i); err != nil {
				t.Error(err)
				return
			}
			if p := v.Get(&objs[i/2&^1+k]); i > 2 && (p == nil || *p != i/2&^1+k) {
				t.Errorf("object %d has %v while the table grows", i/2&^1+k, p)
				return
			}
		}
	})
	grown.Store(true)
	others.Wait()
	for i := range objs {
		if p := v.Get(&objs[i]); p == nil || *p != i {
			t.Fatalf("object %d has %v", i, p)
		}
	}
	if got := v.FreeAll(); got != n {
		t.Fatalf("FreeAll = %d, want %d", got, n)
	}
	runtime.KeepAlive(objs)
}
