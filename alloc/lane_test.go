//go:build !explore

package alloc

import (
	"runtime"
	"slices"
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
			s.part() // as collisions do
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

func TestLanesPart(t *testing.T) {
	// Ensure that two goroutines that have one lane have different ones after a few turns, however far apart their stacks are: when it was always the same bits that chose, one pair in eight met for ever.
	const base, stack, pairs, lanes = 0xc0001000, 8 << 10, 10_000, 8
	turns, most := 0, 0
	for k := range uintptr(pairs) {
		a, b := hashOfStack(base), hashOfStack(base+(k+1)*stack)
		d := &Directory{laneMask: lanes - 1}
		n := 0
		for ; d.lane(0, a) == d.lane(0, b); n++ {
			if n == 32 {
				t.Fatalf("stacks %d apart are never parted", (k+1)*stack)
			}
			d = d.turned()
		}
		turns, most = turns+n, max(most, n)
	}
	if turns > pairs/lanes*2 || most > 8 {
		t.Errorf("%d turns for %d pairs, up to %d for one", turns, pairs, most)
	}
}

func TestLanesTurn(t *testing.T) {
	// Ensure that collisions beyond the most lanes choose lanes anew, for as long as no others do, and that what these have stays.
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(2))
	var s Slab
	s.Init(LayoutOf[[2]uint64](LayoutOptions{}))
	for range 4 {
		s.keep()
		s.part() // as collisions do
	}
	before := s.dir.Load()
	if n := s.Stats().Lanes; n != 2*lanesPerProcessor || before.turn == 0 {
		t.Errorf("%d lanes, turn %d after 4 times", n, before.turn)
	}
	s.part()
	after := s.dir.Load()
	if after.turn == before.turn || !slices.Equal(after.lanes, before.lanes) {
		t.Errorf("turn %d, lanes %v after turn %d, lanes %v", after.turn, after.lanes, before.turn, before.lanes)
	}
	made, retired := after.fresh+5, after.spent
	for s.dir.Load().fresh < made || s.dir.Load().spent == retired {
		s.keep()
		index, _ := s.Claim()
		s.Discard(index)
		for index := range s.Range {
			s.Free(index)
		}
	}
	if d := s.dir.Load(); d.turn != after.turn {
		t.Errorf("turn %d becomes %d when segments are made and retired", after.turn, d.turn)
	}
	saneSegments(t, &s)
	saneStats(t, &s)
}
