package main

import (
	"fmt"
	"runtime"
	"sync"
	"testing"

	"github.com/shadowvars/shadow/bench/internal/measure"
	"github.com/shadowvars/shadow/bench/internal/micro"
	"github.com/shadowvars/shadow/bench/internal/report"
)

// BenchmarkLookup is the lookups of BenchmarkTable on one goroutine, timed by its thread's processor clock instead of the wall: what other
// processes take of the processors does not show, so this is what to compare two versions by on a machine that is not idle.
func BenchmarkLookup(b *testing.B) {
	for _, implementation := range micro.Implementations() {
		for _, n := range benchSizes(b) {
			build := sync.OnceValue(func() *fixture { return newFixture(implementation, n) })
			for _, op := range operations()[:3] {
				b.Run(fmt.Sprintf("impl=%s/op=%s/n=%s", implementation.Name, op.name, report.Size(n)), func(b *testing.B) {
					picks, do := op.loop(build())
					if do == nil {
						b.Skip("it has no batches")
					}
					runtime.LockOSThread()
					defer runtime.UnlockOSThread()
					b.ResetTimer() // or the building would count as the first operation, and be the only one
					measure.WithoutCollector(func() {
						begin := measure.Thread()
						for done := 0; done < b.N; {
							block := picks.Next(0, b.N-done)
							do(block)
							done += len(block)
						}
						spent := measure.Thread() - begin
						b.ReportMetric(float64(spent.Nanoseconds())/float64(b.N), "cpu-ns/op")
						b.ReportMetric(0, "ns/op") // the wall's
					})
				})
			}
		}
	}
}
