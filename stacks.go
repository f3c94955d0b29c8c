package shadow

import (
	"slices"

	"github.com/shadowvars/shadow/internal/atomic"
)

// stacks numbers the distinct stacks that a class's profile has met. A slot's mark is the number and no pointer, so that nothing
// has to be undone at a variable's end, and the collector has nothing to look at.
//
// # States
//
// A stack is absent or in the chain of its bucket; once there it stays as long as the class.
//
// # Transitions
//
//	absent → numbered    number, CAS of the bucket's head
//
// # Linearization points
//
//	LP(number of a new stack)    the CAS of the bucket's head
//	LP(number of a known stack)  the load of the head of a chain that has it
//
// # Progress
//
// Lock-free: the CAS fails only because another stack was added.
//
// # Invariants
//
//	I1  Numbers start at 1, and no two stacks share one; some may be missing.
//	I2  A chain only grows at its head, and what is in it is immutable.
type stacks struct {
	last    atomic.Uint32
	buckets [1024]atomic.Pointer[stack]
}

// stack is one of them: the program counters as runtime.Callers gives them.
type stack struct {
	counters []uintptr
	number   uint32
	next     *stack
}

// number is the number of the stack with these program counters, which it keeps no reference to.
func (t *stacks) number(counters []uintptr) uint32 {
	bucket := &t.buckets[hash(counters)%uint64(len(t.buckets))]
	var made *stack
	for {
		// LP(number of a known stack): this load.
		head := bucket.Load()
		if s := head.find(counters); s != nil {
			return s.number
		}
		if made == nil {
			made = &stack{counters: slices.Clone(counters), number: t.last.Add(1)}
		}
		made.next = head
		// LP(number of a new stack): this CAS.
		if bucket.CompareAndSwap(head, made) {
			return made.number
		}
	}
}

func (s *stack) find(counters []uintptr) *stack {
	for s != nil && !slices.Equal(s.counters, counters) {
		s = s.next
	}
	return s
}

// each calls visit for the stacks that are known, until it returns false, and then returns false.
func (t *stacks) each(visit func(s *stack) bool) bool {
	for i := range t.buckets {
		for s := t.buckets[i].Load(); s != nil; s = s.next {
			if !visit(s) {
				return false
			}
		}
	}
	return true
}

// hash mixes program counters: few bits of them differ, and those in the middle.
func hash(counters []uintptr) uint64 {
	h := uint64(len(counters))
	for _, c := range counters {
		h = (h ^ uint64(c)) * 0x9E3779B97F4A7C15
		h ^= h >> 32
	}
	return h
}
