package measure

import (
	"runtime/metrics"
	"time"
)

// Collections is what the collector has done so far.
type Collections struct {
	CPU    time.Duration // dedicated workers, assists and idle marking; up to date as of the last cycle's end
	Cycles uint64
}

// Collected reads the collector's account.
func Collected() Collections {
	samples := []metrics.Sample{{Name: "/cpu/classes/gc/total:cpu-seconds"}, {Name: "/gc/cycles/total:gc-cycles"}}
	metrics.Read(samples)
	return Collections{time.Duration(samples[0].Value.Float64() * float64(time.Second)), samples[1].Value.Uint64()}
}
