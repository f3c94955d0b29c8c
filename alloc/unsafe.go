package alloc

// This is the only file of the package that uses unsafe.

import (
	"unsafe"

	"github.com/shadowvars/shadow/internal/atomic"
)

// Pointer is the address of a slot, whose type only the slab's user knows.
type Pointer = unsafe.Pointer

// segmentOf is how a segment lies in memory: the cells directly behind the
// header, so that going from the one to the other is no load.
type segmentOf[Cells any] struct {
	segment
	cells Cells
}

// cellSize is the distance between two cells.
const cellSize = unsafe.Sizeof(Pointer(nil))

// cellsAt is where the cells begin; it is the same for every segmentOf.
const cellsAt = unsafe.Offsetof(segmentOf[[1]Pointer]{}.cells)

// newSegmentOf allocates a segment with Cells, an array of Pointer.
func newSegmentOf[Cells any]() *segment {
	s := new(segmentOf[Cells])
	return &s.segment
}

// cell returns the word that holds the address of the n-th chunk of g. The
// caller guarantees that g has so many.
func (g *segment) cell(n uint32) *Pointer {
	// Safety: every segment is the first field of a segmentOf, whose cells
	// begin at cellsAt; n is less than their number, so the result lies in the
	// same allocation.
	return (*Pointer)(unsafe.Add(unsafe.Pointer(g), cellsAt+uintptr(n)*cellSize))
}

// A Side holds a word for each of 32 slots whose indices follow each other, which the collector follows as a pointer. The words of slots that do not lie
// in one chunk so lie side by side, and the chunks need not hold pointers: for who has the collector and himself look at all of them.
//
// Words are nil until their slots' claimers write them, and again from before their slots are freed: to that end, only who may free the slot stores into its word, and others
// replace what is not nil there, by CAS.
type Side [groupSlots]Pointer

// sideBytes is the size of a word of a Side.
const sideBytes = unsafe.Sizeof(Side{}[0])

// sideCell returns the word that leads to the Side of the n-th group of g, which has sides.
func (g *segment) sideCell(n uint32) *Pointer { return cellFrom(g.sides, n) }

// sideOf is the Side of the n-th group of g, nil if it has none.
func (g *segment) sideOf(n uint32) *Side {
	// Safety: only addSide stores what is not nil there.
	return (*Side)(atomic.LoadPointer(g.sideCell(n)))
}

// addSide gives the n-th group a Side unless it has one. A caller has claimed a slot of the group and not freed it.
func (g *segment) addSide(n uint32) *Side {
	words := new(Side)
	// If our CAS comes first, the others take our Side; if theirs comes first, we take theirs.
	// Safety: as for sideOf.
	if !atomic.CompareAndSwapPointer(g.sideCell(n), nil, Pointer(words)) {
		words = g.sideOf(n)
	}
	return words
}

// sideWord is the word of a slot, nil if its group has been freed.
func (g *segment) sideWord(slot uint32) *Pointer {
	if words := g.sideOf(slot >> groupShift); words != nil {
		return &words[slot%groupSlots]
	}
	return nil
}

// SideWord returns the word of the slot at a place whose chunk d has returned, in a slab that is sided; nil if it has been let go since, because the slot and all others of its group have been freed.
//
// Complexity: two loads that wait for each other, of the segment and of the Side's address; the chunk is not looked at.
func (d *Directory) SideWord(at Place) *Pointer {
	// Safety: Chunk has found a chunk by these cells, so d has them, and they are not noCells, but those behind a segment's header. Another
	// look at the length would give Get a frame, for the call of who panics.
	cells := *(*Pointer)(unsafe.Add(Pointer(unsafe.SliceData(d.cells)), at>>segmentShift*Place(cellSize)))
	return (*segment)(unsafe.Add(cells, -int(cellsAt))).sideWord(uint32(at>>(d.placeShift&63)) & d.segMask)
}

// word returns the n-th of the groups' words as they lie in memory.
func (g *segment) word(n uint32) *atomic.Uint64 {
	// Safety: n comes from group, for a group that g has, and its segment's maker has made so many words.
	return (*atomic.Uint64)(unsafe.Add(unsafe.Pointer(g.words), uintptr(n)*unsafe.Sizeof(*g.words)))
}

// slotAt returns the address of the n-th slot of a chunk.
func slotAt(chunk Pointer, n uint32, stride uintptr) Pointer {
	// Safety: n is less than the layout's slots in a chunk and stride the
	// distance between two of them, so the result lies in the chunk.
	return unsafe.Add(chunk, uintptr(n)*stride)
}

