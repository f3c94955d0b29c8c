package shadow

import "fmt"

// The sequential specification of a class, for all that checks histories of concurrent operations against one: the explorations, in which
// schedules are enumerated, and the parallel runs, in which they happen.
//
// A cell is one pair. A few operations are seen by others to happen in steps, and each step is an event of its own:
//
//	AllocFunc, GetOrAllocFunc   reserve before the constructor, then publish or give up
//	Move                        reserve dst, detach src, attach at dst; ErrAbsent may have reserved dst for a while
//
// A FreeAll in between empties the pair under construction, too: what is published after that has come just before it, and has ended.

// cells is how many pairs a history is about: two classes, two objects. A parallel run uses those of one class, or one.
const cells = 4

// cellsOf are the cells of the class of cell n.
func cellsOf(n uint8) (first, end uint8) {
	first = n &^ 1
	return first, first + 2
}

// classState is what a sequential observer knows.
type classState struct {
	tag    [cells]uint64 // what is attached, 0 for nothing
	maker  [cells]uint8  // which construction or Move has the pair reserved, 0 for none
	moving [cells]uint64 // what a Move that has the pair reserved has detached
	closed [cells]bool
	tried  uint64 // who, of those whose Move will report ErrAbsent, has tried to reserve: a bit each
}

// free tells whether cell n can be attached to.
func (s *classState) free(n uint8) bool { return s.tag[n] == 0 && s.maker[n] == 0 && !s.closed[n] }

// holds tells whether cell n is still reserved by a construction or Move: since it reserved it, FreeAll may have come.
func (s *classState) holds(n, by uint8) bool { return s.maker[n] == by }

// attach attaches a tag to a cell that nobody has reserved any more.
func (s *classState) attach(n uint8, tag uint64) { s.tag[n], s.maker[n], s.moving[n] = tag, 0, 0 }

// empty is FreeAll of cell n's class.
func (s *classState) empty(n uint8, closes bool) {
	for k, end := cellsOf(n); k < end; k++ {
		s.attach(k, 0)
		s.closed[k] = s.closed[k] || closes
	}
}

// The kinds of events.
const (
	isAlloc      = 'a' // Alloc: ok if it attached in
	isGetOrAlloc = 'o' // GetOrAlloc: out is what is attached afterwards; not ok if the class is closed
	isGet        = 'g' // Get, Has and each pair of All: out is what was found
	isFree       = 'f' // ok if there was something
	isFreeIf     = 'i' // ok if in was attached
	isTake       = 't' // out is what was detached
	isFreeAll    = 'F'
	isClose      = 'C'
	isDeath      = 'd' // the object at this address dies, and another one is placed there

	isReserve = '(' // by reserves the pair for its constructor: ok, or not if it is taken
	isPublish = ')' // the constructor has succeeded: in is attached
	isGiveUp  = '-' // the constructor has failed
	isLoaded  = 'l' // GetOrAllocFunc found out

	isMoveReserve = '>' // dst is reserved
	isMoveDetach  = '~' // out is detached from src, which is other
	isMoveAttach  = '<' // out is attached to dst
	isMoveExists  = '!' // ErrExists: dst was taken
	isMoveAbsent  = '0' // ErrAbsent: src, which is other, had nothing
	isMoveGiveUp  = '+' // ErrAbsent: dst, if it was reserved, is free again

	isNothing = '.' // no step was needed
)

// event is an operation, or a step of one, with its arguments and its results.
type event struct {
	kind  byte
	cell  uint8
	other uint8  // Move: src
	by    uint8  // constructions and Moves: whose, 1 to 63; everybody has one at a time
	in    uint64 // the tag that an attachment brings, or that FreeIf asks for
	out   uint64 // the tag that was seen or returned
	ok    bool
}

func (e event) String() string {
	return fmt.Sprintf("%c%d in %d out %d %t", e.kind, e.cell, e.in, e.out, e.ok)
}

// specification is the model; of pending events the results are unknown.
type specification struct{}

func (specification) Init() classState { return classState{} }

func (specification) Step(s classState, e event, pending bool) (classState, bool) {
	n := e.cell
	old := s.tag[n]
	switch e.kind {
	case isAlloc, isReserve:
		free := s.free(n)
		if free && e.kind == isAlloc {
			s.attach(n, e.in)
		} else if free {
			s.maker[n] = e.by
		}
		return s, pending || e.ok == free
	case isGetOrAlloc:
		switch {
		case s.closed[n]:
			return s, pending || !e.ok
		case s.maker[n] != 0:
			return s, pending
		case old == 0:
			s.attach(n, e.in)
		}
		return s, pending || e.ok && e.out == s.tag[n]
	case isPublish:
		if s.holds(n, e.by) {
			s.attach(n, e.in)
		}
		return s, true
	case isGiveUp:
		if s.holds(n, e.by) {
			s.attach(n, 0)
		}
		return s, true
	case isGet:
		return s, pending || e.out == old
	case isLoaded:
		return s, e.out == old && old != 0
	case isFree:
		s.tag[n] = 0
		return s, pending || e.ok == (old != 0)
	case isFreeIf:
		same := e.in != 0 && old == e.in
		if same {
			s.tag[n] = 0
		}
		return s, pending || e.ok == same
	case isTake:
		s.tag[n] = 0
		return s, pending || e.out == old
	case isDeath:
		s.tag[n] = 0
		return s, true
	case isFreeAll, isClose:
		s.empty(n, e.kind == isClose)
		return s, true
	case isNothing:
		return s, true
	}
	return s.move(e, pending)
}

// move is Step for the steps of a Move.
func (s classState) move(e event, pending bool) (classState, bool) {
	n := e.cell
	switch e.kind {
	case isMoveReserve:
		free := s.free(n)
		if free {
			s.maker[n] = e.by
		}
		s.tried |= 1 << e.by
		return s, pending || free || !e.ok
	case isMoveDetach:
		detached := s.tag[e.other]
		holds := s.holds(n, e.by) && detached != 0
		if holds {
			s.moving[n], s.tag[e.other] = detached, 0
		}
		return s, pending || holds && e.out == detached
	case isMoveAttach:
		moved := s.moving[n]
		holds := s.holds(n, e.by)
		if holds {
			s.attach(n, moved) // of a pending Move that found nothing: it gives up
		}
		s.tried &^= 1 << e.by
		return s, pending || holds && e.out == moved && moved != 0
	case isMoveGiveUp:
		if s.holds(n, e.by) {
			s.attach(n, 0)
		}
		tried := s.tried&(1<<e.by) != 0
		s.tried &^= 1 << e.by
		return s, tried
	case isMoveExists:
		return s, s.tag[n] != 0 || s.maker[n] != 0 || n == e.other
	case isMoveAbsent:
		return s, s.tag[e.other] == 0
	}
	panic("no such event: " + e.String())
}
