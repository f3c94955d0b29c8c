//go:build explore

package shadow

import (
	"fmt"
	"reflect"
	"strings"
	"testing"
	"time"
	"unsafe"

	"github.com/shadowvars/shadow/alloc"
	"github.com/shadowvars/shadow/internal/explore"
	"github.com/shadowvars/shadow/internal/parent"
)

// The explorations run the real classes over the real table and slabs, all of them with their constants shrunk: tables of a few slots, one variable a
// segment, segment numbers that return with the next collection. A program has one column per thread, its steps one after the other:
//
//	aN oN   Alloc, GetOrAlloc at object N        gN  Get      fN  Free      iN  FreeIf of what this thread's last a, o or g saw at N
//	xN eN   AllocFunc that succeeds, that fails  F   FreeAll  r   Reap      c   a collection       p  Purge of the table
//	dN      object N dies and a new one gets its address; only in the thread that uses N
//
// While a constructor runs Alloc reports ErrExists though Get finds nothing, which a model of single steps cannot say; so a and x do not meet.
// Histories are checked against a class as a whole: FreeAll is one operation on all pairs, a death empties its pair.

const objects = 2

type step struct {
	kind byte
	n    uint8
	in   uint64 // the tag that an attachment brings, or that FreeIf asks for
	out  uint64 // the tag that was seen or returned
	ok   bool
}

func (s step) String() string {
	return fmt.Sprintf("%c%d(%d)=%d,%t", s.kind, s.n, s.in, s.out, s.ok)
}

// classModel is the sequential specification: the tag attached to each object, 0 for none.
type classModel struct{}

func (classModel) Init() [objects]uint64 { return [objects]uint64{} }

func (classModel) Step(s [objects]uint64, o step, pending bool) ([objects]uint64, bool) {
	old := s[o.n]
	switch o.kind {
	case 'a', 'x':
		if old == 0 {
			s[o.n] = o.in
		}
		return s, pending || o.ok == (old == 0)
	case 'o':
		if old == 0 {
			s[o.n] = o.in
		}
		return s, pending || o.out == s[o.n]
	case 'e':
		return s, true
	case 'g':
		return s, pending || o.out == old
	case 'f':
		s[o.n] = 0
		return s, pending || o.ok == (old != 0)
	case 'i':
		if o.in != 0 && old == o.in {
			s[o.n] = 0
		}
		return s, pending || o.ok == (o.in != 0 && old == o.in)
	case 'F':
		return [objects]uint64{}, true
	case 'd':
		s[o.n] = 0
		return s, true
	}
	panic("no such step")
}

// fakeObject is an address that is no memory.
func fakeObject(n uint8) object {
	return object{pointer: unsafe.Add(nil, 0x10000*(int(n)+1))}
}

// exploredClass makes a class as New does, but opened by nobody, so that no reaper of its own wakes up.
func exploredClass(w *explore.World, l Lifetime) *class {
	o := &opening{
		space:    NewSpace(nil),
		identity: identity{id: 1, lifetime: l, object: reflect.TypeFor[uint64](), data: reflect.TypeFor[uint64]()},
		extent:   8, data: reflect.TypeFor[uint64](), shape: shapeOf[uint64],
	}
	c := o.build()
	explore.Root(w, c.epoch.Load)
	alloc.Reachable(w, func() *alloc.Slab { return &c.epoch.Load().slab })
	return c
}

// thread runs the steps of one column.
type thread struct {
	c    *class
	w    *explore.World
	h    *explore.History[[objects]uint64, step]
	tag  uint64
	seen [objects]*uint64
}

func (t *thread) run(program string) {
	for _, word := range strings.Fields(program) {
		s := step{kind: word[0]}
		if len(word) > 1 {
			s.n = word[1] - '0'
		}
		t.do(s)
	}
}

func (t *thread) do(s step) {
	switch s.kind {
	case 'r':
		t.c.reap(func(*class, pointer) {})
		return
	case 'c':
		t.w.Collect()
		return
	case 'p':
		t.c.table.Purge()
		return
	case 'i':
		if t.seen[s.n] != nil {
			s.in = *t.seen[s.n]
		}
	case 'a', 'o', 'x':
		t.tag++
		s.in = t.tag
	}
	t.h.Do(s, t.perform)
}

