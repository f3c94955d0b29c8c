//go:build !linux

package measure

import "time"

// Thread is the time on the wall where there is no clock for a thread.
func Thread() time.Duration { return Wall() }
