//go:build !unix

package measure

import "time"

var processBegin = time.Now()

// ProcessCPU falls back to wall time where the system has no getrusage.
func ProcessCPU() time.Duration { return time.Since(processBegin) }
