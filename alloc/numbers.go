package alloc

import "github.com/shadowvars/shadow/internal/atomic"

// numbers is the pool of segment numbers that may be used again: a stack
// (Treiber's). It is an object of its own, because the cleanups that fill it hold it, and must not hold the slab.
//
// States: a list of immutable nodes.
//
// Transitions: top -> node{top} (push, CAS); top -> top.next (pop, CAS).
//
// Linearization points:
//
//	LP(push): the successful CAS of top.
//	LP(pop): the successful CAS of top, or the load that found it nil.
//
// Progress: lock-free.
//
// Invariants:
//
//	I1  A node is pushed once. Its address cannot come back while a pop
//	    still compares with it, because that pop keeps it from the collector:
//	    so an equal top has an equal next.
type numbers struct {
	top atomic.Pointer[number]
}

type number struct {
	value uint32
	next  *number
}

func (s *numbers) push(value uint32) {
	for {
		top := s.top.Load()
		if s.top.CompareAndSwap(top, &number{value, top}) { // LP(push)
			return
		}
	}
}

func (s *numbers) pop() (value uint32, ok bool) {
	for {
		top := s.top.Load() // LP(pop), if it is nil
		if top == nil {
			return 0, false
		}
		if s.top.CompareAndSwap(top, top.next) {
			return top.value, true
		}
	}
}

// count is the number of numbers that were in the pool at one instant.
func (s *numbers) count() int {
	n := 0
	for node := s.top.Load(); node != nil; node = node.next {
		n++
	}
	return n
}
