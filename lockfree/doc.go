// Package lockfree is a lock-free hash table from pairs (key, class) to 37-bit
// indices. It is experimental: its interface may change in any release.
//
// A key is a 64-bit number other than 0 and ^0, typically an object's address. Keys that are equal modulo 2^40 (in tables of less than 64 KiB,
// modulo less, down to 2^31) begin their search at the same slot: of objects in memory there are never many, of invented numbers there must not be.
// A class is a number up to [MaxClass]. What a pair maps to is a [Word]: the
// class, an index chosen by the caller, and a [State]. All pairs of one key
// whose class numbers share class/8 stand next to each other in memory.
//
//	t := lockfree.New(nil)
//	t.Insert(addr, lockfree.MakeWord(class, 17, lockfree.Value))
//	w := t.Get(addr, class)                                        // w.Index() == 17
//	t.Replace(addr, w, lockfree.MakeWord(class, 17, lockfree.Nil)) // delete
//
// # States of a pair
//
//	absent    never inserted, or state Nil
//	Value     Get returns it, Insert is refused
//	Building  Get returns it too, and the caller is expected to treat it as
//	          absent; Insert is refused. Its owner replaces it by Value or Nil
//
// # Transitions
//
//	absent            -> Value, Building    Insert
//	Value, Building   -> Value, Building, Nil   Replace
//
// Every operation on a pair is linearizable and linearizes on one word.
//
// # Progress
//
// Get takes no lock, writes nothing and never retries: its length is bounded by
// the length of a run of slots and one hop per migration that ends meanwhile.
// Insert and Replace are lock-free: a goroutine stopped at any point stops
// nobody else. Growing, purging dead pairs and shrinking are done piecemeal by
// the writers. What they leave undone when they stop writing is finished after the next
// collection, by a goroutine that ends with it. All this is modulo Go's own
// allocator and collector.
//
// # Memory
//
// A pair costs a slot of 16 bytes; between a fifth and seven tenths of the
// slots are in use. Arrays hold no Go pointers, so the collector does not look
// at them, and a key keeps nothing alive. An operation that is stopped keeps the array
// that it is in, and those that came after it.
//
// # Memory model
//
// In the terms of the Go memory model, Get is a read operation; an Insert or a
// Replace that returns true is a write operation, and one that returns false is
// a read operation. A write operation synchronizes before any read operation
// that observes its word.
package lockfree
