package gctest

import (
	"runtime"
	"testing"
	"weak"

	"github.com/shadowvars/shadow"
)

// ending is a way in which half of the variables of a class end: those of the objects that are given.
type ending struct {
	name string
	all  bool              // it ends the others, too
	only []shadow.Lifetime // nil: all
	end  func(s *shadow.Space, v *shadow.Var[object, linked], objects []*object)
}

var endings = []ending{
	{name: "Free", end: func(_ *shadow.Space, v *shadow.Var[object, linked], objects []*object) {
		for _, o := range objects {
			v.Free(o)
		}
	}},
	{name: "FreeIf", end: func(_ *shadow.Space, v *shadow.Var[object, linked], objects []*object) {
		for _, o := range objects {
			v.FreeIf(o, v.Get(o))
		}
	}},
	{name: "FreeFunc", end: func(_ *shadow.Space, v *shadow.Var[object, linked], objects []*object) {
		v.FreeFunc(func(_ *object, p *linked) bool { return p.tag == 1 })
	}},
	{name: "FreeObject", end: func(s *shadow.Space, _ *shadow.Var[object, linked], objects []*object) {
		for _, o := range objects {
			s.FreeObject(o)
		}
	}},
	{name: "Take", end: func(_ *shadow.Space, v *shadow.Var[object, linked], objects []*object) {
		for _, o := range objects {
			v.Take(o)
		}
	}},
	{name: "Move and Free", end: func(_ *shadow.Space, v *shadow.Var[object, linked], objects []*object) {
		for _, o := range objects {
			other := new(object)
			must(v.Move(other, o))
			v.Free(other)
		}
	}},
	{name: "FreeAll", all: true, end: func(_ *shadow.Space, v *shadow.Var[object, linked], _ []*object) { v.FreeAll() }},
	{name: "Close", all: true, end: func(_ *shadow.Space, v *shadow.Var[object, linked], _ []*object) { v.Close() }},
	{name: "Space.Close", all: true, end: func(s *shadow.Space, _ *shadow.Var[object, linked], _ []*object) { s.Close() }},
	{name: "collection", only: []shadow.Lifetime{shadow.Collected}, end: func(s *shadow.Space, _ *shadow.Var[object, linked], objects []*object) {
		clear(objects)
	}},
}

// TestRetention: with data that holds pointers put into chunks of several slots it failed in 3 of 3 runs, with the pointer
// to a Pinned parent left in the slot, too (November 2026, Go 1.26.8).
func TestRetention(t *testing.T) {
	// Ensure (G5) that two collections after a variable has ended what its data points to is collected, and its parent if nobody
	// else has it, though its neighbours in memory live on.
	inLifetimes(t, func(t *testing.T, l shadow.Lifetime) {
		for _, e := range endings {
			if e.only != nil && e.only[0] != l {
				continue
			}
			t.Run(e.name, func(t *testing.T) { e.check(t, l) })
		}
	})
}

func (e ending) check(t *testing.T, l shadow.Lifetime) {
	const n = 300
	v, s := open[object, linked](t, l, nil)
	marks, err := shadow.New(2, &shadow.Options[object, uint64]{Space: s, Lifetime: l}) // data without pointers
	if err != nil {
		t.Fatal(err)
	}
	var ended, others []*object
	var led []weak.Pointer[plain]
	var bodies []weak.Pointer[object]
	apart(func() {
		for i := range 2 * n {
			o, more := new(object), &plain{}
			must(v.Alloc(o, &linked{uint64(i % 2), more}))
			must(marks.Alloc(o, nil))
			if i%2 == 1 || e.all {
				ended = append(ended, o)
				led, bodies = append(led, weak.Make(more)), append(bodies, weak.Make(o))
			} else {
				others = append(others, o)
			}
		}
	})
	runtime.GC()
	apart(func() {
		e.end(s, v, ended)
		for _, o := range ended {
			if o != nil {
				marks.Take(o)
			}
		}
	})
	if e.only != nil {
		eventually(t, "the deaths are seen", func() bool { return s.Stats().Collected == 2*n })
	}
	clear(ended)
	runtime.GC()
	runtime.GC()
	if left := alive(led); left > 0 {
		t.Errorf("what the data of %d of %d ended variables points to is kept", left, len(led))
	}
	if left := alive(bodies); left > 0 {
		t.Errorf("%d of %d parents of ended variables are kept", left, len(bodies))
	}
	for _, o := range others {
		if p := v.Get(o); p == nil || p.more == nil {
			t.Fatal("a neighbour has ended")
		}
	}
	runtime.KeepAlive(s)
}

// alive counts the objects that are.
func alive[T any](objects []weak.Pointer[T]) (n int) {
	for _, o := range objects {
		if o.Value() != nil {
			n++
		}
	}
	return n
}

func TestRetentionOfFailures(t *testing.T) {
	// Ensure (G5) that data that came to nothing, because the pair was taken or the constructor failed, keeps nothing.
	inLifetimes(t, func(t *testing.T, l shadow.Lifetime) {
		v, s := open[object, linked](t, l, nil)
		objects := make([]*object, 100)
		var led []weak.Pointer[plain]
		apart(func() {
			for i := range objects {
				objects[i] = new(object)
				must(v.Alloc(objects[i], &linked{}))
				lost, refused := &plain{}, &plain{}
				led = append(led, weak.Make(lost), weak.Make(refused))
				if _, err := v.Alloc(objects[i], &linked{1, lost}); err == nil {
					t.Error("attached twice")
				}
				v.AllocFunc(new(object), func(p *linked) error {
					p.more = refused
					return errRefused
				})
			}
		})
		runtime.GC()
		runtime.GC()
		if left := alive(led); left > 0 {
			t.Errorf("%d of %d are kept", left, len(led))
		}
		runtime.KeepAlive(objects)
		runtime.KeepAlive(s)
	})
}

func TestManualHoldsNoParent(t *testing.T) {
	// Ensure (G8, G15) that neither Manual nor Collected variables keep their parents, and Pinned ones do.
	inLifetimes(t, func(t *testing.T, l shadow.Lifetime) {
		v, s := open[object, uint64](t, l, nil)
		var parents []weak.Pointer[object]
		apart(func() {
			for range 200 {
				o := new(object)
				parents = append(parents, weak.Make(o))
				must(v.Alloc(o, nil))
			}
		})
		runtime.GC()
		runtime.GC()
		want := 0
		if l == shadow.Pinned {
			want = len(parents)
		}
		if n := alive(parents); n != want {
			t.Errorf("%d of %d parents live", n, len(parents))
		}
		v.FreeAll()
		runtime.GC()
		if n := alive(parents); n != 0 {
			t.Errorf("%d of %d parents live after FreeAll", n, len(parents))
		}
		runtime.KeepAlive(s)
	})
}
