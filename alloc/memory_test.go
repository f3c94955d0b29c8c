//go:build !explore

package alloc

import (
	"math/rand/v2"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"testing"
	"time"
	"unsafe"
	"weak"
)

// heap is the number of bytes in use after collections.
func heap() int {
	var m runtime.MemStats
	runtime.GC()
	runtime.GC()
	runtime.ReadMemStats(&m)
	return int(m.HeapAlloc)
}

// eventually collects until ok, or fails after a long time.
func eventually(t *testing.T, what string, ok func() bool) {
	t.Helper()
	for deadline := time.Now().Add(20 * time.Second); !ok(); {
		if time.Now().After(deadline) {
			t.Fatalf("never: %s", what)
		}
		runtime.GC()
		time.Sleep(time.Millisecond)
	}
}

// attach claims a live slot.
func (k kind) attach(s *Slab, tag uint64) uint32 {
	d := s.Hold()
	index, p := k.claim(s)
	k.set(p, tag)
	s.Enliven(index)
	Keep(d)
	return index
}

func TestMemoryReturned(t *testing.T) {
	// Ensure that memory comes back when all slots are freed, and that numbers do.
	forEachKind(t, func(t *testing.T, k kind, s *Slab) {
		for range 3 {
			before := heap()
			n := k.scaled(50_000)
			indices := make([]uint32, n)
			for i := range indices {
				indices[i] = k.attach(s, uint64(i))
			}
			for _, i := range rand.Perm(n) {
				s.Free(indices[i])
			}
			indices = nil
			// One unfinished segment remains in each lane.
			slack := 64<<10 + int(k.layout.stride)<<k.layout.chunkShift
			eventually(t, "heap as small as before", func() bool { return heap() <= before+slack })
			eventually(t, "no number waits", func() bool { return s.Stats().Waiting == 0 })
		}
		segments, sizes := 0, k.layout.joined
		for _, l := range sizes {
			segments += k.scaled(50_000)/len(sizes)>>l.segShift + 10
		}
		if d := s.dir.Load(); int(d.fresh) > 2*segments {
			t.Errorf("%d numbers were used: they do not return", d.fresh)
		}
		runtime.KeepAlive(s)
	})
}

func TestFreedPointersAreCollectable(t *testing.T) {
	// Ensure (G5) that what a freed slot points to is collectable while all its neighbours live.
	type pointee [64]byte // too big to share a block with others
	var s Slab
	s.Init(LayoutOf[*pointee](LayoutOptions{Single: true}))
	const n = 3000
	indices := make([]uint32, n)
	pointees := make([]weak.Pointer[pointee], n)
	for i := range indices {
		index, p := s.Claim()
		data := new(pointee)
		*typed[*pointee](p) = data
		pointees[i] = weak.Make(data)
		s.Enliven(index)
		indices[i] = index
	}
	for i := 0; i < n; i += 7 {
		s.Free(indices[i])
	}
	eventually(t, "what freed slots point to is collected", func() bool {
		for i := 0; i < n; i += 7 {
			if pointees[i].Value() != nil {
				return false
			}
		}
		return true
	})
	for i := range n {
		if i%7 != 0 && pointees[i].Value() == nil {
			t.Fatalf("slot %d has lost what it points to", i)
		}
	}
	runtime.KeepAlive(&s)
}

