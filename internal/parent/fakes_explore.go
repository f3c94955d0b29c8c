//go:build explore

package parent

import "github.com/shadowvars/shadow/internal/atomic"

// Fake parents are addresses without memory, so that a schedule, playing the
// collector, can let a parent die between any two steps and give its address
// to another object. Their handles have the same representation as real ones,
// and go through the same code; real objects work beside them. Like all of
// the explore build they are for one goroutine at a time. Addresses must be at
// least 4096 and lie outside the heap, because Go's stack scan looks at them.
var (
	fakes  = map[uintptr]Handle{}  // the living, by address
	fakery = map[Handle]struct{}{} // all since the last reset, the dead included
)

// NewFake places a new object at addr. It panics if one lives there.
func NewFake(addr uintptr) {
	if !readable {
		panic("parent: fakes need handles whose word can be read")
	}
	if fakes[addr] != nil {
		panic("parent: a fake object lives there already")
	}
	h := &Word{address: addr}
	fakes[addr] = h
	fakery[h] = struct{}{}
}

// Die ends the object at addr, as the sweep does: one step sets the word of
// its handle to 0, and after it the address can be used again.
func Die(addr uintptr) {
	h := fakes[addr]
	if h == nil {
		panic("parent: no fake object lives there")
	}
	atomic.StoreUintptr(&h.address, 0)
	delete(fakes, addr)
}

// ResetFakes forgets all fake objects. It belongs between two explorations.
func ResetFakes() {
	clear(fakes)
	clear(fakery)
}

func fake(addr uintptr) Handle { return fakes[addr] }

func isFake(h Handle) bool {
	_, ok := fakery[h]
	return ok
}
