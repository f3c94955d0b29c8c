//go:build !explore

package parent

// fake is the handle of a parent that a schedule made up; there are none in
// a normal build.
func fake(uintptr) Handle { return nil }

// isFake tells whether a handle belongs to such a parent.
func isFake(Handle) bool { return false }
