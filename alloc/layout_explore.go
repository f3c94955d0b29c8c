//go:build explore && !shadow_fullsize

package alloc

// exploring tells whether the constants below are those of an exploration:
// chunks of one slot and segments of one or two, so that nearly every Free
// retires a segment, and the first number goes to a bigger one. All segments from the third on have one: it takes more to retire one of two.
const exploring = true

var segmentSizes = []uint32{1, 2, 1}

const (
	largestShared     = 2
	largestSingle     = 2
	cellBits          = 1
	slotBits          = 1
	lanesPerProcessor = 1
	fewestSlots       = 1
	collisionLimit    = 1
)

func newSegment(cells uint32) *segment {
	switch cells {
	case 1:
		return newSegmentOf[[1]Pointer]()
	case 2:
		return newSegmentOf[[2]Pointer]()
	}
	panic("alloc: no segment has that many cells")
}

// hint is the same for everyone: a schedule must not depend on addresses.
func hint() uint32 { return 0 }
