//go:build explore

package alloc

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/shadowvars/shadow/internal/atomic"
	"github.com/shadowvars/shadow/internal/explore"
)

// The explorations run the slab with chunks of one slot, segments of one or
// two, and numbers that return with the next collection, under a table of two
// registers: a pair's word is 0 or index + 1. A variable's data is a tag that no other variable ever has.
//
// What each was made to catch, by breaking the code and counting schedules until the first that failed, is in the table
// of TestTeeth and at the end of this file.

const pairs = 2

// op is an operation on a pair and its result.
type op struct {
	kind byte // 'a' attach, 'o' get or attach, 'g' get, 'f' free, 'i' free if the tag is in
	pair uint8
	in   uint64
	out  uint64
	ok   bool
}

// registers is the sequential specification: tags by pair.
type registers struct{}

func (registers) Init() [pairs]uint64 { return [pairs]uint64{} }

func (registers) Step(s [pairs]uint64, o op, pending bool) ([pairs]uint64, bool) {
	old := s[o.pair]
	switch o.kind {
	case 'a':
		if old == 0 {
			s[o.pair] = o.in
		}
		return s, pending || o.ok == (old == 0)
	case 'o':
		if old == 0 {
			s[o.pair] = o.in
		}
		return s, pending || o.out == s[o.pair]
	case 'g':
		return s, pending || o.out == old
	case 'f':
		s[o.pair] = 0
		return s, pending || o.ok == (old != 0)
	case 'i':
		if old == o.in {
			s[o.pair] = 0
		}
		return s, pending || o.ok == (old == o.in)
	}
	panic("no such operation")
}

// bench is a slab under registers, with the mistakes that a user of the slab could make.
type bench struct {
	world   *explore.World
	slab    Slab
	table   [pairs]atomic.Uint32
	history *explore.History[[pairs]uint64, op]
	claimed []Pointer

	late   bool // enlivens after publication
	loose  bool // does not hold a directory
	lookup bool // looks at the index before it holds a directory
}

// The layouts that are explored: every slot alone, two to a chunk, and both by turns. All have sides.
var (
	single = LayoutOf[uint64](LayoutOptions{Single: true, Sides: true})
	shared = pairsOfSlots()
	sized  = joined(LayoutOf[uint64](LayoutOptions{Single: true}), pairsOfSlots())
)

func pairsOfSlots() *Layout {
	l := layoutOf[aligned[uint64]](1)
	l.sides = true
	return l
}

func joined(sizes ...*Layout) *Layout {
	l := &Layout{sides: true}
	for _, size := range sizes {
		l.join(size)
	}
	return l
}

func newBench(w *explore.World, c *explore.Checker[[pairs]uint64, op], l *Layout) *bench {
	b := &bench{world: w, history: c.History(w)}
	b.slab.Init(l)
	Reachable(w, func() *Slab { return &b.slab })
	return b
}

func (b *bench) hold() *Directory {
	if b.loose {
		return b.slab.dir.Load()
	}
	return b.slab.Hold()
}

func (b *bench) keep(d *Directory) {
	if !b.loose {
		Keep(d)
	}
}

// claim claims a slot, of another size than the tag before, and sees that it is fresh.
func (b *bench) claim(tag uint64) uint32 {
	index, p, side := b.slab.ClaimSize(int(tag) % len(b.slab.layout.joined))
	b.world.Touch()
	for _, q := range b.claimed {
		if p == q {
			b.world.Fail(fmt.Errorf("slot %d was handed out twice", index))
		}
	}
	b.claimed = append(b.claimed, p)
	if old := *typed[uint64](p); old != 0 {
		b.world.Fail(fmt.Errorf("slot %d comes with tag %d", index, old))
	}
	atomic.PlainWrite(typed[uint64](p))
	*typed[uint64](p) = tag
	if *side != nil {
		b.world.Fail(fmt.Errorf("slot %d comes with another's side", index))
	}
	atomic.PlainWrite(side)
	*side = p
	return index
}

