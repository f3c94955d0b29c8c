package alloc

import (
	"reflect"
)

// LayoutOptions says what [LayoutOf] cannot see in the type of a slot.
type LayoutOptions struct {
	// Single gives every slot a chunk of its own, that is, an allocation of its
	// own: the memory of a slot, and what it points to, is free for the
	// collector as soon as the slot has been freed and nobody points to it. It is for
	// slots that still hold pointers when they are freed.
	Single bool

	// Isolate keeps any two slots from sharing a cache line, but not their words in a Side.
	Isolate bool

	// Sides gives every slot a word of a [Side]: a pointer that the collector finds beside others, and not in the slot. It takes 8 bytes, and a group of 32 slots
	// keeps its Side, of 256 bytes, until all are freed.
	Sides bool
}

// Layout describes the slots of a slab: how far apart they are, how many make
// a chunk, how a chunk is allocated. It is made once by [LayoutOf], immutable, and
// serves any number of slabs.
type Layout struct {
	stride     uintptr // bytes from one slot to the next
	chunkShift uint8   // a chunk has 1<<chunkShift slots
	chunkMask  uint32  // a bit for each of them
	segShift   uint8   // a segment has 1<<segShift indices, and at most as many slots
	placeShift uint8   // an index is the bits of its place from here up
	sides      bool    // slots have words in sides
	sizes      []uint32
	newChunk   func() Pointer
	joined     []*Layout // the layouts of the sizes that slots have: this one alone, or several
}

// LayoutOf returns the layout of slots of type S. A slot starts 8-byte aligned, on
// 32-bit platforms too, and has an address of its own even if S has no size.
//
// A chunk has the more slots the smaller they are, because its memory is given back as a
// whole: 32 slots of up to 32 bytes, 16 of up to 64, 8 of up to 127, one
// otherwise. If S holds pointers a chunk has at most 512 bytes.
//
// Complexity: proportional to the depth of the type S.
func LayoutOf[S any](o LayoutOptions) *Layout {
	t := reflect.TypeFor[S]()
	single, pointers := o.Single || exploring, hasPointers(t)
	var l *Layout
	switch {
	case o.Isolate:
		l = layoutOf[isolated[S]](chunkShift(sizeOf[isolated[S]](), single, pointers))
	case t.Size() == 0:
		l = layoutOf[placed[S]](chunkShift(sizeOf[placed[S]](), single, pointers))
	default:
		l = layoutOf[aligned[S]](chunkShift(sizeOf[aligned[S]](), single, pointers))
	}
	l.sides = o.Sides
	return l
}

// LayoutOfSizes returns the layout of slots of several sizes, which [Slab.ClaimSize] claims: for each of the sizes, in bytes, slots that begin with an H, behind which there is
// memory without pointers, and last slots of type S, each in a chunk of its own. Sizes are rounded up to multiples of 8, and to what an H and 8 bytes
// take. To H the rules of [LayoutOf] apply, and each size has the chunks that are documented there. sides is [LayoutOptions.Sides].
//
// Complexity: proportional to the number of sizes.
func LayoutOfSizes[H, S any](sides bool, sizes ...uintptr) *Layout {
	if len(sizes) == 0 {
		return LayoutOf[S](LayoutOptions{Single: true, Sides: sides})
	}
	pointers := pointerful[H]()
	head := reflect.TypeFor[aligned[H]]()
	joined := &Layout{sides: sides}
	for _, size := range sizes {
		size = max(size+7, head.Size()+8) &^ 7
		slot := reflect.StructOf([]reflect.StructField{
			{Name: "Head", Type: head},
			{Name: "Rest", Type: reflect.ArrayOf(int(size-head.Size()), reflect.TypeFor[byte]())},
		})
		shift := chunkShift(size, exploring, pointers)
		chunk := reflect.ArrayOf(1<<shift, slot)
		reflect.PointerTo(chunk) // so that New, by those who claim, only looks it up
		joined.join(newLayout(size, shift, sizedShift, func() Pointer { return reflect.New(chunk).UnsafePointer() }))
	}
	joined.join(LayoutOf[S](LayoutOptions{Single: true}))
	return joined
}

