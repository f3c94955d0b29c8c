//go:build !explore

package alloc

import (
	"fmt"
	"math/rand/v2"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
)

// kind is one construction of a slab, with ways to mark a slot of it.
type kind struct {
	name   string
	layout *Layout
	size   uintptr
	set    func(p Pointer, tag uint64)
	get    func(p Pointer) uint64 // nil: a slot cannot hold a tag
	zero   func(p Pointer) bool
}

func kindOf[S comparable](name string, o LayoutOptions, set func(*S, uint64), get func(*S) uint64) kind {
	k := kind{name: name, layout: LayoutOf[S](o), size: sizeOf[S]()}
	k.zero = func(p Pointer) bool {
		var zero S
		return *typed[S](p) == zero
	}
	k.set = func(p Pointer, tag uint64) { set(typed[S](p), tag) }
	if get != nil {
		k.get = func(p Pointer) uint64 { return get(typed[S](p)) }
	}
	return k
}

// claim claims a slot, of any size if there are several.
func (k kind) claim(s *Slab) (uint32, Pointer) {
	n := rand.IntN(len(k.layout.joined))
	index, p, side := s.ClaimSize(n)
	if s.dir.Load().segmentOf(index).layout != k.layout.joined[n] {
		panic("a slot is not of the size that was asked for")
	}
	if (side != nil) != k.layout.sides {
		panic("a slot has a side, or none, against its layout")
	}
	if side != nil {
		if *side != nil {
			panic("a side is not zeroed")
		}
		*side = p
	}
	return index, p
}

// sideIs tells whether the side of a slot says that it is at p, as claim has written, by either way to it.
func sideIs(s *Slab, d *Directory, index uint32, p Pointer) bool {
	if !d.Sided() {
		return true
	}
	side := s.SideWord(index)
	if at := d.Place(index); d.Knows(at) && d.Chunk(at) != nil && d.SideWord(at) != side {
		return false
	}
	return side != nil && *side == p
}

// sizedKind has slots of several sizes, that of the last of which hold pointers.
func sizedKind[H comparable](name string, sides bool) kind {
	type large struct {
		head H
		data *uint64
	}
	k := plainKind[H](name, LayoutOptions{})
	k.layout = LayoutOfSizes[plain[H], plain[large]](sides, 24, 40, 64, 72, 136, 1016)
	return k
}

type plain[A any] struct {
	tag  uint64
	data A
}

func plainKind[A comparable](name string, o LayoutOptions) kind {
	return kindOf(name, o, func(s *plain[A], tag uint64) { s.tag = tag }, func(s *plain[A]) uint64 { return s.tag })
}

type boxed struct {
	tag  *uint64
	data string
}

type parented struct {
	parent *uint64
	tag    uint64
}

type odd struct {
	a uint8
	w uint64
	b uint8
}

func kinds() []kind {
	setBox := func(s *boxed, tag uint64) { s.tag, s.data = &tag, "x" }
	getBox := func(s *boxed) uint64 { return *s.tag }
	return []kind{
		plainKind[[0]uint64]("8", LayoutOptions{}),
		plainKind[[1]uint64]("16", LayoutOptions{}),
		plainKind[[2]uint64]("24", LayoutOptions{}),
		plainKind[[4]uint64]("40", LayoutOptions{}),
		plainKind[[9]uint64]("80", LayoutOptions{}),
		plainKind[[24]uint64]("200", LayoutOptions{}),
		plainKind[[1<<20 - 8]byte]("1 MiB", LayoutOptions{}),
		plainKind[[1]uint64]("16 single", LayoutOptions{Single: true}),
		plainKind[[2]uint64]("24 isolated", LayoutOptions{Isolate: true}),
		kindOf("pointers", LayoutOptions{Single: true}, setBox, getBox),
		kindOf("pointers isolated", LayoutOptions{Single: true, Isolate: true}, setBox, getBox),
		kindOf("parent", LayoutOptions{}, func(s *parented, tag uint64) { s.tag = tag }, func(s *parented) uint64 { return s.tag }),
		kindOf("odd", LayoutOptions{}, func(s *odd, tag uint64) { s.w = tag }, func(s *odd) uint64 { return s.w }),
		plainKind[[1]uint64]("16 sided", LayoutOptions{Sides: true}),
		plainKind[[9]uint64]("80 sided", LayoutOptions{Sides: true}),
		kindOf("pointers sided", LayoutOptions{Single: true, Sides: true}, setBox, getBox),
		sizedKind[uint64]("sizes", false),
		sizedKind[[1]*uint64]("sizes, pointers", false),
		sizedKind[uint64]("sizes, sided", true),
		kindOf[struct{}]("no size", LayoutOptions{}, func(*struct{}, uint64) {}, nil),
	}
}

