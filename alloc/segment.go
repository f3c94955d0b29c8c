package alloc

import (
	"math/bits"

	"github.com/shadowvars/shadow/internal/atomic"
)

// A segment is the unit in which a slab grows and its indices are given back:
// some thousand slots, the cells that hold the addresses of their chunks, the
// words that say which of them live and, if the layout has sides, the words that lead to these. It is used once; only its number is used again.
//
// States of a slot, by its two bits in the word of its group and by
// segment.claimed:
//
//	unclaimed   slot >= claimed
//	claimed     slot < claimed, neither bit     the claimer alone knows it
//	live        live bit
//	freed       freed bit                       final
//
// Transitions:
//
//	unclaimed -> claimed   Claim             Add(1) to claimed
//	claimed   -> live      Enliven           Add(live bit) to the group
//	live      -> freed     Free              Add(freed bit - live bit) to the group
//	claimed   -> freed     Discard           Add(freed bit) to the group
//
// States of a cell: nil -> chunk (CAS, by any claimer of a slot of the chunk) -> nil
// (Store, by whoever freed the chunk's last slot). A segment is retired by
// whoever completed the last of its groups (Add(1) to done gives their number).
//
// States of a group's word in sides: nil -> Side (CAS, by any claimer of a slot of the group) -> nil (Store, by whoever freed the group's
// last slot). A word of a Side is nil -> what the slot's claimer stores -> what others make of it as long as it is not nil (see Side) -> nil (Store, by whoever frees the slot, before that).
//
// Linearization points:
//
//	LP(Claim): the Add to claimed that returns a slot; for the maker of a
//	segment, whose slot is claimed from the start, LP(append) of its directory.
//	LP(Enliven): the Add of the live bit.
//	LP(Free): the Add that turns live into freed.
//	LP(Discard): the Add of the freed bit.
//
// Progress: all wait-free, but for Go's allocator when a chunk or a Side is needed.
//
// Invariants:
//
//	I1  A slot is claimed at most once, because claimed only grows.
//	I2  A cell is cleared only when all slots of its chunk are freed. They were all claimed
//	    then, and every claimer was done with the cell, so it is never set
//	    again. The same holds of the word in sides and the slots of its group.
//	I3  Exactly one caller sees a chunk, a group, the segment complete: freed bits
//	    are never taken back, and Add puts those that set them in an order.
//	I4  claimed does not overflow: an Add beyond slots comes from a goroutine that
//	    had loaded a directory with this segment in a lane. It then replaces the segment, if its hint still chooses that lane; and if not, because
//	    the lanes have been doubled or turned since, it goes elsewhere. So a goroutine does so twice for each directory at most.
//	I5  A slot whose Claim, which no Reserve is, has returned, and that is not freed, has its chunk and its Side: its claimer had both before the slot was
//	    its own, and neither is let go before it is freed. A word of a Side is one slot's, once.
type segment struct {
	base     uint32         // number << segShift: the index of slot 0
	slots    uint32         // how many slots the segment has
	layout   *Layout        // of its slots: one of the slab's layout's sizes
	words    *atomic.Uint64 // the first of the groups' words: see group
	sides    *Pointer       // the first of the words that lead to the groups' sides, nil if the layout has none
	rowMask  uint32         // rows of words less 1, a row being a cache line of them
	rowShift uint32         // log2 of the rows
	stride   uint32         // the layout's, at hand for who finds a slot
	shift    uint32         // the layout's chunkShift, likewise
	_        [fixedPad]byte // until here the segment is immutable

	claimed    atomic.Uint32 // slots handed out, in order; may exceed slots
	done       atomic.Uint32 // groups of which all slots are freed
	collisions atomic.Uint32 // claims that met another claim
	_          [countedPad]byte
}

// groupSlots is the number of slots that share a word of live and freed bits.
const (
	groupShift = 5
	groupSlots = 1 << groupShift
	liveBits   = 1<<groupSlots - 1
	rowWords   = cacheLine / 8
)

// outcome says what a Free or Discard completed.
type outcome uint8

const (
	partDone    outcome = iota // the chunk has other slots that are not freed
	chunkDone                  // this was the last slot of its chunk
	segmentDone                // and of its segment
)

// makeSegment returns a segment with one slot claimed: its maker's.
func makeSegment(l *Layout, cells uint32) *segment {
	g := newSegment(cells)
	g.layout, g.stride, g.shift = l, uint32(l.stride), uint32(l.chunkShift)
	g.slots = cells << l.chunkShift
	g.rowShift = uint32(bits.Len32((g.groups() - 1) / rowWords))
	g.rowMask = 1<<g.rowShift - 1
	g.words = &make([]atomic.Uint64, min(g.groups(), rowWords)<<g.rowShift)[0]
	if l.sides {
		g.sides = &make([]Pointer, g.groups())[0]
	}
	g.claimed.Store(1)
	return g
}

// groups is how many groups the segment has.
func (g *segment) groups() uint32 { return (g.slots + groupSlots - 1) >> groupShift }

