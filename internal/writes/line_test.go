package writes

import (
	"sync/atomic"
	"testing"
)

// BenchmarkLine is what a write of a shared word costs: of a line that only this core writes, and of one that all write.
//
//	go test -run '^$' -bench Line -cpu 1,2 ./internal/writes
//
// ns/op is wall time over the writes of all goroutines.
func BenchmarkLine(b *testing.B) {
	b.Run("line=own", func(b *testing.B) {
		b.RunParallel(func(pb *testing.PB) {
			var own struct {
				_    [128]byte
				word atomic.Uint64
				_    [128]byte
			}
			for pb.Next() {
				own.word.Add(1)
			}
		})
	})
	b.Run("line=common", func(b *testing.B) {
		var common struct {
			_    [128]byte
			word atomic.Uint64
			_    [128]byte
		}
		b.RunParallel(func(pb *testing.PB) {
			for pb.Next() {
				common.word.Add(1)
			}
		})
	})
}