func TestSurvivors(t *testing.T) {
	// Ensure that five rounds of freeing a random 90 % and claiming as many again leave little more memory than a fresh slab has.
	const n, table, limit = 60_000, 32, 1.6
	for _, k := range []kind{
		plainKind[[1]uint64]("16", LayoutOptions{}),
		plainKind[[2]uint64]("24", LayoutOptions{}),
		plainKind[[3]uint64]("32", LayoutOptions{}),
		plainKind[[4]uint64]("40", LayoutOptions{}),
		plainKind[[7]uint64]("64", LayoutOptions{}),
		plainKind[[8]uint64]("72", LayoutOptions{}),
		plainKind[[14]uint64]("120", LayoutOptions{}),
		plainKind[[15]uint64]("128", LayoutOptions{}),
		plainKind[[24]uint64]("200", LayoutOptions{}),
		kindOf("pointers", LayoutOptions{Single: true}, func(s *parented, tag uint64) { s.tag = tag }, nil),
		plainKind[[2]uint64]("24 sided", LayoutOptions{Sides: true}),
		plainKind[[3]uint64]("32 sided", LayoutOptions{Sides: true}),
		plainKind[[7]uint64]("64 sided", LayoutOptions{Sides: true}),
		kindOf("pointers sided", LayoutOptions{Single: true, Sides: true}, func(s *parented, tag uint64) { s.tag = tag }, nil),
	} {
		t.Run(k.name, func(t *testing.T) {
			random := rand.New(rand.NewPCG(3, 4))
			indices := make([]uint32, n)
			before := heap()
			s := new(Slab)
			s.Init(k.layout)
			for i := range indices {
				indices[i] = k.attach(s, uint64(i))
			}
			fresh := heap() - before + n*table
			for range 5 {
				random.Shuffle(n, func(i, j int) { indices[i], indices[j] = indices[j], indices[i] })
				for i := range n * 9 / 10 {
					s.Free(indices[i])
				}
				for i := range n * 9 / 10 {
					indices[i] = k.attach(s, uint64(i))
				}
			}
			churned := heap() - before + n*table
			factor := float64(churned) / float64(fresh)
			t.Logf("chunks of %d: fresh %d, churned %d bytes a variable: %.2f", k.layout.ChunkSlots(), fresh/n, churned/n, factor)
			if factor > limit {
				t.Errorf("factor %.2f, want at most %.2f", factor, limit)
			}
			runtime.KeepAlive(s)
		})
	}
}

func TestSmallSlabs(t *testing.T) {
	// Ensure that a slab with one variable is small, whatever the layout.
	const slabs, limit = 500, 1536
	for _, k := range kinds() {
		if k.size > 500 {
			continue
		}
		before := heap()
		all := make([]Slab, slabs)
		for i := range all {
			all[i].Init(k.layout)
			k.attach(&all[i], 1)
		}
		size := (heap() - before) / slabs
		t.Logf("%s: %d bytes, of which %d are the first chunk", k.name, size, int(k.layout.stride)<<k.layout.chunkShift)
		if size > limit && k.name != "24 isolated" {
			t.Errorf("%s: a slab with one variable takes %d bytes", k.name, size)
		}
		runtime.KeepAlive(all)
	}
	if size := unsafe.Sizeof(Slab{}); size > 4*unsafe.Sizeof(Pointer(nil)) {
		t.Errorf("a Slab has %d bytes", size)
	}
}

// churn retires at least one segment.
func churn(s *Slab, k kind) {
	for range k.scaled(2 << k.layout.segShift) {
		s.Free(k.attach(s, 1))
	}
}

func TestNumberReuse(t *testing.T) {
	// Ensure that a segment number is not used again while an operation that may know its former meaning runs, and that it is afterwards.
	k := plainKind[[1]uint64]("16 single", LayoutOptions{Single: true})
	var s Slab
	s.Init(k.layout)
	churn(&s, k)
	held := s.Hold()
	churn(&s, k)
	waiting := s.Stats().Waiting
	for range 5 {
		runtime.GC()
		time.Sleep(2 * time.Millisecond)
	}
	for range 3 {
		churn(&s, k)
		runtime.GC()
	}
	if now := s.Stats().Waiting; waiting == 0 || now <= waiting {
		t.Errorf("%d numbers wait for an operation that runs, before there were %d", now, waiting)
	}
	fresh := s.dir.Load().fresh
	Keep(held)
	held = nil
	eventually(t, "numbers return", func() bool { return s.Stats().Waiting == 0 })
	churn(&s, k)
	if now := s.dir.Load().fresh; now != fresh {
		t.Errorf("fresh numbers are taken, from %d to %d, although some are free", fresh, now)
	}
}

