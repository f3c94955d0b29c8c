// Package explore runs the real code of the library under a scheduler of its
// own, one access to a shared word at a time, and enumerates the
// interleavings. It works under the build tag explore only.
//
// A scenario builds a fresh world, gives it threads and a check; the package
// runs it once for every schedule:
//
//	//go:build explore
//
//	type op struct { // one operation and its result; comparable
//		kind     byte
//		key, in  uint64
//		out      uint64
//		ok       bool
//	}
//
//	type model struct{} // the sequential specification
//
//	func (model) Init() [2]uint64 { return [2]uint64{} }
//	func (model) Step(s [2]uint64, o op, pending bool) ([2]uint64, bool) {
//		old := s[o.key]
//		switch o.kind {
//		case 'g':
//			return s, pending || o.out == old
//		case 'i': // insert if absent; out is what is there afterwards
//			if old == 0 {
//				s[o.key] = o.in
//			}
//			return s, pending || (o.ok == (old == 0) && o.out == s[o.key])
//		}
//		panic("no such operation")
//	}
//
//	func TestTable(t *testing.T) {
//		c := explore.NewChecker[[2]uint64, op](model{})
//		explore.Run(t, explore.Options{Preemptions: 2, Kill: true}, func(w *explore.World) {
//			table := newTable(2)
//			h := c.History(w)
//			explore.Root(w, table.root.Load)                             // what is reachable anyway
//			explore.Chain(w, func(a *array) *array { return a.next.Load() }) // what an object reaches
//			insert := func(key, in uint64) {
//				h.Do(op{kind: 'i', key: key, in: in}, func(o *op) { o.out, o.ok = table.insert(o.key, o.in) })
//			}
//			insert(0, 7) // before the threads: not interleaved
//			w.Go(func() { insert(1, 8) })
//			w.Go(func() {
//				h.Do(op{kind: 'g', key: 1}, func(o *op) { o.out = table.get(o.key) })
//				w.Collect() // a collection; watchers of what is unreachable run here
//			})
//			w.Check(func() error { return h.Check() }) // after the threads have ended
//		})
//	}
//
// # What a run is
//
// Only one thread runs at a time, and it can be stopped before each access
// that goes through internal/atomic. Because sync/atomic is sequentially
// consistent, and because what is not accessed through it must be ordered by
// it, these schedules are all that can happen. Whether it is so ordered, schedules show
// only of what atomic.PlainWrite and PlainRead announce: those are steps too. A
// write that comes too late and is not announced is for the race detector to find. With Options.Preemptions the
// threads that could have gone on are stopped at most so often; switches
// where a thread ends or blocks are free. With Options.Kill, one thread is
// suspended for ever at each of its steps in turn, and all others must end:
// this is the test of lock freedom. An endless loop is found by
// Options.MaxSteps.
//
// # Rules for scenarios
//
// The code must be deterministic: no time, no randomness, no map iteration,
// nothing that depends on the addresses of objects or stacks. A run that
// departs from its schedule is reported as a failure. Real
// blocking must go through atomic.Mutex and atomic.Wait. Threads must not share plain variables; where
// a scenario must (to count constructor calls, say) it calls World.Touch just before each such
// access, because schedules that differ only in the order of independent
// accesses are left out; data of variables it reads after atomic.PlainRead. An operation that
// takes no step must touch nothing that others see: it is dated at its end, by a step of its own. What Hold began, Keep must end on every path.
// Explorations run one at a time, and nothing else may use internal/atomic meanwhile: no t.Parallel.
//
// # Failures
//
// A failure prints its schedule: "a3b2c1!a" is three steps of the first
// thread, two of the second, one of the third, which is then suspended for
// ever, and the first thread to its end. A thread's steps are counted from
// where it was chosen; "b0" chose one that ended, or blocked, without a step. Replay runs that schedule again.
//
// # Which of Exhaust, Random and PCT
//
// Exhaust, up to the size where it no longer ends (two or three threads with two
// operations each, two or three preemptions); beyond that Random, which prefers short runs of each
// thread, and PCT, which has a bound on the probability of finding an error that needs few preemptions.
package explore
