package shadow

import (
	"math"

	"github.com/shadowvars/shadow/alloc"
	"github.com/shadowvars/shadow/internal/atomic"
)

// bytesHead is what a slot of a class of Bytes begins with. Behind it are the bytes, which so are aligned to 8 bytes on 32-bit
// platforms too and hold no pointers: if the meta words do not either, the collector does not look into the slots.
type bytesHead[M any] struct {
	_    [0]atomic.Uint64
	size int
	meta M
}

// bytesElsewhere is a slot for more bytes than any slot has room for.
type bytesElsewhere[M any] struct {
	bytesHead[M]
	data *byte
}

// slotSizes are the bytes of the slots of Bytes. Above 112 each is an allocation of its own, so they are those of Go's size classes. From 48 bytes on, a
// slot has at most a sixth to spare. More than 512 bytes with pointers would cost a collection more than what one allocation instead of two saves.
var slotSizes = [...]uintptr{
	16, 24, 32, 40, 48, 56, 64, 72, 80, 96, 112, 128, 144, 160, 176, 192, 208, 224, 240, 256, 288, 320, 352, 384, 416, 448, 480, 512,
}

// byteSizes says where the bytes are in the slots of a class of Bytes, and which slot a number of bytes takes.
type byteSizes struct {
	rest  uintptr // the size of the head
	most  int     // as many fit into a slot
	slots []uint8 // by the number of bytes, in eights and rounded up: which of the layout's sizes
	sizes []uintptr
}

// bytesShapes are the shapes of classes of Bytes by lifetime, each made when it is first needed.
var bytesShapes [Manual + 1]atomic.Pointer[shape]

// bytesShape lays out the slots of a class of Bytes. Should several do so at a time, one is as good as another.
func bytesShape(l Lifetime) *shape {
	if s := bytesShapes[l].Load(); s != nil {
		return s
	}
	if l == Pinned {
		bytesShapes[l].Store(bytesShapeWith[pinnedMeta](false))
	} else {
		bytesShapes[l].Store(bytesShapeWith[addressMeta](l == Collected))
	}
	return bytesShapes[l].Load()
}

func bytesShapeWith[M any](sides bool) *shape {
	meta, rest := bytesOffsets[M]()
	s := &byteSizes{rest: rest}
	for _, size := range slotSizes {
		if size <= rest {
			continue
		}
		for room := int(size - rest); room >= len(s.slots)*bytesAlign; {
			s.slots = append(s.slots, uint8(len(s.sizes)))
		}
		s.sizes = append(s.sizes, size)
	}
	s.most = (len(s.slots) - 1) * bytesAlign
	return &shape{layout: alloc.LayoutOfSizes[bytesHead[M], bytesElsewhere[M]](sides, s.sizes...), meta: meta, sizes: s}
}

// slot is which of the layout's sizes so many bytes take.
func (s *byteSizes) slot(n int) int {
	if n > s.most {
		return len(s.sizes)
	}
	return int(s.slots[(n+bytesAlign-1)/bytesAlign])
}

// taken is the memory that a variable of so many bytes takes.
func (s *byteSizes) taken(n int) uintptr {
	if n > s.most {
		return s.rest + bytesAlign + s.elsewhere(n)
	}
	return s.sizes[s.slot(n)]
}

// elsewhere is the memory that so many bytes take besides their slot.
func (s *byteSizes) elsewhere(n int) uintptr {
	if n <= s.most {
		return 0
	}
	return uintptr(roundedBytes(n))
}

// newBytes is size bytes that begin with data.
func newBytes(data []byte, size int) *byte {
	b := make([]byte, roundedBytes(size))
	copy(b, data)
	return &b[0]
}

// mostBytes bounds a size: more than any machine has is a mistake, and the runtime would end the process.
const mostBytes = min(1<<40, math.MaxInt/2)

// bytesAlign is the alignment of the data of Bytes.
const bytesAlign = 8

// roundedBytes is how many bytes are allocated for size.
func roundedBytes(size int) int { return (size + bytesAlign - 1) &^ (bytesAlign - 1) }