// group is the word of the n-th group: freed bits of 32 slots in the upper half, live bits in the lower one. Groups that are claimed one after the other have
// their words in different cache lines, so that who frees what was claimed a short while ago seldom takes the line from who claims.
func (g *segment) group(n uint32) *atomic.Uint64 {
	return g.word((n&g.rowMask)*rowWords + n>>(g.rowShift&31))
}

// blank clears the word of a slot that is about to be freed. It has one, as far as it was claimed and not reserved (I5).
func (g *segment) blank(slot uint32) {
	if g.sides == nil {
		return
	}
	if word := g.sideWord(slot); word != nil {
		atomic.StorePointer(word, nil)
	}
}

// enliven sets a slot's live bit.
func (g *segment) enliven(slot uint32) {
	g.group(slot >> groupShift).Add(1 << (slot & (groupSlots - 1))) // LP(Enliven)
}

// free moves a slot from live to freed and says what that completed.
func (g *segment) free(slot uint32) outcome {
	bit := uint64(1) << (slot & (groupSlots - 1))
	word := g.group(slot >> groupShift).Add(bit<<groupSlots - bit) // LP(Free)
	if freed := uint32(word >> groupSlots); g.layout.wholeChunk(slot, freed) {
		return g.complete(slot, freed)
	}
	return partDone
}

// discard moves a slot from claimed to freed and says what that completed.
func (g *segment) discard(slot uint32) outcome {
	bit := uint64(1) << (slot & (groupSlots - 1))
	word := g.group(slot >> groupShift).Add(bit << groupSlots) // LP(Discard)
	if freed := uint32(word >> groupSlots); g.layout.wholeChunk(slot, freed) {
		return g.complete(slot, freed)
	}
	return partDone
}

// wholeChunk tells whether the freed bits of slot's group, as the Add that freed the slot left them, are those of the slot's whole chunk: then it was the last. It is apart
// from complete because seldom there is more to do, and then there is no call.
func (l *Layout) wholeChunk(slot, freed uint32) bool {
	chunk := l.chunkBits(slot)
	return freed&chunk == chunk
}

// complete releases the chunk of which slot was the last, and decides from the same bits whether it was the last of its group and its segment.
//
// Between the Add that freed the slot and the Store another goroutine may complete the group and retire the segment,
// in which this chunk then stays: it goes with the segment. The group's Side does not: its last slot's end clears that before it counts the group.
func (g *segment) complete(slot, freed uint32) outcome {
	atomic.StorePointer(g.cell(slot>>g.layout.chunkShift), nil)
	n := slot >> groupShift
	if freed != g.groupBits(n) {
		return chunkDone
	}
	if g.sides != nil {
		atomic.StorePointer(g.sideCell(n), nil)
	}
	if g.done.Add(1) != g.groups() {
		return chunkDone
	}
	return segmentDone
}

// chunkBits are the bits, within a group's half word, of the chunk of slot. A
// chunk never has more slots than a group.
func (l *Layout) chunkBits(slot uint32) uint32 {
	first := slot &^ (1<<(l.chunkShift&31) - 1)
	return l.chunkMask << (first & (groupSlots - 1))
}

// groupBits are the bits of the slots that the n-th group has: 32, or fewer for the last one.
func (g *segment) groupBits(n uint32) uint32 {
	if rest := g.slots - n<<groupShift; rest < groupSlots {
		return 1<<rest - 1
	}
	return liveBits
}

// inUse is the number of groups in which a slot may have been claimed.
func (g *segment) inUse() uint32 {
	claimed := min(g.claimed.Load(), g.slots)
	return (claimed + groupSlots - 1) >> groupShift
}

// live counts the live slots.
func (g *segment) live() int {
	n := 0
	for i := range g.inUse() {
		n += bits.OnesCount32(uint32(g.group(i).Load()))
	}
	return n
}

// rangeLive calls yield for the live slots in order. It returns false if yield did.
func (g *segment) rangeLive(yield func(index uint32, p Pointer) bool) bool {
	l := g.layout
	for i := range g.inUse() {
		for live := uint32(g.group(i).Load()); live != 0; live &= live - 1 {
			slot := i<<groupShift + uint32(bits.TrailingZeros32(live))
			chunk := atomic.LoadPointer(g.cell(slot >> l.chunkShift))
			// If there is no chunk, it has been released since the bits were loaded, with all its slots.
			if chunk != nil && !yield(g.base+slot, slotAt(chunk, slot&(1<<l.chunkShift-1), l.stride)) {
				return false
			}
		}
	}
	return true
}

// rangeSides calls yield for the groups with live slots in order. It returns false if yield did.
func (g *segment) rangeSides(yield func(first uint32, words *Side, live uint32) bool) bool {
	for i := range g.inUse() {
		live := uint32(g.group(i).Load())
		if live == 0 {
			continue
		}
		// If there is no Side, it has been released since the bits were loaded, with all its slots.
		if words := g.sideOf(i); words != nil && !yield(g.base+i<<groupShift, words, live) {
			return false
		}
	}
	return true
}
