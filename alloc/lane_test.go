//go:build !explore

package alloc

import (
	"runtime"
	"testing"
)

// deep calls f from some way down the stack.
//
//go:noinline
func deep(n int, f func()) byte {
	var pad [16]byte
	if n == 0 {
		f()
		return pad[0]
	}
	pad[n&15] = byte(n)
	return deep(n-1, f) + pad[(n+1)&15]
}

func TestFullSegmentsAreLeft(t *testing.T) {
	// Ensure that claims do not go on counting beyond the end of a full segment (I4 of segment), from wherever they come: when the slow path took a hint of its
	// own, in another frame, it filled other lanes than the one that it had come from, at 4 or 5 of these 200 depths.
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(16))
	for depth := range 200 {
		var s Slab
		s.Init(LayoutOf[[2]uint64](LayoutOptions{}))
		for range 4 {
			s.widen() // as collisions do
		}
		for k := range 200 {
			apart(func() { deep(k, func() { s.keep() }) })
		}
		apart(func() {
			deep(depth, func() {
				s.keep()
				for range 20_000 {
					d := s.Hold()
					index, _ := s.Claim()
					s.Enliven(index)
					s.Free(index)
					Keep(d)
				}
			})
		})
		for _, g := range s.dir.Load().segments {
			if g != nil && g.claimed.Load() > g.slots+1000 {
				t.Fatalf("depth %d: %d claims of a segment with %d slots", depth, g.claimed.Load(), g.slots)
			}
		}
	}
}

// keep claims a slot that stays live.
func (s *Slab) keep() {
	d := s.Hold()
	index, _ := s.Claim()
	s.Enliven(index)
	Keep(d)
}

// apart runs f on a stack of its own.
func apart(f func()) {
	done := make(chan struct{})
	go func() {
		defer close(done)
		f()
	}()
	<-done
}