// forEachKind runs test for every construction.
func forEachKind(t *testing.T, test func(t *testing.T, k kind, s *Slab)) {
	for _, k := range kinds() {
		t.Run(k.name, func(t *testing.T) {
			s := new(Slab)
			s.Init(k.layout)
			test(t, k, s)
		})
	}
}

// scaled is n, or fewer for big slots.
func (k kind) scaled(n int) int {
	if k.size > 1<<16 {
		return n / 200
	}
	return n
}

func TestLayouts(t *testing.T) {
	// Ensure that slots are aligned, apart, isolated if asked for, and that chunks have the size that is documented.
	forEachKind(t, func(t *testing.T, k kind, s *Slab) {
		var at []uintptr
		var keep []Pointer
		for range k.scaled(400) {
			_, p := k.claim(s)
			keep = append(keep, p)
			at = append(at, uintptr(p))
			if uintptr(p)%8 != 0 {
				t.Fatalf("slot at %p is not aligned", p)
			}
		}
		slices.Sort(at)
		apart := max(k.size, 1)
		if k.name == "24 isolated" || k.name == "pointers isolated" {
			apart += cacheLine - 1
		}
		for i := range at[1:] {
			if at[i+1]-at[i] < apart {
				t.Fatalf("slots of %d bytes are %d bytes apart", k.size, at[i+1]-at[i])
			}
		}
		runtime.KeepAlive(keep)
	})
	for _, c := range []struct {
		layout *Layout
		want   int
	}{
		{LayoutOf[[4]uint64](LayoutOptions{}), 32},
		{LayoutOf[[8]uint64](LayoutOptions{}), 16},
		{LayoutOf[[15]uint64](LayoutOptions{}), 8},
		{LayoutOf[[16]uint64](LayoutOptions{}), 1},
		{LayoutOf[uint64](LayoutOptions{Single: true}), 1},
		{LayoutOf[struct {
			p *int
			n [3]uint64
		}](LayoutOptions{}), 16},
	} {
		if got := c.layout.ChunkSlots(); got != c.want {
			t.Errorf("stride %d: chunks of %d, want %d", c.layout.Stride(), got, c.want)
		}
	}
}

// variable is what the model knows of a live slot.
type variable struct {
	p   Pointer
	tag uint64
}

func TestModel(t *testing.T) {
	// Ensure that a slab agrees with a map, whatever the order of claiming and freeing.
	forEachKind(t, func(t *testing.T, k kind, s *Slab) {
		churn(s, k) // until a segment is retired that is full in its lane
		saneSegments(t, s)
		s.Init(k.layout)
		random := rand.New(rand.NewPCG(1, uint64(k.size)))
		model := map[uint32]variable{}
		var order []uint32
		if s.Used() {
			t.Fatal("used from the start")
		}
		ops := k.scaled(60_000)
		for op := range ops {
			// Fill up, then shrink, several times.
			growing := (op/(ops/6))%2 == 0
			switch r := random.IntN(100); {
			case r < 45 && growing || r < 20:
				d := s.Hold()
				index, p := k.claim(s)
				if _, known := model[index]; known {
					t.Fatalf("index %d is live already", index)
				}
				if !k.zero(p) {
					t.Fatal("slot is not zeroed")
				}
				k.set(p, uint64(op))
				s.Enliven(index)
				Keep(d)
				model[index] = variable{p, uint64(op)}
				order = append(order, index)
			case r < 48:
				d := s.Hold()
				index, _ := k.claim(s)
				s.Discard(index)
				Keep(d)
			case r < 70 && len(order) > 0:
				i := random.IntN(len(order))
				s.Free(order[i])
				delete(model, order[i])
				order[i] = order[len(order)-1]
				order = order[:len(order)-1]
			case len(order) > 0:
				index := order[random.IntN(len(order))]
				d := s.Hold()
				p := s.At(d, index)
				if p != model[index].p {
					t.Fatalf("At(%d) = %p, want %p", index, p, model[index].p)
				}
				if !sideIs(s, d, index, p) {
					t.Fatalf("the side of %d is another's", index)
				}
				Keep(d)
			}
			if op%(ops/12) == 0 {
				sane(t, k, s, model)
			}
			if op%(ops/20) == 0 {
				runtime.GC()
			}
		}
		sane(t, k, s, model)
		if !s.Used() {
			t.Fatal("not used in the end")
		}
	})
}