// at is the slot of an index, whose side must say so, or that the variable has ended.
func (b *bench) at(d *Directory, index uint32) Pointer {
	p := b.slab.At(d, index)
	if p == nil {
		return nil
	}
	side := b.slab.SideWord(index)
	if at := d.Place(index); d.cells != nil && d.Knows(at) && d.Chunk(at) != nil {
		side = d.SideWord(at)
	}
	known, freed := b.freed(d, index)
	switch {
	case side == nil && known && !freed:
		b.world.Fail(fmt.Errorf("slot %d is not freed and has no side", index))
	case side != nil:
		if of := atomic.LoadPointer(side); of != nil && (of != p || freed) {
			b.world.Fail(fmt.Errorf("the side of slot %d is another's, or the slot is freed: %v", index, freed))
		}
	}
	return p
}

// freed tells whether d knows a slot's segment, and if so, whether the slot has been freed.
func (b *bench) freed(d *Directory, index uint32) (known, freed bool) {
	n := index >> d.segShift
	if int(n) >= len(d.segments) || d.segments[n] == nil {
		return false, false
	}
	return true, d.segments[n].group(0).Load()>>groupSlots&(1<<(index&d.segMask)) != 0
}

// end ends a live slot of the caller's, whose side is there until then and nil afterwards.
func (b *bench) end(index uint32) {
	side := b.slab.SideWord(index)
	if side == nil || atomic.LoadPointer(side) == nil {
		b.world.Fail(fmt.Errorf("slot %d is live and has no side", index))
		return
	}
	b.slab.Free(index)
	if atomic.LoadPointer(side) != nil {
		b.world.Fail(fmt.Errorf("slot %d is freed and its side is not nil", index))
	}
}

// tag reads what claim has written.
func (b *bench) tag(p Pointer) uint64 {
	atomic.PlainRead(typed[uint64](p))
	return *typed[uint64](p)
}

// load returns the word of a pair, and the directory that is held meanwhile.
func (b *bench) load(pair uint8) (*Directory, uint32) {
	if b.lookup {
		v := b.table[pair].Load()
		return b.hold(), v
	}
	d := b.hold()
	return d, b.table[pair].Load()
}

func (b *bench) attach(pair uint8, tag uint64) {
	b.history.Do(op{kind: 'a', pair: pair, in: tag}, func(o *op) {
		d := b.hold()
		index := b.claim(o.in)
		if !b.late {
			b.slab.Enliven(index)
		}
		o.ok = b.table[o.pair].CompareAndSwap(0, index+1)
		if b.late {
			b.slab.Enliven(index)
		}
		if !o.ok {
			b.end(index)
		}
		b.keep(d)
	})
}

// getOrAttach claims before it looks, so that it can find a variable that is younger than its
// directory and must not take it for absent.
func (b *bench) getOrAttach(pair uint8, tag uint64) {
	b.history.Do(op{kind: 'o', pair: pair, in: tag}, func(o *op) {
		d := b.hold()
		index := b.claim(o.in)
		b.slab.Enliven(index)
		for o.out == 0 {
			if b.table[o.pair].CompareAndSwap(0, index+1) {
				o.out = o.in
				break
			}
			if v := b.table[o.pair].Load(); v != 0 {
				if p := b.at(d, v-1); p != nil {
					o.out = b.tag(p)
				}
			}
		}
		if o.out != o.in {
			b.end(index)
		}
		b.keep(d)
	})
}

func (b *bench) get(pair uint8) {
	b.history.Do(op{kind: 'g', pair: pair}, func(o *op) {
		d, v := b.load(o.pair)
		if v != 0 {
			if p := b.at(d, v-1); p != nil {
				o.out = b.tag(p)
			}
		}
		b.keep(d)
	})
}

func (b *bench) free(pair uint8) {
	b.history.Do(op{kind: 'f', pair: pair}, func(o *op) {
		d, v := b.load(o.pair)
		if v != 0 && b.table[o.pair].CompareAndSwap(v, 0) {
			b.end(v - 1)
			o.ok = true
		}
		b.keep(d)
	})
}

func (b *bench) freeIf(pair uint8, tag uint64) {
	b.history.Do(op{kind: 'i', pair: pair, in: tag}, func(o *op) {
		d, v := b.load(o.pair)
		if v != 0 {
			p := b.at(d, v-1)
			if p != nil && b.tag(p) == o.in && b.table[o.pair].CompareAndSwap(v, 0) {
				b.end(v - 1)
				o.ok = true
			}
		}
		b.keep(d)
	})
}

