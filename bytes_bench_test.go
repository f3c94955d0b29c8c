package shadow_test

import (
	"fmt"
	"runtime"
	"testing"
	"time"

	"github.com/shadowvars/shadow"
)

// BenchmarkBytes attaches bytes to parents that exist, finds and reads them, and says what each variable takes of the heap and of a collection.
func BenchmarkBytes(b *testing.B) {
	const n = 1 << 17
	objs := parents(n)
	for _, size := range []int{16, 100, 400} {
		data := make([]byte, size)
		for _, l := range lifetimes {
			attached := func() *shadow.Bytes[conn] {
				v := shadow.MustNewBytes(1, &shadow.BytesOptions[conn]{Space: shadow.NewSpace(nil), Lifetime: l})
				for _, obj := range objs {
					v.Alloc(obj, data, size)
				}
				return v
			}
			collected := func() (heap uint64, took time.Duration) {
				const collections = 5
				runtime.GC()
				began := time.Now()
				for range collections {
					runtime.GC()
				}
				took = time.Since(began) / collections
				var m runtime.MemStats
				runtime.ReadMemStats(&m)
				return m.HeapAlloc, took
			}
			name := fmt.Sprintf("life=%v/size=%d", l, size)
			b.Run("op=attach/"+name, func(b *testing.B) {
				heap, took := collected()
				b.ResetTimer()
				for b.Loop() {
					v := attached()
					b.StopTimer()
					with, longer := collected()
					b.ReportMetric(float64(with-heap)/n, "B/variable")
					b.ReportMetric(float64(longer-took)/n, "gc-ns/variable")
					v.Close()
					b.StartTimer()
				}
				b.ReportMetric(float64(b.Elapsed())/n/float64(b.N), "ns/variable")
			})
			v := attached()
			b.Run("op=get/"+name, func(b *testing.B) {
				sum := byte(0)
				for i := range b.N {
					sum += v.Get(objs[i*7919&(n-1)])[0]
				}
				runtime.KeepAlive(sum)
			})
			v.Close()
		}
	}
}
