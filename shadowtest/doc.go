// Package shadowtest helps programs that use package shadow to test that their data lives as long as it should.
//
//   - [Collect] runs the collector until a space is quiet, for tests that look at what is left after parents have died.
//   - [NoLeaks] fails a test that ends with more variables than it began with.
//   - [KeptAlive] finds parents that are kept alive by their own data, and says by which class and over which path.
//
// A typical use, in a test of a package that attaches sessions to connections:
//
//	func TestSessionsEnd(t *testing.T) {
//		// Ensure that a session ends with its connection.
//		shadowtest.NoLeaks(t, shadow.Default())
//		shadowtest.KeptAlive(t, func() *Conn {
//			c := dial()
//			startSession(c)
//			return c
//		}, sessions, counters)
//	}
//
// # Cycles that cannot be seen from types
//
// Go has no ephemerons: data under [shadow.Collected] that leads back to its own parent keeps it alive, and itself, for
// ever. A field that points straight into the parent is refused when the data is attached ([shadow.ErrSelf]); a path over
// another object, a closure, a map or a channel is not, because finding it would mean searching the heap at each attachment. KeptAlive
// does search, in a test, where time is cheap.
//
// The functions take collections, milliseconds each in a small program, and wait for nothing longer
// than they need to. Tests that run in parallel with others in the same space see the others' variables; give such tests a space of their own.
package shadowtest
