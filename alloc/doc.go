// Package alloc names slots of typed memory by 32-bit indices.
//
// It serves structures that keep references in words without Go pointers, so
// that the collector never looks at them, and must still let the collector
// decide when memory is free. A [Slab] hands out slots; an index leads to a
// slot in three loads; a pointer to a slot stays good as long as anyone has it,
// even after the slot has been freed. [Pool] is the same with a type.
//
//	Slab --> Directory (immutable; replaced, never changed)
//	             |
//	          segment (used once)
//	             |
//	            cell --> chunk: 1, 2, 4 … 32 slots
//	            word --> Side: a pointer for each of 32 slots, if the layout has sides
//
// # Guarantees
//
//   - A claimed slot is zeroed and has never been used before.
//   - The memory of a freed slot is never handed out again; Go's collector frees its
//     chunk once all its slots are freed and nobody points into it.
//   - While a [Directory] is held an index has one meaning. The number of a
//     segment is used again only after the collector has shown that no operation that
//     could know its former meaning is still running.
//   - At is wait-free. The rest is lock-free, but for Go's allocator and
//     collector: a goroutine stopped at any instruction holds up no other.
//
// # Costs
//
// The last live slot of a chunk keeps all of it. Slots of at least 128 bytes,
// and those of a layout with Single, have chunks of their own. A slot costs 8 bytes of cell divided by the
// slots of its chunk, and two bits; with sides 8 bytes and a quarter of one more, and the last live slot of 32 keeps their Side, of 256 bytes.
//
// An operation that never ends keeps numbers from being used again, and some 30 bytes for each segment made or retired meanwhile; claiming gets slower as the
// numbers get more, by 16 bytes to copy for each of them and each segment, and after some four billion claims of one slab
// (one and a half billion if its slots are of several sizes) they are used up.
//
// # Status
//
// Experimental: this package serves package shadow and changes with it. There is no
// promise of compatibility.
package alloc
