package explore

import "math/bits"

// Model is a sequential specification. States and operations are small
// comparable values; an operation carries its arguments and its results.
type Model[S, Op comparable] interface {
	Init() S
	// Step does op in state s and tells whether its results are right. If pending is set, the
	// operation never returned: its results are unknown, and any is right.
	Step(s S, op Op, pending bool) (S, bool)
}

// Event is an operation with the times of its call and return on a common
// clock. Return is negative if the operation never returned.
type Event[Op comparable] struct {
	Op           Op
	Call, Return int
}

// maxEvents is how many operations a history may have: they are the bits of a word.
const maxEvents = 64

// Linearizable tells whether the operations of a history can be put into an
// order that the model accepts, in which each stands between its call and its
// return. Pending operations may stand anywhere after their call, or not at all. It is
// exponential in the number of overlapping operations in the worst case; at most 64 operations.
func Linearizable[S, Op comparable](m Model[S, Op], events []Event[Op]) bool {
	var s searcher[S, Op]
	return s.search(m, events)
}

// searcher is the memory of a search, to be used again for the next.
type searcher[S, Op comparable] struct {
	model  Model[S, Op]
	events []Event[Op]
	before [maxEvents]uint64 // who returned before operation i was called
	must   uint64            // who returned
	failed map[position[S]]struct{}
}

// position is a state of the search: what has been done, and what that led to.
type position[S comparable] struct {
	done  uint64
	state S
}

func (s *searcher[S, Op]) search(m Model[S, Op], events []Event[Op]) bool {
	s.order(events)
	s.model, s.events = m, events
	if s.failed == nil {
		s.failed = make(map[position[S]]struct{})
	}
	if len(s.failed) > 0 {
		clear(s.failed)
	}
	return s.from(position[S]{state: m.Init()})
}

func (s *searcher[S, Op]) order(events []Event[Op]) {
	if len(events) > maxEvents {
		panic("explore: more than 64 operations in a history")
	}
	s.must = 0
	for i, e := range events {
		s.before[i] = 0
		if e.Return >= 0 {
			s.must |= 1 << i
		}
		for j, f := range events {
			if f.Return >= 0 && f.Return < e.Call {
				s.before[i] |= 1 << j
			}
		}
	}
}

func (s *searcher[S, Op]) from(p position[S]) bool {
	if s.must&^p.done == 0 {
		return true
	}
	if _, ok := s.failed[p]; ok {
		return false
	}
	for rest := (uint64(1)<<len(s.events) - 1) &^ p.done; rest != 0; rest &= rest - 1 {
		i := bits.TrailingZeros64(rest)
		if s.before[i]&^p.done != 0 {
			continue
		}
		next, ok := s.model.Step(p.state, s.events[i].Op, s.events[i].Return < 0)
		if ok && s.from(position[S]{p.done | 1<<i, next}) {
			return true
		}
	}
	s.failed[p] = struct{}{}
	return false
}
