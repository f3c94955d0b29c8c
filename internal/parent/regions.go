package parent

import "github.com/shadowvars/shadow/internal/atomic"

// regions remembers the parts of the address space that were found to belong
// to the collected heap. The runtime reserves its heap in arenas that are
// multiples of a region, aligned, and it never gives an arena back, so one
// object of kind Heap proves the whole region, for ever. The other verdicts
// are not remembered: read-only data lies beside package variables, and
// foreign memory can be unmapped and become heap.
//
// States of a bit: 0 unknown, 1 heap; final.
//
// States of a leaf: nil, then one leaf for ever.
//
// Transitions:
//
//	leaf nil -> leaf   by add, CAS
//	bit 0 -> 1         by add, Or
//
// Linearization points:
//
//	has            the load of the bit's word
//	has, no leaf   the load of the leaf
//	add            the Or
//
// Progress: has is two loads and writes nothing; add is wait-free, because a
// failed CAS means that the leaf is there.
//
// Invariants:
//
//	I1  A bit that is set belongs to a region of heap memory.
//	I2  There are at most leafCount leaves, so at most 9 MiB of memory on a
//	    64-bit machine, and one leaf of 1 KiB in nearly every process.
type regions struct {
	leaves [leafCount]atomic.Pointer[leaf]
}

type leaf [leafRegions / 32]atomic.Uint32

const (
	addressBits = 48 // an address beyond these bits is never remembered, and asked each time
	leafBits    = 13
	leafRegions = 1 << leafBits
	leafCount   = 1 << (addressBits - leafBits - regionBits)
)

// known holds the regions of this process's heap.
var known regions

// has tells whether the region of addr is known to be heap.
func (r *regions) has(addr uintptr) bool {
	number := uint64(addr) >> regionBits
	if number>>leafBits >= leafCount {
		return false
	}
	l := r.leaves[number>>leafBits].Load() // LP(has, no leaf): this load.
	if l == nil {
		return false
	}
	return l[number%leafRegions/32].Load()&(1<<(number%32)) != 0 // LP(has): the load of the bit's word.
}

// add remembers that the region of addr is heap.
func (r *regions) add(addr uintptr) {
	number := uint64(addr) >> regionBits
	if number>>leafBits >= leafCount {
		return
	}
	cell := &r.leaves[number>>leafBits]
	l := cell.Load()
	if l == nil {
		// If our CAS comes first, our leaf is the leaf; if another's comes
		// first, theirs is, and ours is garbage that nobody has seen.
		cell.CompareAndSwap(nil, new(leaf))
		l = cell.Load()
	}
	l[number%leafRegions/32].Or(1 << (number % 32)) // LP(add): this Or.
}
