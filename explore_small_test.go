//go:build explore

package shadow

import (
	"fmt"
	"strings"

	"github.com/shadowvars/shadow/internal/atomic"
	"github.com/shadowvars/shadow/internal/explore"
	"github.com/shadowvars/shadow/internal/parent"
)

// Small programs of one class with two objects, for what is asked besides linearizability. Their words are
//
//	aN oN   Alloc, GetOrAlloc at object N        gN  Get      fN  Free      iN  FreeIf of what this thread's last a, o or g saw at N
//	xN eN   AllocFunc that succeeds, that fails  F   FreeAll  c   a collection                     p  Purge of the table
//
// While a constructor runs Alloc reports ErrExists though Get finds nothing, which a model of single steps cannot say; so a and x do not meet.

const smallObjects = 2

type smallStep struct {
	kind byte
	n    uint8
	in   uint64 // the tag that an attachment brings, or that FreeIf asks for
	out  uint64 // the tag that was seen or returned
	ok   bool
}

func (s smallStep) String() string {
	return fmt.Sprintf("%c%d(%d)=%d,%t", s.kind, s.n, s.in, s.out, s.ok)
}

// smallModel is the sequential specification: the tag attached to each object, 0 for none.
type smallModel struct{}

func (smallModel) Init() [smallObjects]uint64 { return [smallObjects]uint64{} }

func (smallModel) Step(s [smallObjects]uint64, o smallStep, pending bool) ([smallObjects]uint64, bool) {
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
		return [smallObjects]uint64{}, true
	}
	panic("no such step")
}

// smallThread runs the steps of one column.
type smallThread struct {
	c    *class
	w    *explore.World
	h    *explore.History[[smallObjects]uint64, smallStep]
	tag  uint64
	seen [smallObjects]*uint64

	steps bool // see attachExplored
	more  func(t *smallThread, word string) bool
}

func (t *smallThread) run(program string) {
	for _, word := range strings.Fields(program) {
		if t.more != nil && t.more(t, word) {
			continue
		}
		s := smallStep{kind: word[0]}
		if len(word) > 1 {
			s.n = word[1] - '0'
		}
		t.do(s)
	}
}

func (t *smallThread) do(s smallStep) {
	switch s.kind {
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

func (t *smallThread) perform(s *smallStep) {
	o := fakeObject(s.n)
	a := attach{c: t.c, of: t.c, op: "explored", o: o}
	switch s.kind {
	case 'a', 'o':
		// As in thread.perform: GetOrAlloc without the Get that comes before.
		p, _, err := attachExplored(&a, t.steps, &s.in, s.kind == 'o')
		t.see(s, p, err)
	case 'x', 'e':
		p, _, err := a.construct(func(p pointer) error {
			if s.kind == 'e' {
				return ErrSize
			}
			atomic.PlainWrite(as[uint64](p))
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
	}
}

func (t *smallThread) see(s *smallStep, p *uint64, err error) {
	s.ok = err == nil
	if p != nil {
		atomic.PlainRead(p)
		s.out = *p
		t.seen[s.n] = p
	}
}

// smallProgram is the scenario of a program on a class that make makes; "|" separates threads, and what stands before ";" runs first. more, which may be
// nil, runs a word that is not one of the above. check, which may be nil, is what must hold in the end besides linearizability.
type smallProgram struct {
	text  string
	steps bool // see attachExplored
	class func(w *explore.World) *class
	more  func(t *smallThread, word string) bool
	check func(c *class, h *explore.History[[smallObjects]uint64, smallStep]) error
}

func (p smallProgram) scenario() explore.Scenario {
	checker := explore.NewChecker[[smallObjects]uint64, smallStep](smallModel{})
	before, columns, _ := strings.Cut(p.text, ";")
	return func(w *explore.World) {
		parent.ResetFakes()
		for n := range uint8(smallObjects) {
			parent.NewFake(fakeObject(n).address())
		}
		c, h := p.class(w), checker.History(w)
		start := func(tag uint64) *smallThread {
			return &smallThread{c: c, w: w, h: h, tag: tag, steps: p.steps, more: p.more}
		}
		start(100).run(before)
		for i, column := range strings.Split(columns, "|") {
			t := start(uint64(i+2) * 100)
			w.Go(func() { t.run(column) })
		}
		w.Check(func() error {
			start(0).run("g0 g1")
			if err := h.Check(); err != nil || p.check == nil {
				return err
			}
			return p.check(c, h)
		})
	}
}
