//go:build !unix

package measure

import "time"

var processBegin = time.Now()

// processCPU falls back to wall time where the system has no getrusage.
func processCPU() time.Duration { return time.Since(processBegin) }
