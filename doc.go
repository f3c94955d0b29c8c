// Package shadow attaches typed data to any Go object from outside: no field in the object, no wrapper around it, no change to
// its type. It is the Linux kernel's shadow variables, data keyed by <object pointer, id>, for Go: lock-free, typed, and aware of the garbage collector.
//
//	var notes = shadow.MustNew[http.Request, Note](shadow.NameID("example.com/notes"), nil)
//
//	notes.Alloc(req, &Note{Started: now}) // attach a copy
//	notes.Get(req).Hits++                 // find it again, wherever req has gone
//	notes.Free(req)                       // or do nothing: it goes when req is collected
//
// # Words
//
// A parent is the object that data is attached to. A variable is one piece of data attached to one parent under one [ID]; there is at
// most one for each pair of the two. A class is all variables of one id in one [Space]: one parent type, one data
// type, one [Lifetime], one destructor. [New] opens a class and returns a handle on it, a [Var]; [NewAny] opens one whose parents are interface
// values, maps and channels; [NewBytes] one whose data has its size chosen per variable.
//
// # Lifetimes
//
// [Collected], the default: a variable ends by itself once its parent is unreachable, at the latest when the second
// collection after that has completed, and never is it found through a new object at the same address. [Pinned]: the variable keeps its parent alive until it is
// freed. [Manual]: only the address is kept, and the caller frees the variable before the parent is unreachable or its memory used
// again. Manual is the fastest, and costs the collector nothing.
//
// Pointers to data stay good: the memory behind a *T is never handed to another variable while anybody can reach that pointer, whatever became of the variable.
//
// # When not to use it
//
// Go has no ephemerons. Under Collected, data that leads back to its own parent keeps it alive, and itself, for ever. Where a pointer
// of the data lies within the parent, attaching is [ErrSelf]; a way round through other objects, a closure, a map or a channel cannot be seen then, but
// package shadowtest finds it in a test. If you own the type, a field is better; if the data should travel with a request rather than with an object, a context is.
// It is no general map: keys are objects, compared by address.
//
// # Which pointers can be parents
//
// Several pointers into one object at different offsets are different parents; a struct and its first field are one. A package-level variable is a
// parent that lives for ever, and a good way to attach data to no object at all. Pointer-free objects under 16 bytes share blocks, so under
// Collected their end may come late. Objects on a stack are moved to the heap by attaching. Memory that Go's collector does not manage (mmap, C, and
// read-only memory such as the bytes of a string constant or a reflect.Type) is [ErrForeign] under Collected and Pinned and fine under
// Manual, where it never dies. Objects of size zero have no identity: [ErrZeroSize].
//
// # Concurrency
//
// All methods may be called concurrently. Get, Has and GetBatch are wait-free but for the length of a probe run and one hop per migration of the table,
// write no shared memory and allocate nothing. Everything else is lock-free (modulo Go's allocator and collector), growing and
// shrinking included, with one exception: GetOrAlloc and GetOrAllocFunc wait for a constructor that runs for their very pair.
//
// Get, Has, Alloc, AllocFunc, GetOrAlloc, GetOrAllocFunc, Take, Free and FreeIf are linearizable per pair, and FreeAll for its whole class at
// once. All is weakly consistent.
//
// In the terms of the Go memory model Get, Has, GetBatch, All, Len and a space's Stats, Classes and Samples are read operations, and so is a GetOrAlloc or
// GetOrAllocFunc that finds a variable and an attachment that is refused. What attaches or ends a variable is a write operation: Alloc, AllocFunc, GetOrAlloc and GetOrAllocFunc
// that attach, Copy, Move, Free, FreeIf, FreeFunc, FreeAll, FreeObject, Take, Reap and Close. An attachment synchronizes before every read operation that observes it, and the end of a variable
// before the attachment of the next to the same parent. What the data holds is the callers' to synchronize, as in the kernel.
//
// # Destructors
//
// Options.Destroy is called exactly once for each variable that was freed or whose parent was collected, never for one that was taken, never while a lock is held. It
// may block and may use the library. If it panics in FreeAll, FreeObject or Close, the rest is destroyed first; in the background a panic ends the process. Neither the
// process's exit nor an unreachable Space runs destructors.
//
// # Costs
//
// Get reads a slot of the table, a cell of a directory that is small enough to stay in the cache, and under Collected the weak handle: two cache misses in
// a big table, four under Collected, where the handle's word and the handle are loaded besides, and the data meanwhile. A variable takes a slot of 16 bytes in a table that is between a fifth and seven tenths full, its data, and one word (Pinned,
// Manual) or two (Collected), and two more with Any. Data without pointers shares allocations; data with pointers has one of its own, so that a dead variable
// keeps nothing alive. The first attachment of Collected data to an object makes its weak handle, which costs more than the rest of the attachment.
//
// FreeAll, FreeFunc, All and Len take time in proportion to the class's variables, not to the space; FreeObject in proportion to the number of classes. While
// Collected classes are open, each collection is followed by a walk over their variables, in the background.
// Statistics ([Space.Stats], and the page of package shadowdebug) cost nothing where the figures arise: they are read from what is there anyway.
// docs/design.md has the protocol, its argument and the measurements.
//
// # Seeing what is attached
//
// [Space.Stats] and [Space.Classes] tell how much there is and what it takes; packages shadowexpvar and shadowprom give the figures to expvar and to Prometheus. A class that was opened
// with a rate in [Options.Profile] records who attached its variables: [Space.Samples] has those that live, by stack, and package shadowpprof makes a file
// for go tool pprof of them. Package shadowtest finds what tests leave behind, and data that keeps its own parent alive. None of this costs Get anything.
//
// # Caveats
//
// A variable whose parent has died is counted by Len, and by the results of FreeAll and Close, until it has been found dead; nobody can find
// it meanwhile. An attachment that overlaps FreeAll or Close succeeds even if it is ended at once. Move is two steps: in between the
// variable is at neither parent. A constructor that asks GetOrAlloc for its own pair waits for itself for ever, as with sync.Once. Under Manual no
// parent is ever handed back, because none is held: All, FreeFunc and mostly Destroy give nil.
package shadow
