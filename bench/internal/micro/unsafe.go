package micro

import "unsafe"

// This is the one file of the package that uses unsafe.

// addressOf is the parent's address as a number to hash.
func addressOf(parent *Parent) uint64 {
	// Safety: the number is hashed and never turned back into a pointer.
	return uint64(uintptr(unsafe.Pointer(parent)))
}

// bytesOf is the memory of the slots.
func bytesOf(slots []floorSlot) []byte {
	// Safety: the slice header describes exactly the memory of slots, which has no pointers.
	return unsafe.Slice((*byte)(unsafe.Pointer(unsafe.SliceData(slots))), uintptr(len(slots))*unsafe.Sizeof(floorSlot{}))
}
