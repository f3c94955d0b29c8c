//go:build explore

package explore

import (
	"fmt"
	"hash/maphash"
	"strings"
)

// Checker checks histories against a model. It remembers the histories that it
// has found linearizable: most schedules lead to one of a few.
type Checker[S, Op comparable] struct {
	model   Model[S, Op]
	history History[S, Op]
	search  searcher[S, Op]
	good    map[uint64]struct{}
	seed    maphash.Seed
}

// NewChecker returns a checker for one exploration or several.
func NewChecker[S, Op comparable](m Model[S, Op]) *Checker[S, Op] {
	c := &Checker[S, Op]{model: m, good: map[uint64]struct{}{}, seed: maphash.MakeSeed()}
	c.history.checker = c
	return c
}

// History records the operations of one run.
type History[S, Op comparable] struct {
	checker *Checker[S, Op]
	world   *World
	threads []int8 // who called operation i; -1 for set-up and check
	events  []Event[Op]
}

// History begins the history of a run. It takes the place of the one before.
func (c *Checker[S, Op]) History(w *World) *History[S, Op] {
	h := &c.history
	h.world, h.threads, h.events = w, h.threads[:0], h.events[:0]
	return h
}

// Do runs an operation and records it. f is given the operation and fills in the
// results. If the thread is suspended in f, the operation stays pending. Operations do
// not nest.
func (h *History[S, Op]) Do(op Op, f func(op *Op)) {
	id := h.Begin(op)
	f(&op)
	h.End(id, op)
}

// Begin records that an operation begins, and End that it has ended and with which results; in between it is pending. It is for what Do
// cannot say. An operation that callers see happen in several steps is recorded as several: one after the other if the caller
// knows when one step is over, or, begun together and ended together, as steps whose order the model must tell.
func (h *History[S, Op]) Begin(op Op) (id int) {
	id = len(h.events)
	e, thread := Event[Op]{Op: op, Return: -1}, int8(-1)
	if t := h.world.current; t != nil {
		thread = t.id
		t.calling = true
	} else {
		e.Call = h.world.tick()
	}
	h.events, h.threads = append(h.events, e), append(h.threads, thread)
	return id
}

// End ends what Begin began.
func (h *History[S, Op]) End(id int, op Op) {
	w := h.world
	t := w.current
	h.events[id].Op = op
	if t != nil {
		if t.calling {
			// It took no step, so it did nothing that others see: this is one, or it would be dated within a step of the operation before.
			w.step(0, false)
		}
		h.events[id].Call = t.called
		w.returns++
	}
	h.events[id].Return = w.tick()
}

func (w *World) tick() int {
	w.clock++
	return w.clock
}

// Events returns the operations so far, thread by thread, without those of a suspended thread
// that took no step.
func (h *History[S, Op]) Events() []Event[Op] {
	h.sort()
	kept := 0
	for i, e := range h.events {
		if e.Return < 0 && h.threads[i] >= 0 {
			t := h.world.threads[h.threads[i]]
			if t.calling {
				continue
			}
			e.Call = t.called
		}
		h.events[kept], h.threads[kept] = e, h.threads[i]
		kept++
	}
	h.events, h.threads = h.events[:kept], h.threads[:kept]
	return h.events
}

// sort makes histories alike that differ only in the order of their calls.
func (h *History[S, Op]) sort() {
	for i := 1; i < len(h.events); i++ {
		for j := i; j > 0 && h.threads[j-1] > h.threads[j]; j-- {
			h.threads[j-1], h.threads[j] = h.threads[j], h.threads[j-1]
			h.events[j-1], h.events[j] = h.events[j], h.events[j-1]
		}
	}
}

// Check returns an error that shows the history unless it is linearizable. Call it in the scenario's check.
func (h *History[S, Op]) Check() error {
	c := h.checker
	events := h.Events()
	c.search.order(events)
	print := maphash.Comparable(c.seed, len(events))
	for i, e := range events {
		print = maphash.Comparable(c.seed, eventPrint[Op]{e.Op, c.search.before[i], print, e.Return < 0})
	}
	if _, ok := c.good[print]; ok {
		return nil
	}
	if c.search.search(c.model, events) {
		c.good[print] = struct{}{}
		return nil
	}
	return fmt.Errorf("not linearizable:\n%s", h)
}

type eventPrint[Op comparable] struct {
	op      Op
	before  uint64
	so      uint64
	pending bool
}

// String lists the operations with the times of call and return.
func (h *History[S, Op]) String() string {
	var b strings.Builder
	for i, e := range h.events {
		who := "-"
		if h.threads[i] >= 0 {
			who = name(h.threads[i])
		}
		until := "never"
		if e.Return >= 0 {
			until = fmt.Sprint(e.Return)
		}
		fmt.Fprintf(&b, "\t%s [%d, %s] %+v\n", who, e.Call, until, e.Op)
	}
	return b.String()
}
