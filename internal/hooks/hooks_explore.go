//go:build explore

package hooks

// Explored makes a class for an exploration: a *shadow.Var[uint64, uint64] of the given lifetime, in a space of its own, opened by nobody,
// so that no reaper wakes up by itself. w is the *explore.World, whose collector then knows what the class keeps. destroy, which
// may be nil, is called with the data of what ends; not under Collected, where a goroutine would be started for it.
var Explored func(w any, lifetime uint8, destroy func(data uint64)) any

// Reap ends what belonged to dead parents, Purge makes the table migrate, FreeObject is that of the space; v is what Explored has made.
var (
	Reap       func(v any)
	Purge      func(v any)
	FreeObject func(v, obj any) int
)
