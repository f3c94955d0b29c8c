//go:build unix

package measure

import (
	"syscall"
	"time"
)

// ProcessCPU is the processor time the process has used so far, all its threads together.
func ProcessCPU() time.Duration {
	var usage syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &usage); err != nil {
		panic("measure: getrusage: " + err.Error())
	}
	return time.Duration(usage.Utime.Nano() + usage.Stime.Nano())
}
