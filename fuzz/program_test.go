package fuzz

import (
	"runtime"
	"testing"
	"time"

	"github.com/shadowvars/shadow"
)

func FuzzProgram(f *testing.F) {
	// Ensure (G1, G6, G7, G12) that any program of the whole API over parents, ids, lifetimes, collections and migrations sees what plain maps say, and that
	// in the end every variable has been destroyed once, or taken.
	f.Fuzz(func(t *testing.T, program []byte) {
		r := newRun(t)
		for _, c := range commands(program) {
			r.step(c)
		}
		r.finish()
	})
}

// class is a class and what should be in it.
type class struct {
	handle
	open     func() handle
	id       shadow.ID
	lifetime shadow.Lifetime
	more     handle // a second handle on the class, or nil
	model    map[*parent]*datum
	tokens   map[*datum]uint64 // what the data of model said when it was attached
	orphans  int               // variables of parents that were dropped: under Collected at most so many, under Pinned exactly
}

// run is the library and the model side by side.
type run struct {
	t       *testing.T
	space   *shadow.Space
	parents [24]*parent
	classes []*class
	fates   *fates
	held    []*datum // of ended variables; the model knows their tokens
	tokens  []uint64
	next    uint64
	cycles  int
	pads    []*parent // parents that only make tables grow
}

func newRun(t *testing.T) *run {
	r := &run{t: t, space: shadow.NewSpace(nil), fates: newFates()}
	for i := range r.parents {
		r.parents[i] = new(parent)
	}
	for i, open := range []func(*shadow.Space, shadow.ID, shadow.Lifetime, func(*parent, *datum)) handle{openVar, openAny} {
		for l := shadow.Collected; l <= shadow.Manual; l++ {
			id := shadow.ID(i)<<60 + shadow.ID(l)
			c := &class{id: id, lifetime: l, open: func() handle { return open(r.space, id, l, r.fates.destroy) }}
			c.handle = c.open()
			c.reset()
			r.classes = append(r.classes, c)
		}
	}
	return r
}

func (c *class) reset() {
	c.model, c.tokens, c.orphans = map[*parent]*datum{}, map[*datum]uint64{}, 0
}

// step executes a command on both sides.
func (r *run) step(c command) {
	k := r.classes[int(c.Which)%len(r.classes)]
	o := r.parents[c.Key%uint16(len(r.parents))]
	other := r.parents[c.Arg%uint32(len(r.parents))]
	if c.Which >= 253 {
		o = nil
	}
	switch c.Op % 32 {
	case 0, 1, 2, 3, 4:
		r.alloc(k, o, c.Op)
	case 5, 6, 7:
		r.getOrAlloc(k, o, c.Op)
	case 8, 9, 10, 11:
		r.get(k, o)
	case 12, 13, 14:
		r.free(k, o)
	case 15:
		r.freeIf(k, o, other)
	case 16:
		r.take(k, o)
	case 17, 18:
		r.move(k, o, other)
	case 19:
		r.copy(k, o, other)
	case 20:
		r.freeAll(k)
	case 21:
		r.freeFunc(k)
	case 22:
		r.freeObject(o)
	case 23, 24:
		r.drop(int(c.Key) % len(r.parents))
	case 25:
		r.collect()
	case 26:
		r.reopen(k)
	case 27:
		r.second(k)
	case 28, 29:
		r.pad(k, int(c.Arg%300))
	case 30:
		r.batch(k, c.Arg)
	case 31:
		r.compare(k)
	}
}

// finish ends everything and looks whether every variable has ended once.
func (r *run) finish() {
	for i := range r.parents {
		r.drop(i)
	}
	for i := range r.held {
		if r.held[i].token != r.tokens[i] {
			r.t.Fatalf("the data of an ended variable is %d, was %d", r.held[i].token, r.tokens[i])
		}
	}
	r.space.Close()
	// Destructors of collected parents run in the background.
	for range 1000 {
		if r.fates.open() == 0 {
			break
		}
		runtime.GC()
		time.Sleep(time.Millisecond)
	}
	r.fates.check(r.t)
	if _, err := r.classes[0].Alloc(new(parent), nil); err == nil {
		r.t.Fatal("attached through a handle of a closed space")
	}
}
