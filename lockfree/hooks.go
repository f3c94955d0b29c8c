package lockfree

import "github.com/shadowvars/shadow/internal/hooks"

// Packages above run their tests on tables with bad hashes, too.
func init() {
	hooks.NewTable = func(slots uintptr, mul uint64) any { return newTable(config{slots: slots, mul: mul}) }
}