// walk ranges over the live slots: each at most once, each with a tag, and
// the one with the tag stays in any case.
func (b *bench) walk(stays uint64) {
	seen := map[Pointer]bool{}
	found := stays == 0
	for index, p := range b.slab.Range {
		tag := b.tag(p)
		if seen[p] || tag == 0 {
			b.world.Fail(fmt.Errorf("Range yields slot %d, seen before: %v, tag %d", index, seen[p], tag))
		}
		seen[p] = true
		found = found || tag == stays
	}
	d := b.hold()
	b.slab.RangeSides(func(first uint32, words *Side, live uint32) bool {
		for i := range words {
			if live&(1<<i) == 0 {
				continue
			}
			p := atomic.LoadPointer(&words[i])
			if q := b.slab.At(d, first+uint32(i)); p != nil && q != nil && p != q {
				b.world.Fail(fmt.Errorf("RangeSides yields another's word for slot %d", first+uint32(i)))
			}
		}
		return true
	})
	b.keep(d)
	if !found {
		b.world.Fail(fmt.Errorf("Range leaves out tag %d, which is attached throughout", stays))
	}
}

// burn uses up n chunks of each size, so that what follows begins with other segments.
func (b *bench) burn(n int) {
	for size, l := range b.slab.layout.joined {
		for range n << l.chunkShift {
			index, _, _ := b.slab.ClaimSize(size)
			b.slab.Discard(index)
		}
	}
	b.world.Collect()
}

// finish checks the history, and the slab at rest if nobody was suspended.
func (b *bench) finish(whole bool) {
	b.world.Check(func() error {
		for pair := range b.table {
			b.get(uint8(pair))
		}
		if err := b.history.Check(); err != nil {
			return err
		}
		if !whole {
			return nil
		}
		attached := 0
		d := b.slab.dir.Load()
		for pair := range b.table {
			v := b.table[pair].Load()
			if v == 0 {
				continue
			}
			attached++
			if b.slab.At(d, v-1) == nil {
				return fmt.Errorf("the index of pair %d leads nowhere", pair)
			}
		}
		if n := b.slab.Len(); n != attached {
			return fmt.Errorf("Len() = %d, %d are attached", n, attached)
		}
		ranged := 0
		for range b.slab.Range {
			ranged++
		}
		if ranged != attached {
			return fmt.Errorf("Range yields %d, %d are attached", ranged, attached)
		}
		return b.returned(d)
	})
}

// returned checks that numbers come back, and that only what is not freed stays.
func (b *bench) returned(d *Directory) error {
	b.world.Collect()
	if st := b.slab.Stats(); st.Waiting != 0 {
		return fmt.Errorf("numbers are lost: %+v", st)
	}
	numbers := map[uint32]bool{}
	for node := b.slab.free.top.Load(); node != nil; node = node.next {
		if numbers[node.value] || int(node.value) < len(d.segments) && d.segments[node.value] != nil {
			return fmt.Errorf("number %d is free twice, or free and in use", node.value)
		}
		numbers[node.value] = true
	}
	for lane, g := range d.lanes {
		if g != nil && !slices.Contains(d.segments, g) {
			return fmt.Errorf("lane %d claims from a segment that is retired", lane)
		}
	}
	for n, g := range d.segments {
		if g == nil {
			continue
		}
		freed := uint32(g.group(0).Load() >> groupSlots)
		if freed == g.groupBits(0) {
			return fmt.Errorf("segment %d is finished and still here", n)
		}
		for slot := uint32(0); slot < g.slots; slot += 1 << g.layout.chunkShift {
			bits := g.layout.chunkBits(slot)
			if freed&bits == bits && *g.cell(slot >> g.layout.chunkShift) != nil {
				return fmt.Errorf("segment %d keeps the chunk of slot %d", n, slot)
			}
		}
		if err := g.checkSide(0, uint32(g.group(0).Load()), false, true); err != nil {
			return fmt.Errorf("segment %d: %w", n, err)
		}
	}
	return nil
}

