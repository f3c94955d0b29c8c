package main

import (
	"runtime"
	"strings"
	"sync"
	"testing"

	"github.com/shadowvars/shadow/bench/internal/measure"
	"github.com/shadowvars/shadow/bench/internal/work"
)

// BenchmarkLookup is the lookups of BenchmarkTable on one goroutine, timed by its thread's processor clock instead of the wall: what other
// processes take of the processors does not show, so this is what to compare two versions by on a machine that is not idle.
func BenchmarkLookup(b *testing.B) {
	for _, impl := range work.Tables() {
		for _, n := range benchSizes(b) {
			ground := sync.OnceValue(func() *work.Ground { return work.NewGround(n) })
			built := false
			for _, op := range []string{"get-hit", "get-miss", "get-batch"} {
				w, _ := work.Find(op)
				for _, s := range subjects(w, impl, n) {
					if s.Goroutines > 1 {
						continue
					}
					b.Run(strings.TrimPrefix(s.Name(), "Table/"), func(b *testing.B) {
						built = true
						blocks := w.Blocks(ground(), s)
						if blocks == nil {
							b.Skip("the contestant cannot do this")
						}
						onThread(b, blocks)
					})
				}
			}
			if built {
				ground().Close()
			}
		}
	}
}

// onThread does about b.N operations and reports what each took of the thread's processor time.
func onThread(b *testing.B, blocks measure.Blocks) {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	b.ResetTimer() // or the building would count as the first operation, and be the only one
	measure.WithoutCollector(func() {
		begin, done := measure.Thread(), 0
		for done < b.N {
			done += blocks(0, min(b.N-done, measure.MostBlock))
		}
		spent := measure.Thread() - begin
		b.ReportMetric(float64(spent.Nanoseconds())/float64(done), "cpu-ns/op")
		b.ReportMetric(0, "ns/op") // the wall's
	})
}
