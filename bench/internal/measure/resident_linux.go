//go:build linux

package measure

import (
	"fmt"
	"os"
	"runtime/debug"
)

// Resident returns the bytes of memory that the process occupies, after it has given back what it does not use.
func Resident() uint64 {
	debug.FreeOSMemory()
	text, err := os.ReadFile("/proc/self/statm")
	if err != nil {
		panic("measure: " + err.Error())
	}
	var size, resident uint64
	if _, err := fmt.Sscan(string(text), &size, &resident); err != nil {
		panic("measure: /proc/self/statm: " + err.Error())
	}
	return resident * uint64(os.Getpagesize())
}

// Available returns the bytes of memory that can be used without taking them from others, 0 if that is not known.
func Available() uint64 {
	text, err := os.ReadFile("/proc/meminfo")
	if err != nil {
		return 0
	}
	return availableOf(string(text))
}