// explored runs a scenario with the mistakes that spoil makes.
func explored(o explore.Options, l *Layout, s scenario, spoil func(b *bench)) explore.Report {
	c := explore.NewChecker[[pairs]uint64, op](registers{})
	return explore.Exhaust(o, func(w *explore.World) {
		b := newBench(w, c, l)
		s.set(b)
		spoil(b)
		s.run(b, w.Go)
		b.finish(!o.Kill)
	})
}

// everywhere explores all scenarios with all layouts.
func everywhere(t *testing.T, o explore.Options) {
	for _, s := range scenarios {
		t.Run(s.name, func(t *testing.T) {
			explore.Must(t, explored(o, single, s, func(*bench) {}))
			explore.Must(t, explored(o, shared, s, func(*bench) {}))
			explore.Must(t, explored(o, sized, s, func(*bench) {}))
		})
	}
}

func TestExplore(t *testing.T) {
	// Ensure (G4) that under every schedule with three preemptions the operations are linearizable and the slab is sound at the end.
	everywhere(t, explore.Options{Preemptions: 3, MaxTime: 2 * time.Second})
}

func TestExploreKill(t *testing.T) {
	// Ensure (G14) that a thread suspended for ever at any step holds up no other and spoils nothing.
	everywhere(t, explore.Options{Preemptions: 2, Kill: true, MaxTime: time.Second})
}

func TestExploreLanes(t *testing.T) {
	// Ensure that explorations meet what they are to look at: lanes that are doubled, and turned, and then claimed from by threads that had one before.
	doubled, turned, both := 0, 0, 0
	for _, s := range scenarios {
		var last *bench
		explore.Must(t, explored(explore.Options{Preemptions: 3, MaxTime: time.Second}, shared, s, func(b *bench) {
			if last != nil {
				d := last.slab.dir.Load()
				if d.laneMask == 1 {
					doubled++
				}
				if d.turn != 0 {
					turned++
					if d.lanes[0] != nil && d.lanes[1] != nil {
						both++
					}
				}
			}
			last = b
		}))
	}
	t.Logf("doubled in %d schedules, turned in %d, both lanes claimed from in %d", doubled, turned, both)
	if doubled == 0 || turned == 0 || both == 0 {
		t.Error("never met")
	}
}

func TestTeeth(t *testing.T) {
	// Ensure that the explorations find the mistakes that a user of a slab can make.
	for _, m := range []struct {
		name  string
		spoil func(b *bench)
	}{
		{"live bit after publication", func(b *bench) { b.late = true }},
		{"no directory is held", func(b *bench) { b.loose = true }},
		{"the directory is held after the word was loaded", func(b *bench) { b.lookup = true }},
	} {
		t.Run(m.name, func(t *testing.T) {
			caught := 0
			for _, s := range scenarios {
				r := explored(explore.Options{Preemptions: 2, MaxTime: 2 * time.Second}, single, s, m.spoil)
				if r.Err == nil {
					continue
				}
				caught++
				first, _, _ := strings.Cut(r.Err.Error(), "\n")
				t.Logf("%s: after %d schedules: %s", s.name, r.Schedules, first)
			}
			if caught == 0 {
				t.Error("not caught")
			}
		})
	}
}

// What breaking the code on purpose led to, with TestExplore (the number is
// that of the schedule that failed first, before plain data had steps):
//
//	number given out again at once              get twice against reuse, 2; not linearizable
//	cleanup on the new directory                free if against reuse, 1: numbers are lost (it is late, not early)
//	cleanup registered before the append        free if against reuse, 79: a number is free twice
//	next set after Slab.dir, or never           reuse behind another append, 24197 and 18780; not linearizable
//	Slab.dir not moved by the appender          every scenario, 1: index out of range
//	newest does not move Slab.dir               free if against reuse, 7: no end
//	no second look at Slab.dir                  get or attach, 27: no end; a get alone may answer absent
//	live bit after publication                  TestTeeth: frees collide, 269: a finished segment is still here
//	chunk released by count of claims           free if against reuse, 1; not linearizable
//	segment retired by count of claims          claims collide, 1: an index leads nowhere
//	loser of a cell's CAS keeps its own chunk   numbers, 13; not linearizable
//	pop without CAS, push without CAS           reuse behind another append, 3; numbers, 2: a number is free twice
//	popped number not given back                numbers, 3608: numbers are lost
