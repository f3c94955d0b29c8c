package fuzz

import (
	"maps"
	"runtime"
	"slices"
	"testing"

	"github.com/shadowvars/shadow/alloc"
)

// cell is what slabs are made of here, without pointers and with.
type cell interface{ tag() *uint64 }

type bare struct{ n uint64 }

type pointing struct {
	n    uint64
	next *pointing
}

func (c *bare) tag() *uint64     { return &c.n }
func (c *pointing) tag() *uint64 { return &c.n }

// slabRun is a pool and what should be in it.
type slabRun[T any, P interface {
	*T
	cell
}] struct {
	t       *testing.T
	pool    *alloc.Pool[T]
	claimed map[alloc.Index]*T // not yet live
	waiting []alloc.Index      // those of claimed
	live    map[alloc.Index]*T
	order   []alloc.Index // those of live, in the order in which they became so
	kept    []keptCell    // freed ones to which we hold a pointer
	held    *alloc.Directory
	known   map[alloc.Index]*T // those that were live when held was held, and since
	next    uint64
	cycles  int
}

type keptCell struct {
	p    *uint64
	want uint64
}

func FuzzSlab(f *testing.F) {
	// Ensure that a pool's variables are where their indices say, live and dead ones apart, that a directory once held keeps all meanings, and that
	// the memory of freed variables is nobody else's while a pointer to it is held.
	f.Fuzz(func(t *testing.T, program []byte) {
		c := commands(program)
		runSlab[bare](t, c, alloc.LayoutOptions{})
		runSlab[bare](t, c, alloc.LayoutOptions{Isolate: true})
		runSlab[pointing](t, c, alloc.LayoutOptions{})
	})
}

func runSlab[T any, P interface {
	*T
	cell
}](t *testing.T, program []command, o alloc.LayoutOptions) {
	r := &slabRun[T, P]{t: t, pool: alloc.NewPool[T](o), claimed: map[alloc.Index]*T{}, live: map[alloc.Index]*T{}}
	for _, c := range program {
		r.step(c)
	}
	r.release()
	r.compare()
}

func (r *slabRun[T, P]) step(c command) {
	switch c.Op % 12 {
	case 0, 1, 2:
		r.claim(int(c.Arg % 40))
	case 3:
		r.enliven(int(c.Arg >> 1))
	case 4:
		if i, ok := r.pick(int(c.Arg >> 1)); ok {
			delete(r.claimed, i)
			r.pool.Discard(i)
		}
	case 5, 6:
		r.free(int(c.Key), int(c.Arg%64))
	case 7:
		r.release()
		r.held, r.known = r.pool.Hold(), maps.Clone(r.live)
	case 8:
		r.release()
	case 9:
		if r.cycles++; r.cycles <= 3 {
			runtime.GC()
		}
	case 10:
		if c.Key%8 == 0 {
			r.compare()
		}
	case 11:
		r.kept = r.kept[:len(r.kept)/2]
	}
}

// pick takes a claimed slot off those that wait.
func (r *slabRun[T, P]) pick(n int) (i alloc.Index, ok bool) {
	if len(r.waiting) == 0 {
		return 0, false
	}
	n %= len(r.waiting)
	i = r.waiting[n]
	r.waiting = slices.Delete(r.waiting, n, n+1)
	return i, true
}

func (r *slabRun[T, P]) claim(n int) {
	for k := range n {
		i, p := r.pool.Claim()
		if r.claimed[i] != nil || r.live[i] != nil {
			r.t.Fatalf("index %d was given out twice", i)
		}
		if old, ok := r.known[i]; ok && old != p {
			r.t.Fatalf("index %d has a second meaning while a directory is held", i)
		}
		if *P(p).tag() != 0 {
			r.t.Fatalf("slot %d is not zeroed: %d", i, *P(p).tag())
		}
		r.next++
		*P(p).tag() = r.next
		if k%8 == 0 {
			r.claimed[i] = p
			r.waiting = append(r.waiting, i)
			continue
		}
		r.pool.Enliven(i)
		r.live[i] = p
		r.order = append(r.order, i)
	}
}

func (r *slabRun[T, P]) enliven(n int) {
	if i, ok := r.pick(n); ok {
		r.live[i] = r.claimed[i]
		r.order = append(r.order, i)
		delete(r.claimed, i)
		r.pool.Enliven(i)
	}
}

// free frees n variables that became live one after the other, so that chunks and segments come to their ends.
func (r *slabRun[T, P]) free(from, n int) {
	if len(r.order) == 0 {
		return
	}
	from %= len(r.order)
	n = min(n, len(r.order)-from)
	for k, i := range r.order[from : from+n] {
		if p := P(r.live[i]); k%4 == 0 {
			r.kept = append(r.kept, keptCell{p.tag(), *p.tag()})
		}
		delete(r.live, i)
		r.pool.Free(i)
	}
	r.order = slices.Delete(r.order, from, from+n)
}

// release lets the held directory go, after a look at what is live still and was then.
func (r *slabRun[T, P]) release() {
	if r.held == nil {
		return
	}
	for i, p := range r.known {
		got := r.pool.At(r.held, i)
		if got != p && (got != nil || r.live[i] == p) {
			r.t.Fatalf("index %d under a held directory: %p, was %p (live: %v)", i, got, p, r.live[i] == p)
		}
	}
	alloc.Keep(r.held)
	r.held, r.known = nil, nil
}

func (r *slabRun[T, P]) compare() {
	d := r.pool.Hold()
	for i, p := range r.live {
		if got := r.pool.At(d, i); got != p {
			r.t.Fatalf("At(%d): %p, want %p", i, got, p)
		}
	}
	alloc.Keep(d)
	if n := r.pool.Len(); n != len(r.live) {
		r.t.Fatalf("Len: %d, want %d", n, len(r.live))
	}
	n, last := 0, -1
	r.pool.Range(func(i alloc.Index, p *T) bool {
		if r.live[i] != p || int(i) <= last {
			r.t.Fatalf("Range yields %d at %p, want %p (after %d)", i, p, r.live[i], last)
		}
		n, last = n+1, int(i)
		return true
	})
	if n != len(r.live) {
		r.t.Fatalf("Range yields %d of %d", n, len(r.live))
	}
	for _, k := range r.kept {
		if *k.p != k.want {
			r.t.Fatalf("freed memory that is held was written: %d, was %d", *k.p, k.want)
		}
	}
	if s := r.pool.Stats(); s.Live != len(r.live) || s.Held < s.Live {
		r.t.Fatalf("Stats: %+v with %d live", s, len(r.live))
	}
}
