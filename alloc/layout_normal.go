//go:build !explore || shadow_fullsize

package alloc

// exploring tells whether the constants below are those of an exploration.
const exploring = false

// segmentSizes are the numbers of cells of the segments that a slab makes one
// after the other. A segment of so many cells, with its header and what the
// allocator adds, fills one of Go's size classes. The first ones are small for
// the sake of slabs with a few slots.
var segmentSizes = []uint32{2, 8, 24, 56, 248, 504}

const (
	largestShared  = 504 // cells of a segment whose chunks have several slots
	largestSingle  = 504 // cells of a segment whose chunks have one slot: what its last live slot keeps, 4 KiB
	fewestSlots    = 32  // slots of the first segment of a slab, or some more
	collisionLimit = 8   // colliding claims in one segment that double the lanes
)

// newSegment allocates a segment with cells cells.
func newSegment(cells uint32) *segment {
	switch cells {
	case 2:
		return newSegmentOf[[2]Pointer]()
	case 8:
		return newSegmentOf[[8]Pointer]()
	case 24:
		return newSegmentOf[[24]Pointer]()
	case 56:
		return newSegmentOf[[56]Pointer]()
	case 248:
		return newSegmentOf[[248]Pointer]()
	case 504:
		return newSegmentOf[[504]Pointer]()
	}
	panic("alloc: no segment has that many cells")
}

// hint picks the lane of the calling goroutine.
func hint() uint32 { return stackHint() }