// Knows tells whether d has a segment for a place, or had one. With [Directory.Chunk] and [Directory.In] it is the fast part of [Slab.At], which is inlined
// as these are, and of which a caller makes one test after the other; one that fails calls At. None knows the slots of a slab with slots of several sizes.
func (d *Directory) Knows(at Place) bool { return uint64(at)>>segmentShift < uint64(len(d.cells)) }

// Chunk returns the chunk of a place that d knows, nil if there is none.
func (d *Directory) Chunk(at Place) Pointer {
	if exploring {
		d.mustReach(at)
	}
	return atomic.LoadPointer(cellFrom(d.cells[uint64(at)>>segmentShift], uint32(at>>cellShift)&(1<<cellBits-1)))
}

// noCells stands for the cells of numbers that have no segment: they are nil for ever.
var noCells [1 << cellBits]Pointer

// cellFrom returns the n-th of a segment's cells, of noCells, or of a segment's words that lead to sides, from the first one on.
func cellFrom(first *Pointer, n uint32) *Pointer {
	// Safety: first is the first of so many that n is less: n is from an index that was claimed, or noCells has a cell for every n that a place can have.
	return (*Pointer)(unsafe.Add(unsafe.Pointer(first), uintptr(n)*cellSize))
}

// In returns the address of the slot at a place in its chunk.
func (d *Directory) In(chunk Pointer, at Place) Pointer {
	// Safety: a slot's number in a place is its number in the chunk times a power of two, and unit the distance of two slots over that; so the result lies in the chunk, at one of its slots.
	return unsafe.Add(chunk, uint64(uint32(at)<<(5-slotBits)>>(32-slotBits))*d.unit)
}

// find is the address of a slot, or nil if d knows no chunk for it.
func (d *Directory) find(index uint32) Pointer {
	if d.cells == nil {
		return d.Sized(index)
	}
	if at := d.Place(index); d.Knows(at) {
		if chunk := d.Chunk(at); chunk != nil {
			return d.In(chunk, at)
		}
	}
	return nil
}

// Sized is [Slab.At] as far as d knows the slot, whatever sizes the slab's slots have: the segment knows which. It takes one load more.
func (d *Directory) Sized(index uint32) Pointer {
	if n := index >> (d.segShift & 31); uint(n) < uint(len(d.segments)) {
		if g := d.segments[n]; g != nil {
			slot, shift := index&d.segMask, g.shift&31
			if chunk := atomic.LoadPointer(g.cell(slot >> shift)); chunk != nil {
				return slotAt(chunk, slot&(1<<shift-1), uintptr(g.stride))
			}
		}
	}
	return nil
}

// aligned makes a slot of S that starts 8-byte aligned, on 32-bit platforms
// too: atomic.Uint64 is aligned so everywhere.
type aligned[S any] struct {
	_    [0]atomic.Uint64
	slot S
}

// placed makes a slot of an S without size, so that it has an address of its
// own.
type placed[S any] struct {
	_    [0]atomic.Uint64
	slot S
	_    uint64
}

// isolated makes a slot behind which a cache line is left free, so that it
// shares none with the slot that follows it.
type isolated[S any] struct {
	_    [0]atomic.Uint64
	slot S
	_    [cacheLine]byte
}

// cacheLine is the size of a cache line.
const cacheLine = 64

// sizeOf is the size of a T.
func sizeOf[T any]() uintptr {
	var t T
	return unsafe.Sizeof(t)
}

// newChunk allocates a chunk, whose type is C.
func newChunk[C any]() Pointer {
	// Safety: only a change of type: the collector knows the chunk by the type
	// it was allocated with.
	return unsafe.Pointer(new(C))
}

// stackHint is a number that differs between goroutines more often than not,
// and seldom changes for one of them: where its stack is.
func stackHint() uint32 {
	var local byte
	// Safety: the address is hashed, never turned into a pointer again; local
	// does not escape.
	return hashOfStack(uintptr(unsafe.Pointer(&local)))
}

// hashOfStack is the same for addresses in a block of 2 KiB.
func hashOfStack(at uintptr) uint32 { return uint32(uint64(at>>11) * 0x9e3779b97f4a7c15 >> 32) }

// typed gives the address of a slot its type back.
func typed[T any](p Pointer) *T {
	// Safety: p is nil or the start of a slot that LayoutOf[T] made, and a T
	// is its first field with a size.
	return (*T)(p)
}