// sizedShift is the segShift of layouts of several sizes. A segment takes as many indices whatever the size of its slots, so it must not have many
// more for one size than for another, or a slab would run out of them early.
const sizedShift = cellBits + 1

// join adds a size to a layout of several.
func (l *Layout) join(size *Layout) {
	l.segShift, l.placeShift, size.sides = max(l.segShift, size.segShift), PlaceShift, l.sides
	l.joined = append(l.joined, size)
}

// layoutOf returns a layout of slots of type P, which has all its padding, and
// chunks of 1<<shift of them.
func layoutOf[P any](shift uint8) *Layout {
	var chunk func() Pointer
	switch shift {
	case 0:
		chunk = newChunk[P]
	case 1:
		chunk = newChunk[[2]P]
	case 2:
		chunk = newChunk[[4]P]
	case 3:
		chunk = newChunk[[8]P]
	case 4:
		chunk = newChunk[[16]P]
	default:
		chunk = newChunk[[32]P]
	}
	return newLayout(sizeOf[P](), shift, cellBits+shift, chunk)
}

// newLayout returns the layout of slots so far apart, 1<<shift of which newChunk allocates, and of which a segment has at most 1<<segShift.
func newLayout(stride uintptr, shift, segShift uint8, newChunk func() Pointer) *Layout {
	if shift > 0 && stride<<shift%(1<<slotBits) != 0 {
		panic("alloc: slots of a chunk that are no multiple of a place's distance apart") // see In
	}
	l := &Layout{stride: stride, chunkShift: shift, chunkMask: uint32(uint64(1)<<(1<<shift) - 1), segShift: segShift, placeShift: PlaceShift + slotBits - shift, newChunk: newChunk}
	l.joined = []*Layout{l}
	first, largest := 0, uint32(largestShared)
	if l.chunkShift == 0 {
		largest = largestSingle
	}
	for segmentSizes[first]<<l.chunkShift < fewestSlots {
		first++
	}
	for _, cells := range segmentSizes[first:] {
		if cells <= largest && cells<<shift <= 1<<segShift {
			l.sizes = append(l.sizes, cells)
		}
	}
	return l
}

// No segment has more cells than an index has room for.
var (
	_ [1<<cellBits - largestShared]struct{}
	_ [1<<cellBits - largestSingle]struct{}
)

// chunkShift chooses the slots of a chunk. The more there are, the cheaper is a
// collection (a chunk is one object) and the smaller are the cells, and the more memory
// does the last live slot of a chunk keep: with these numbers, five rounds of
// freeing a random 90 % of a million and claiming as many again leave at most 1.6 times the
// memory of a fresh slab with the 32 bytes that a slot costs in a table.
func chunkShift(stride uintptr, single, pointers bool) uint8 {
	const mostPointers = 512 // bytes above which Go puts a header before an object with pointers
	var shift uint8
	switch {
	case single || stride >= 128:
		return 0
	case stride > 64:
		shift = 3
	case stride > 32:
		shift = 4
	default:
		shift = 5
	}
	for pointers && shift > 0 && stride<<shift > mostPointers {
		shift--
	}
	return shift
}

// hasPointers tells whether the collector looks into a value of type t.
func hasPointers(t reflect.Type) bool {
	switch t.Kind() {
	case reflect.Array:
		return t.Len() > 0 && hasPointers(t.Elem())
	case reflect.Struct:
		for i := range t.NumField() {
			if hasPointers(t.Field(i).Type) {
				return true
			}
		}
		return false
	case reflect.Chan, reflect.Func, reflect.Interface, reflect.Map, reflect.Pointer,
		reflect.Slice, reflect.String, reflect.UnsafePointer:
		return true
	default:
		return false
	}
}

// pointerful tells whether a T holds pointers.
func pointerful[T any]() bool { return hasPointers(reflect.TypeFor[T]()) }
