package atomic

import (
	"runtime"
	"sync/atomic"
)

// Collection is the next collection, as far as somebody waits for it: see [AfterCollection].
type Collection struct{ over atomic.Bool }

// Over tells whether what was to run after the collection has begun to.
func (c *Collection) Over() bool { return c.over.Load() }

// sentinel is what the collector finds dead. It is big enough to have a block of its own.
type sentinel struct{ _ [4]uintptr }

// afterCollection runs f(arg) once, in a goroutine of the runtime's, after the sweep of the next collection that begins, or of the one under way.
//
// A cleanup does it. The runtime publishes a lone one at the end of the sweep, which is when the words of dead objects' handles are zero. But cleanups are
// queued per processor, and lowering GOMAXPROCS between the sweep that queues one and the end of that sweep strands it until
// GOMAXPROCS is raised again (seen with Go 1.26 and 1.27: the stress command found variables that nobody reaped any more); and another's cleanup that blocks
// may hold up all. Finalizers have another queue. So if the cleanup has not run a collection later, a finalizer does its work.
func afterCollection[A any](f func(A), arg A) *Collection {
	c := new(Collection)
	run := func(arg A) {
		if c.over.CompareAndSwap(false, true) {
			f(arg)
		}
	}
	runtime.AddCleanup(new(sentinel), run, arg)
	runtime.SetFinalizer(new(sentinel), func(s *sentinel) {
		if !c.Over() {
			runtime.SetFinalizer(s, func(*sentinel) { run(arg) })
		}
	})
	return c
}
