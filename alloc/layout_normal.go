//go:build !explore || shadow_fullsize

package alloc

// exploring tells whether the constants below are those of an exploration.
const exploring = false

// segmentSizes are the numbers of cells of the segments that a slab makes one
// after the other. A segment of so many cells, with its header and what the
// allocator adds, fills one of Go's size classes. The first ones are small for
// the sake of slabs with a few slots.
var segmentSizes = []uint32{2, 8, 16, 48, 240, 496}

const (
	largestShared = 496 // cells of a segment whose chunks have several slots
	largestSingle = 496 // cells of a segment whose chunks have one slot: what its last live slot keeps, 4 KiB
	// Lanes are found by hash, so there are more than processors, lest two of these often share one.
	lanesPerProcessor = 4

	slotBits       = 5  // a place has so many bits for the slot in its chunk
	cellBits       = 9  // a segment has so many bits of an index for its cells
	fewestSlots    = 32 // slots of the first segment of a slab, or some more
	collisionLimit = 8  // colliding claims in one segment that part the lanes
)

// newSegment allocates a segment with cells cells.
func newSegment(cells uint32) *segment {
	switch cells {
	case 2:
		return newSegmentOf[[2]Pointer]()
	case 8:
		return newSegmentOf[[8]Pointer]()
	case 16:
		return newSegmentOf[[16]Pointer]()
	case 48:
		return newSegmentOf[[48]Pointer]()
	case 240:
		return newSegmentOf[[240]Pointer]()
	case 496:
		return newSegmentOf[[496]Pointer]()
	}
	panic("alloc: no segment has that many cells")
}

// hint picks the lane of the calling goroutine.
func hint() uint32 { return stackHint() }