func TestIndexMeaning(t *testing.T) {
	// Ensure that an index that was taken while a directory is held means the same to the end, whatever is retired meanwhile.
	k := plainKind[[1]uint64]("16 single", LayoutOptions{Single: true})
	var s Slab
	s.Init(k.layout)
	for round := range 20 {
		d := s.Hold()
		young := k.attach(&s, 77)
		churn(&s, k)
		runtime.GC()
		if p := s.At(d, young); p == nil || k.get(p) != 77 {
			t.Fatalf("round %d: a segment younger than the directory is not found", round)
		}
		s.Free(young)
		churn(&s, k)
		runtime.GC()
		churn(&s, k)
		if p := s.At(d, young); p != nil && k.get(p) != 77 {
			t.Fatalf("round %d: index %d means another variable", round, young)
		}
		Keep(d)
	}
}

func TestUserIsNotKeptAlive(t *testing.T) {
	// Ensure that cleanups that wait for a directory do not keep the slab's owner alive.
	type owner struct {
		name *int
		slab Slab
	}
	k := plainKind[[1]uint64]("16", LayoutOptions{Single: true})
	o := &owner{name: new(int)}
	o.slab.Init(k.layout)
	d := o.slab.Hold()
	churn(&o.slab, k)
	churn(&o.slab, k)
	dead := weak.Make(o)
	o = nil
	eventually(t, "the owner is collected", func() bool { return dead.Value() == nil })
	Keep(d)
}

func TestCheckFinalizers(t *testing.T) {
	// Ensure that the runtime finds no cleanup that keeps its own object alive.
	if os.Getenv("ALLOC_CHECKED") != "" {
		t.Skip("this is the process that is checked")
	}
	cmd := exec.Command(os.Args[0], "-test.run=^(TestNumberReuse|TestUserIsNotKeptAlive|TestMemoryReturned)$")
	cmd.Env = append(os.Environ(), "GODEBUG=checkfinalizers=1", "ALLOC_CHECKED=1")
	out, err := cmd.CombinedOutput()
	if err != nil || strings.Contains(string(out), "WARNING") {
		t.Errorf("%v\n%s", err, out)
	}
}

func TestAllocations(t *testing.T) {
	// Ensure that looking up, enlivening and freeing allocate nothing.
	forEachKind(t, func(t *testing.T, k kind, s *Slab) {
		index := k.attach(s, 1)
		live := make([]uint32, 0, 30)
		for range 20 {
			i, _ := s.Claim()
			live = append(live, i)
		}
		found := 0
		if n := testing.AllocsPerRun(100, func() {
			d := s.Hold()
			if s.At(d, index) != nil {
				found++
			}
			Keep(d)
		}); n != 0 || found == 0 {
			t.Errorf("At allocates %v times", n)
		}
		if n := testing.AllocsPerRun(len(live)-1, func() {
			s.Enliven(live[0])
			s.Free(live[0])
			live = live[1:]
			s.Len()
		}); n != 0 {
			t.Errorf("Enliven, Free and Len allocate %v times", n)
		}
	})
}

func TestLanes(t *testing.T) {
	// Ensure that lanes double up to some for each processor and never beyond, and that each lane hands out slots of its own segment.
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(2))
	k := plainKind[[1]uint64]("16", LayoutOptions{})
	var s Slab
	s.Init(k.layout)
	for range 6 {
		k.attach(&s, 1)
		s.part()
	}
	if n := s.Stats().Lanes; n != 2*lanesPerProcessor {
		t.Errorf("%d lanes for 2 processors, want %d", n, 2*lanesPerProcessor)
	}
	runtime.GOMAXPROCS(64)
	for range 6 {
		s.part()
	}
	if n := s.Stats().Lanes; n != mostLanes {
		t.Errorf("%d lanes for 64 processors, want %d", n, mostLanes)
	}
}