// sane checks everything that must hold of a slab at rest.
func sane(t *testing.T, k kind, s *Slab, model map[uint32]variable) {
	t.Helper()
	if n := s.Len(); n != len(model) {
		t.Fatalf("Len() = %d, want %d", n, len(model))
	}
	seen, last := 0, -1
	for index, p := range s.Range {
		v, ok := model[index]
		if !ok || v.p != p {
			t.Fatalf("Range yields %d at %p, which is %v", index, p, v)
		}
		if k.get != nil && k.get(p) != v.tag {
			t.Fatalf("slot %d holds %d, want %d", index, k.get(p), v.tag)
		}
		if int(index) <= last {
			t.Fatalf("Range yields %d after %d", index, last)
		}
		seen, last = seen+1, int(index)
	}
	if seen != len(model) {
		t.Fatalf("Range yields %d, want %d", seen, len(model))
	}
	st := s.Stats()
	if st.Live != len(model) || st.Held < st.Live || len(k.layout.joined) == 1 && !k.layout.sides && st.HeldBytes != uintptr(st.Held)*k.layout.stride {
		t.Fatalf("inconsistent: %+v", st)
	}
	saneSides(t, s, model)
	saneSegments(t, s)
	saneStats(t, s)
}

// saneSides checks that RangeSides yields the words of the live slots, and nil for those that were freed or discarded, and that groups without live slots keep none that are all freed.
func saneSides(t *testing.T, s *Slab, model map[uint32]variable) {
	t.Helper()
	d := s.dir.Load()
	if !d.Sided() {
		return
	}
	seen := 0
	s.RangeSides(func(first uint32, words *Side, live uint32) bool {
		for i, word := range words {
			if live&(1<<i) == 0 {
				if word != nil {
					t.Fatalf("the side of %d, which does not live, says %p", first+uint32(i), word)
				}
				continue
			}
			if v, ok := model[first+uint32(i)]; !ok || v.p != word {
				t.Fatalf("the side of %d says %p, which is %v", first+uint32(i), word, v)
			}
			seen++
		}
		return true
	})
	if seen != len(model) {
		t.Fatalf("RangeSides yields %d, want %d", seen, len(model))
	}
	for n, g := range d.segments {
		for i := uint32(0); g != nil && i < g.groups(); i++ {
			freed := uint32(g.group(i).Load()>>groupSlots) == g.groupBits(i)
			if used := i<<groupShift < g.claimed.Load(); (g.sideOf(i) != nil) != (used && !freed) {
				t.Fatalf("segment %d, group %d: used %v, all freed %v, Side %p", n, i, used, freed, g.sideOf(i))
			}
		}
	}
}

// saneSegments checks the invariants of segments at rest.
func saneSegments(t *testing.T, s *Slab) {
	t.Helper()
	d := s.dir.Load()
	if d.next.Load() != nil {
		t.Fatal("a directory follows the newest one")
	}
	for lane, g := range d.lanes {
		if g != nil && !slices.Contains(d.segments, g) {
			t.Fatalf("lane %d claims from a segment that is retired", lane)
		}
	}
	for n, g := range d.segments {
		if g == nil {
			continue
		}
		l := g.layout
		if int(g.base>>d.segShift) != n {
			t.Fatalf("segment %d believes to be %d", n, g.base>>d.segShift)
		}
		done := 0
		for i := range g.groups() {
			word := g.group(i).Load()
			if uint32(word)&uint32(word>>groupSlots) != 0 {
				t.Fatal("a slot is live and freed")
			}
			if uint32(word>>groupSlots) == g.groupBits(i) {
				done++
			}
		}
		if done != int(g.done.Load()) || done == int(g.groups()) {
			t.Fatalf("segment %d counts %d of %d groups done, are %d", n, g.done.Load(), int(g.groups()), done)
		}
		for slot := uint32(0); slot < g.slots; slot += 1 << l.chunkShift {
			bits := l.chunkBits(slot)
			freed := uint32(g.group(slot>>groupShift).Load()>>groupSlots)&bits == bits
			here := *g.cell(slot >> l.chunkShift) != nil
			if want := slot < g.claimed.Load() && !freed; here != want {
				t.Fatalf("segment %d, slot %d: chunk present %v, want %v", n, slot, here, want)
			}
		}
	}
}

