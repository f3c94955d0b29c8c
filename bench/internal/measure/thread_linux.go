//go:build linux

package measure

import (
	"time"

	"golang.org/x/sys/unix"
)

// Thread is the processor time of the calling thread: right for what never waits, on a machine whose
// processors are shared with others.
func Thread() time.Duration {
	var now unix.Timespec
	if err := unix.ClockGettime(unix.CLOCK_THREAD_CPUTIME_ID, &now); err != nil {
		panic("measure: the thread's clock: " + err.Error())
	}
	return time.Duration(now.Nano())
}
