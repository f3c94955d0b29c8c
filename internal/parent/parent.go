// Package parent knows what the library must know about the objects that data
// is attached to: what kind of memory an address is, whether the object at it
// is still the one that data was attached to, and whether attached data leads
// back into its own parent. Nothing here is generic and nothing here knows of
// classes.
//
// # Handles
//
// States of the word behind a handle:
//
//	address   the object lives; the word is the very pointer given to Make
//	0         the object is gone; final
//
// Transitions:
//
//	(none) -> address   by the first Make of a pointer, in weak.Make
//	address -> 0        by the runtime, when it sweeps the unreachable object, or queues its finalizer
//
// Linearization points:
//
//	Is     the load of the word
//	Dead   the load of the word
//
// Progress: Is and Dead are one load, wait-free. Pointer is
// weak.Pointer.Value and may wait for the collector. Make takes locks of the
// runtime and belongs to the first attach of an object, not to lookups.
//
// Invariants:
//
//	I1  A word is 0 before the memory of its object can be allocated again. So
//	    while a caller keeps the object at an address alive, a word equal to
//	    that address belongs to that very object: if the object of the handle
//	    had died first, the word would have become 0 before the caller's
//	    object could be placed there; if it dies later, it is not dead now,
//	    because it is the caller's object, which the caller keeps alive.
//	I2  A handle is never given out for another object, even after death,
//	    because whoever holds it keeps its word from being collected.
//	I3  Make of equal pointers gives equal handles while the object lives.
//	    Pointers into one object at different offsets have different handles.
//
// The word behind weak.Pointer is not part of Go's promises. A test at
// start-up checks everything about it that can be seen without a collection;
// if it fails, or under the build tag shadow_weakvalue, a handle is a box
// around a weak.Pointer, and Is and Dead ask its Value. That mode is slower,
// it may wait for the collector, and a Dead asked while the collector marks
// keeps the object until the next collection.
package parent

import "strconv"

// Kind tells what the memory at an address is to the collector.
type Kind uint8

const (
	// Heap is memory that the collector frees when it is unreachable.
	Heap Kind = iota
	// Immortal is memory that Go's linker placed and nothing ever frees: package
	// variables, composite literals that the compiler found constant, and the
	// one address of all objects of size zero.
	Immortal
	// Foreign is memory that the collector does not know: mmap, C, and
	// read-only data such as string constants and type descriptors.
	Foreign
)

// String returns the name of the kind.
func (k Kind) String() string {
	switch k {
	case Heap:
		return "heap"
	case Immortal:
		return "immortal"
	case Foreign:
		return "foreign"
	}
	return "kind " + strconv.Itoa(int(k))
}

// Within tells whether addr is one of the size bytes that begin at base.
func Within(addr, base, size uintptr) bool { return addr-base < size }
