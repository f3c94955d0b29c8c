package shadowtest

import "time"

// SetPatience sets how long the package collects before it gives up, and returns how long it did.
func SetPatience(d time.Duration) (before time.Duration) {
	before, patience = patience, d
	return before
}
