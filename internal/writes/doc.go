// Package writes counts, in the instrumented build, how often an operation of the library writes a shared word: each Store, Swap, CompareAndSwap,
// Add, Or and And that goes through internal/atomic, whether it succeeds or not. Reads cost next to nothing on any number of cores, because a line that
// nobody writes is in every cache; a write has to take the line away from all others. So these counts, and how
// many operations write the same line, are what behaviour on many cores can be argued from on a machine that has few. docs/scaling.md does so.
//
// The counts hold for the normal sizes of tables and slabs, which the tag explore alone would shrink:
//
//	go test -tags explore,shadow_fullsize ./internal/writes
//	go test -tags explore,shadow_fullsize -run '^$' -bench Writes -benchtime 1x ./internal/writes
//
// Not seen are the locks and counters of Go's allocator, of weak.Make and of the collector, and private memory that is written plainly.
package writes
