package measure

import "runtime/metrics"

// Allocations are how many heap objects the process has made so far, and how many bytes they were. The runtime
// counts small ones when a processor takes its next run of them, so only the difference over thousands means something.
func Allocations() (objects, bytes float64) {
	samples := []metrics.Sample{{Name: "/gc/heap/allocs:objects"}, {Name: "/gc/heap/allocs:bytes"}}
	metrics.Read(samples)
	return float64(samples[0].Value.Uint64()), float64(samples[1].Value.Uint64())
}
