//go:build !explore

package alloc

import (
	"math/rand/v2"
	"runtime"
	"sync"
	"testing"
)

// saneStats checks the statistics of a slab at rest against its cells and its bits, one slot after the other.
func saneStats(t *testing.T, s *Slab) {
	t.Helper()
	d := s.dir.Load()
	var want Stats
	want.Freed, want.Lanes = d.spent, int(d.laneMask)+1
	for _, g := range d.segments {
		if g == nil {
			continue
		}
		want.Segments++
		l := g.layout
		live, chunks := want.Live, want.Chunks
		for chunk := uint32(0); chunk < g.slots; chunk += 1 << l.chunkShift {
			freed, claimed := 0, 0
			for slot := chunk; slot < chunk+1<<l.chunkShift; slot++ {
				word := g.group(slot >> groupShift).Load()
				bit := uint64(1) << (slot & (groupSlots - 1))
				switch {
				case word&bit != 0:
					want.Live++
				case word&(bit<<groupSlots) != 0:
					freed++
				case slot < g.claimed.Load():
					want.Pending++
				default:
					continue
				}
				claimed++
			}
			want.Freed += uint64(freed)
			if *g.cell(chunk >> l.chunkShift) != nil {
				want.Chunks++
				if freed > 0 {
					want.HalfDead++
				}
			}
		}
		held := (want.Chunks - chunks) << l.chunkShift
		want.Held += held
		want.LiveBytes += uintptr(want.Live-live) * l.stride
		want.HeldBytes += uintptr(held) * l.stride
		if l.sides {
			want.LiveBytes += uintptr(want.Live-live) * sideBytes
			for i := range g.groups() {
				if g.sideOf(i) != nil {
					want.HeldBytes += sizeOf[Side]()
				}
			}
		}
	}
	got := s.Stats()
	want.Waiting = got.Waiting
	if got != want {
		t.Fatalf("Stats are\n%+v, want\n%+v", got, want)
	}
	var live, dead, fresh int
	for o := range s.Occupancy {
		live, dead, fresh = live+o.Live, dead+o.Dead, fresh+o.Fresh
	}
	if live != want.Live || live+dead+fresh != want.Held || dead < want.HalfDead || fresh < want.Pending {
		t.Fatalf("Occupancy adds up to %d live, %d dead, %d fresh of %+v", live, dead, fresh, want)
	}
}

func TestStatsCountEverySlot(t *testing.T) {
	// Ensure that every slot ever claimed is live, pending or freed in the statistics, whatever segments were retired, also for who kept only what leads to the latest directory.
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(4))
	forEachKind(t, func(t *testing.T, k kind, s *Slab) {
		latest := s.Latest()
		const workers = 4
		var claims, live, pending [workers]int
		var all sync.WaitGroup
		for w := range workers {
			all.Go(func() {
				random := rand.New(rand.NewPCG(3, uint64(w)))
				var mine []uint32
				for range k.scaled(20_000) {
					d := s.Hold()
					index, _ := k.claim(s)
					claims[w]++
					switch random.IntN(3) {
					case 0:
						s.Discard(index)
					default:
						s.Enliven(index)
						mine = append(mine, index)
					}
					if len(mine) > 100 {
						i := random.IntN(len(mine))
						s.Free(mine[i])
						mine[i] = mine[len(mine)-1]
						mine = mine[:len(mine)-1]
					}
					Keep(d)
				}
				d := s.Hold()
				k.claim(s)
				Keep(d)
				claims[w]++
				live[w], pending[w] = len(mine), 1
			})
		}
		all.Wait()
		sum := func(n [workers]int) int { return n[0] + n[1] + n[2] + n[3] }
		for _, st := range []Stats{s.Stats(), latest.Stats()} {
			if st.Live != sum(live) || st.Pending != sum(pending) || st.Freed != uint64(sum(claims)-sum(live)-sum(pending)) {
				t.Errorf("%d claims, %d live, %d pending, but %+v", sum(claims), sum(live), sum(pending), st)
			}
		}
		if s.dir.Load().spent == 0 && k.scaled(20_000) == 20_000 {
			t.Error("no segment was retired: nothing is shown")
		}
		saneStats(t, s)
	})
}

func TestOccupancyStops(t *testing.T) {
	// Ensure that Occupancy asks no further once its loop has been left.
	forEachKind(t, func(t *testing.T, k kind, s *Slab) {
		churn(s, k)
		for range 100 {
			k.claim(s)
		}
		n := 0
		for range s.Occupancy {
			n++
			break
		}
		if n != 1 {
			t.Errorf("%d groups", n)
		}
	})
}