func TestParallel(t *testing.T) {
	// Ensure (G2, G4) that goroutines never share a slot, that slots come zeroed, and that no memory serves twice while it is reachable.
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(4))
	const workers = 6
	forEachKind(t, func(t *testing.T, k kind, s *Slab) {
		table := make([]atomic.Uint64, 64) // 0, or index + 1
		claimed := make([][]Pointer, workers)
		var claims, frees atomic.Int64
		var all sync.WaitGroup
		for w := range workers {
			all.Go(func() {
				random := rand.New(rand.NewPCG(2, uint64(w)))
				for op := range k.scaled(8000) {
					word := &table[random.IntN(len(table))]
					d := s.Hold()
					if v := word.Load(); v == 0 {
						index, p := k.claim(s)
						if !k.zero(p) {
							t.Error("slot is not zeroed")
						}
						claimed[w] = append(claimed[w], p)
						k.set(p, uint64(index)<<20|uint64(op))
						s.Enliven(index)
						if word.CompareAndSwap(0, uint64(index)+1) {
							claims.Add(1)
						} else {
							s.Free(index)
						}
					} else {
						index := uint32(v - 1)
						p := s.At(d, index)
						if p == nil && word.Load() == v {
							t.Error("no slot at a published index")
						}
						if p != nil && k.get != nil && uint32(k.get(p)>>20) != index {
							t.Error("another variable's slot")
						}
						if random.IntN(2) == 0 && word.CompareAndSwap(v, 0) {
							frees.Add(1)
							s.Free(index)
						}
					}
					Keep(d)
					if op%1000 == 999 {
						for index, p := range s.Range {
							if p == nil || k.get != nil && uint32(k.get(p)>>20) != index {
								t.Error("Range yields another variable's slot")
							}
						}
						runtime.GC()
					}
				}
			})
		}
		all.Wait()
		if n := int(claims.Load() - frees.Load()); s.Len() != n {
			t.Errorf("Len() = %d, want %d", s.Len(), n)
		}
		saneSegments(t, s)
		everything := slices.Concat(claimed...)
		seen := make(map[Pointer]bool, len(everything))
		for _, p := range everything {
			if seen[p] {
				t.Fatalf("slot %p was handed out twice", p)
			}
			seen[p] = true
		}
		for i := range table {
			if v := table[i].Load(); v != 0 {
				s.Free(uint32(v - 1))
			}
		}
		if s.Len() != 0 {
			t.Errorf("Len() = %d in the end", s.Len())
		}
	})
}

func TestLanesAreOfASize(t *testing.T) {
	// Ensure that slots are of the size that was asked for after the lanes have been doubled, too.
	forEachKind(t, func(t *testing.T, k kind, s *Slab) {
		for range 8 {
			for range k.scaled(200) {
				k.attach(s, 1)
			}
			s.part()
		}
		saneSegments(t, s)
		saneStats(t, s)
	})
}

func TestPool(t *testing.T) {
	// Ensure that a pool does what its slab does, and that an index it never gave out is harmless.
	p := NewPool[boxed](LayoutOptions{})
	if p.slab.layout.ChunkSlots() != 1 {
		t.Error("a pool of pointers shares chunks")
	}
	index, v := p.Claim()
	v.data = "a"
	p.Enliven(index)
	d := p.Hold()
	defer Keep(d)
	if got := p.At(d, index); got != v {
		t.Errorf("At() = %p, want %p", got, v)
	}
	for _, wild := range []Index{index + 1, 1000, 1 << 20, 1<<32 - 1} {
		if got := p.At(d, wild); got != nil {
			t.Errorf("At(%d) = %p", wild, got)
		}
	}
	other, _ := p.Claim()
	p.Discard(other)
	if n := p.Len(); n != 1 || p.Stats().Live != 1 {
		t.Errorf("Len() = %d, %+v", n, p.Stats())
	}
	p.Free(index)
	if got := p.At(d, index); got != nil {
		t.Errorf("At() = %p after Free", got)
	}
	for i := range p.Range {
		t.Errorf("Range yields %d", i)
	}
}

func TestExhaustion(t *testing.T) {
	// Ensure that a slab that has no number left says so. It cannot be reached by claiming: 2^32 slots that live or wait for
	// the collector are more memory than a directory could list in time.
	var s Slab
	s.Init(LayoutOf[uint64](LayoutOptions{}))
	s.dir.Load().fresh = 1 << (32 - s.layout.segShift)
	defer func() {
		if r := recover(); r == nil || len(fmt.Sprint(r)) < 40 {
			t.Errorf("panic(%v)", r)
		}
	}()
	s.Claim()
}
