package lockfree

import "github.com/shadowvars/shadow/internal/atomic"

// A slot holds one pair.
//
// States and transitions:
//
//	key  0 EMPTY -> key            an inserter or a copier, CAS
//	     0 EMPTY -> FROZEN_EMPTY   a migrator or a leaving writer, CAS
//	val  0 UNDECIDED -> {class, VALUE or BUILDING}   any inserter or copier of the same key, CAS
//	     0 UNDECIDED -> FROZEN     a migrator or a leaving writer, CAS or Or
//	     VALUE, BUILDING -> any state   Replace, CAS
//	     NIL -> VALUE, BUILDING    Insert (revive), CAS
//	     unfrozen -> the same with FROZEN   a migrator, Or; final
//
// Invariants:
//
//	I1  A key and the class of a decided val never change.
//	I2  A pair stands at the first slot of its path that has its key and is
//	    undecided or decided for its class, and nowhere else: everything before
//	    is another key or decided for another class, and by I1 stays so.
//	I3  A val never becomes 0 again.
type slot struct {
	key atomic.Uint64
	val atomic.Uint64
}

// An array is one generation of the table: an immutable descriptor, the slots,
// and what a migration of them needs.
type array struct {
	first      slotPointer           // immutable
	span       uintptr               // immutable: the bits of a hash that say which byte of which home
	multiplier uint64                // immutable: of the hash
	mask       uintptr               // immutable: slots - 1
	next       atomic.Pointer[array] // set once
	number     uint64                // immutable: the predecessor's + 1
	sample     uintptr               // immutable: which slots count in the estimates, see counts
	ratio      int64                 // immutable: slots for each counted one
	chunks     uint32                // immutable
	spread     uint8                 // immutable: the number of the multiplier
	tried      uint8                 // immutable: how many arrays in a row were replaced for being uneven, the last one by this

	// Limits on what claimed and living estimate, in slots; immutable.
	crowded int64 // claims: who reaches it starts a migration
	packed  int64 // claims: everyone from here on does
	sparse  int64 // live: who falls below it starts a migration, unless the array is as small as any

	done []atomic.Uint32 // a bit per chunk, set by whoever has migrated every slot of it

	_      [lineBytes]byte
	cursor atomic.Uint32 // how many chunks have been handed out: a hint
	_      [lineBytes]byte
	claims atomic.Int64 // claimed keys among the counted slots
	live   atomic.Int64 // live pairs among the counted slots
	copied atomic.Int64 // pairs that the chunks of a migration brought, dead ones included
	among  atomic.Int64 // those of them that came to counted slots
	far    atomic.Int64 // how far from their homes inserts have put pairs into counted slots, in slots, if far
	uneven atomic.Bool  // that was too far
}

// newArray returns an empty array of a power of two of slots, and of at most so many homes, unless that is 0, with the n-th multiplier.
func newArray(slots, homes uintptr, number uint64, n uint8) *array {
	if homes == 0 || homes > slots/homeSlots {
		homes = slots / homeSlots
	}
	a := &array{
		first:  makeSlots(slots),
		span:   (slots-slots/homes)*slotBytes + homeSlots*slotBytes - 1, // evenly spread homes
		mask:   slots - 1,
		number: number,
		chunks: uint32((slots + chunkSlots - 1) / chunkSlots),
	}
	a.spreadBy(n)
	a.done = make([]atomic.Uint32, (a.chunks+31)/32)
	a.ratio = 1
	if slots > exactSlots {
		a.sample, a.ratio = sampledSlots-1, sampledSlots
	}
	a.crowded = (int64(slots)*7 + 9) / 10
	a.packed = (int64(slots)*7 + 7) / 8
	a.sparse = int64(slots) * 7 / 32
	if memory := hugePart(a.first, slots); slots*slotBytes >= 2*hugeBytes && memory != nil {
		adviseHuge(memory)
	}
	return a
}

// slots returns the number of slots.
func (a *array) slots() uintptr { return a.mask + 1 }

// A place says how the walk along a path ended.
type place uint8

const (
	atEmpty      place = iota // a slot that nobody has claimed
	atUndecided               // a slot claimed for this key, its class open
	atPair                    // the pair's slot
	atFrozenPair              // the pair's slot, superseded
	atBarrier                 // FROZEN_EMPTY or a frozen undecided slot: the pair can never come to be in this array
	atEnd                     // no slot of the path can hold the pair: nor can it ever come to be in this array
)

// find walks the path of a pair that begins at home, from distance d on, to the
// first slot that can hold the pair. It returns the distance and the val found.
func (a *array) find(key uint64, class uint32, home, d uintptr) (uintptr, uint64, place) {
	for ; d <= a.mask; d++ {
		s := a.slot((home + d) & a.mask)
		switch s.key.Load() {
		case emptyKey:
			return d, 0, atEmpty
		case frozenKey:
			return d, 0, atBarrier
		case key:
		default:
			continue
		}
		v := s.val.Load()
		switch {
		case v == undecided:
			return d, v, atUndecided
		case v == frozenBit:
			return d, v, atBarrier
		case Word(v).Class() != class:
			continue
		case isFrozen(v):
			return d, v, atFrozenPair
		default:
			return d, v, atPair
		}
	}
	return d, 0, atEnd
}