func (t *thread) perform(s *step) {
	o := fakeObject(s.n)
	a := attach{c: t.c, of: t.c, op: "explored", o: o}
	switch s.kind {
	case 'a', 'o':
		p, _, err := attachCopy(a, &s.in, s.kind == 'o')
		t.see(s, p, err)
	case 'x', 'e':
		p, _, err := a.construct(func(p pointer) error {
			if s.kind == 'e' {
				return ErrSize
			}
			*as[uint64](p) = s.in
			return nil
		}, false)
		t.see(s, as[uint64](p), err)
	case 'g':
		t.see(s, as[uint64](t.c.get(o.pointer)), nil)
	case 'f':
		s.ok = t.c.free(o, nil)
	case 'i':
		if t.seen[s.n] != nil {
			s.ok = t.c.free(o, erase(t.seen[s.n]))
		}
	case 'F':
		t.c.freeAll()
	case 'd':
		parent.Die(o.address())
		parent.NewFake(o.address())
		t.seen[s.n] = nil
	}
}

func (t *thread) see(s *step, p *uint64, err error) {
	s.ok = err == nil
	if p != nil {
		s.out = *p
		t.seen[s.n] = p
	}
}

// explored are the programs; "|" separates threads, and what stands before ";" runs first.
var explored = []struct {
	lifetime Lifetime
	program  string
}{
	{Manual, "; a0 g0 | a0 f0"},
	{Manual, "; a0 f0 | o0 g0"},
	{Manual, "a0; f0 a0 | g0 g0"},
	{Manual, "a0; f0 a0 c | g0 i0 g0"},
	{Manual, "a0; f0 a1 f1 a0 c | g0 i0"},
	{Manual, "a0; f0 a1 c f1 c a0 c | g0"},
	{Manual, "a0; F g0 | g0 a0 g0"},
	{Manual, "a0 a1; F g1 | g0 g1"},
	{Manual, "a0; F c | F a0 g0"},
	{Manual, "a0; F c a1 | f0 a0 g0"},
	{Manual, "; F a0 | a0 F"},
	{Manual, "a0; F | g0 | g0"},
	{Manual, "a0; p | f0 a0 g0"},
	{Manual, "a0; F p c | a0 g0"},
	{Manual, "; x0 g0 | g0 f0 g0"},
	{Manual, "x0; f0 x0 | g0 i0"},
	{Manual, "; e0 | o0 g0"},
	{Manual, "; x0 | o0 f0"},
	{Manual, "; x0 | F g0"},
	{Pinned, "a0; f0 a0 | g0 i0"},
	{Pinned, "a0; F a0 | f0 g0"},
	{Collected, "a0; d0 g0 a0 g0 | r"},
	{Collected, "a0; d0 g0 a0 g0 | r c"},
	{Collected, "a0; d0 a0 f0 a0 g0 | r c r"},
	{Collected, "a0; d0 a0 d0 a0 g0 | r | r"},
	{Collected, "a0; d0 a0 g0 | F"},
	{Collected, "a0; d0 a0 g0 | r F c"},
	{Collected, "a0 a1; d0 a0 g0 | f1 a1 g1"},
	{Collected, "a0; d0 x0 g0 | r c"},
	{Collected, "a0; d0 o0 g0 | r p"},
}

// runProgram is the scenario of one program.
func runProgram(l Lifetime, program string) explore.Scenario {
	c := explore.NewChecker[[objects]uint64, step](classModel{})
	before, columns, _ := strings.Cut(program, ";")
	return func(w *explore.World) {
		parent.ResetFakes()
		for n := range uint8(objects) {
			parent.NewFake(fakeObject(n).address())
		}
		cl := exploredClass(w, l)
		h := c.History(w)
		(&thread{c: cl, w: w, h: h, tag: 100}).run(before)
		for i, column := range strings.Split(columns, "|") {
			t := &thread{c: cl, w: w, h: h, tag: uint64(i+2) * 100}
			w.Go(func() { t.run(column) })
		}
		w.Check(h.Check)
	}
}

// TestExplore walks the schedules of every program, each once with all threads going on and once with one suspended for ever at any step.
//
// What it was made to catch is in the table of docs/design.md, section 5.
func TestExplore(t *testing.T) {
	// Ensure every history of attach, get, free, FreeAll, construction, reaping, death and returning addresses is linearizable, whatever
	// the schedule, and that no operation waits for a suspended one.
	limit := 700 * time.Millisecond
	total, exhausted := 0, 0
	for _, e := range explored {
		for _, kill := range []bool{false, true} {
			if kill && strings.ContainsAny(e.program, "xe") && strings.Contains(e.program, "o") {
				continue // GetOrAlloc may wait for a suspended constructor: the one exception
			}
			o := explore.Options{Preemptions: 2, Kill: kill, MaxTime: limit}
			r := explore.Run(t, o, runProgram(e.lifetime, e.program))
			total += r.Schedules
			if r.Exhausted {
				exhausted++
			}
		}
	}
	t.Logf("%d schedules; %d explorations exhausted", total, exhausted)
}
