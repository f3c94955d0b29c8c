//go:build explore && !shadow_fullsize

package alloc

import "github.com/shadowvars/shadow/internal/atomic"

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

// hint chooses one lane for all threads until lanes are turned, and then different ones: a schedule must not depend on addresses.
func hint() uint32 {
	if atomic.Running == nil {
		return 0
	}
	return uint32(atomic.Running()+1) << 27
}
