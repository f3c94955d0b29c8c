//go:build !linux

package measure

import (
	"runtime/debug"
	"runtime/metrics"
)

// Resident returns the bytes of memory that the runtime has from the system, after it has given back what it does not use.
func Resident() uint64 {
	debug.FreeOSMemory()
	samples := []metrics.Sample{{Name: "/memory/classes/total:bytes"}, {Name: "/memory/classes/heap/released:bytes"}}
	metrics.Read(samples)
	return samples[0].Value.Uint64() - samples[1].Value.Uint64()
}

// Available is not known here.
func Available() uint64 { return 0 }
