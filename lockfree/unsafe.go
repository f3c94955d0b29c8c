package lockfree

import (
	"math"
	"runtime"
	"unsafe"
)

// This is the only file of the package that imports unsafe.

const (
	slotBytes = 16
	lineBytes = 64
	lineSlots = lineBytes / slotBytes
	hugeBytes = 2 << 20
)

// A slot is 16 bytes, so four fill a cache line and none straddles two.
var (
	_ [slotBytes - unsafe.Sizeof(slot{})]struct{}
	_ [unsafe.Sizeof(slot{}) - slotBytes]struct{}
)

// slotPointer is the address of an array's first slot.
type slotPointer = unsafe.Pointer

// slot returns slot i of a, which must not exceed a.mask.
func (a *array) slot(i uintptr) *slot {
	// Safety: a.first points to the first of more than a.mask slots in one allocation,
	// which it keeps alive; every index is masked by a.mask or a.span, or comes
	// from a slot's address, so the address lies inside the allocation.
	return (*slot)(unsafe.Add(a.first, i*slotBytes))
}

// index is the inverse of slot.
func (a *array) index(s *slot) uintptr {
	// Safety: the addresses are only looked at.
	return (uintptr(unsafe.Pointer(s)) - uintptr(a.first)) / slotBytes
}

// A Line is the slots of a cache line, with which the paths of some pairs begin. See [Table.Line].
type Line [lineSlots]slot

// line returns the line at the home of a key plus its [Salt]. It rounds the address and not the distance: so the compiler adds what is
// then added to it to the address of a load, where it costs nothing.
func (a *array) line(salted uint64) *Line {
	// Safety: span is less than the bytes of all slots, and first is aligned to a line, so the address lies in the allocation and is that of a home. Behind
	// the last home makeSlots has room for a line. Slots beyond a.mask, which there are only if homeSlots is less than lineSlots, are nobody's.
	return (*Line)(unsafe.Pointer((uintptr(a.first) + a.offset(salted)) &^ (homeSlots*slotBytes - 1)))
}

// Chosen is w. The compiler makes a conditional move of a choice only if no address depends on what is chosen; that it depends on a number whose bits were once those of a fraction it does
// not see, and no instruction comes of it. Other processors' instructions for it have not been looked at.
func (w Word) Chosen() Word {
	if runtime.GOARCH == "amd64" {
		return Word(math.Float64bits(math.Float64frombits(uint64(w))))
	}
	return w
}

// after returns the line behind l on the paths through it, nil if l is not one of a's.
func (a *array) after(l *Line) *Line {
	// Safety: the addresses are only looked at; the number of l's first slot, if it is one of a's, leads to another one by a.mask, and
	// makeSlots has room for a line behind each.
	first := (uintptr(unsafe.Pointer(l)) - uintptr(a.first)) / slotBytes
	if first > a.mask {
		return nil
	}
	return (*Line)(unsafe.Pointer(a.slot((first + lineSlots) & a.mask)))
}

// makeSlots returns the first of n empty slots, aligned to a cache line, with a whole line at every home.
func makeSlots(n uintptr) slotPointer {
	all := n + lineSlots - homeSlots
	s := make([]slot, all)
	if !isAligned(s) {
		s = alignSlots(make([]slot, all+lineSlots-1))
	}
	for i := range uintptr(lineSlots - homeSlots) {
		// Beyond the end: an empty slot there would look like the end of a path that goes on at the beginning.
		// Safety: a key is a word of 64 bits, and nobody else knows it yet.
		*(*uint64)(unsafe.Pointer(&s[n+i].key)) = frozenKey
	}
	// Safety: s has n slots or more, so it has a first one.
	return unsafe.Pointer(unsafe.SliceData(s))
}

// isAligned tells whether s begins at a cache line.
func isAligned(s []slot) bool {
	// Safety: the address is only looked at.
	return uintptr(unsafe.Pointer(unsafe.SliceData(s)))%lineBytes == 0
}

// alignSlots returns the part of s that begins at its first cache line.
func alignSlots(s []slot) []slot {
	for len(s) > 0 && !isAligned(s) {
		s = s[1:]
	}
	return s
}

// hugePart returns the part of n slots from first on that consists of whole huge pages.
func hugePart(first slotPointer, n uintptr) []byte {
	// Safety: the address is only looked at here.
	skip := -uintptr(first) % hugeBytes
	size := n * slotBytes
	if size < skip+hugeBytes {
		return nil
	}
	// Safety: skip+len does not exceed the n slots that first points to.
	return unsafe.Slice((*byte)(unsafe.Add(first, skip)), (size-skip)/hugeBytes*hugeBytes)
}

// bytes returns the memory a takes.
func (a *array) bytes() uintptr {
	// Safety: only sizes are taken.
	return unsafe.Sizeof(*a) + a.slots()*slotBytes + uintptr(len(a.done))*unsafe.Sizeof(a.done[0])
}
