package alloc

import (
	"math/bits"

	"github.com/shadowvars/shadow/internal/atomic"
)

// Stats describes a slab. Its numbers are not of one instant: they are taken group by group
// while others go on. At rest they are exact.
type Stats struct {
	Live      int     // live slots
	Pending   int     // slots that are claimed and neither live nor freed
	Freed     uint64  // slots freed or discarded since the beginning
	Held      int     // slots of all chunks not released yet: live, freed, claimed and not yet claimed ones
	Chunks    int     // chunks not released yet
	HalfDead  int     // chunks with a freed slot that wait for their last one
	LiveBytes uintptr // bytes of the live slots, and of their words in sides
	HeldBytes uintptr // bytes of the chunks and sides not released yet
	Segments  int     // segments not retired yet
	Waiting   int     // segment numbers that wait for the collector
	Lanes     int     // segments that are claimed from at a time, for each size of slots
}

// Stats returns the statistics of s. Nobody counts for them: they are in the words by which slots live and die.
//
// Complexity: a word, with sides two, for every 32 slots claimed in the segments not yet retired.
func (s *Slab) Stats() Stats {
	d := s.Hold()
	st := d.stats()
	st.Waiting = max(0, int(d.fresh)-st.Segments-s.free.count())
	Keep(d)
	return st
}

// Latest leads to the newest directory of a slab, and does not keep the slab itself reachable: for who asks the collector when that is no longer so, and wants
// its last figures then.
//
// dir moves from a directory to a later one, by CAS, before Slab.dir does; never back.
type Latest struct{ dir atomic.Pointer[Directory] }

// Latest returns the slab's.
func (s *Slab) Latest() *Latest { return s.latest }

// reach moves n to d, unless it is there or beyond.
func (n *Latest) reach(d *Directory) {
	for {
		old := n.dir.Load()
		if old.age >= d.age || n.dir.CompareAndSwap(old, d) {
			return
		}
	}
}

// Stats returns the statistics of the slab, but for Waiting.
//
// Complexity: that of [Slab.Stats].
func (n *Latest) Stats() Stats { return n.dir.Load().stats() }

func (d *Directory) stats() Stats {
	st := Stats{Lanes: int(d.laneMask) + 1, Freed: d.spent}
	for _, g := range d.segments {
		if g != nil {
			st.Segments++
			g.eachGroup(func(o Occupancy) bool {
				st.add(o, g.layout)
				return true
			})
		}
	}
	return st
}

func (st *Stats) add(o Occupancy, l *Layout) {
	held := o.chunks << l.chunkShift
	st.Held += held
	st.LiveBytes += uintptr(o.Live) * (l.stride + l.SideBytes())
	st.HeldBytes += uintptr(held) * l.stride
	if o.side {
		st.HeldBytes += groupSlots * sideBytes
	}
	st.Live += o.Live
	st.Pending += o.pending
	st.Freed += uint64(o.freed)
	st.Chunks += o.chunks
	st.HalfDead += o.halfDead
}

// Occupancy says how the chunks that a few neighbouring slots are in, and that are not released yet, are used.
type Occupancy struct {
	Live  int // live slots
	Dead  int // freed slots, whose memory waits for the last one of their chunk
	Fresh int // slots that are pending or not yet claimed

	freed, pending, chunks, halfDead int
	side                             bool // the group has a Side
}

// Occupancy calls yield for the slots of s, at most 32 at a time in the order of their indices, until it returns false. Slots of chunks that
// were released are left out. It is as consistent as [Slab.Stats] and as expensive.
func (s *Slab) Occupancy(yield func(Occupancy) bool) {
	d := s.Hold()
	for _, g := range d.segments {
		if g != nil && !g.eachGroup(yield) {
			break
		}
	}
	Keep(d)
}

// eachGroup calls yield for the groups of g in which a slot may have been claimed. It returns false if yield did.
//
// What is released is told by the freed bits and not by the cells, of which there may be thirty times as many.
func (g *segment) eachGroup(yield func(Occupancy) bool) bool {
	l := g.layout
	claimed := min(g.claimed.Load(), g.slots)
	for first := uint32(0); first < claimed; first += groupSlots {
		word := g.group(first >> groupShift).Load()
		live, freed := uint32(word), uint32(word>>groupSlots)
		// A slot may have been claimed and enlivened since claimed was loaded.
		used := max(min(int(claimed-first), groupSlots), bits.Len32(live|freed))
		full := bits.OnesCount32(l.whole(freed))
		o := Occupancy{Live: bits.OnesCount32(live), freed: bits.OnesCount32(freed)}
		o.pending = used - o.Live - o.freed
		o.chunks = (used+l.ChunkSlots()-1)>>l.chunkShift - full
		o.halfDead = bits.OnesCount32(l.touched(freed)) - full
		o.Dead = o.freed - full<<l.chunkShift
		o.Fresh = o.chunks<<l.chunkShift - o.Live - o.Dead
		o.side = g.sides != nil && g.sideOf(first>>groupShift) != nil
		if !yield(o) {
			return false
		}
	}
	return true
}

// firsts are, by chunkShift, the bits of the first slots of the chunks in a half word.
var firsts = [...]uint32{0xffffffff, 0x55555555, 0x11111111, 0x01010101, 0x00010001, 0x00000001}

// whole has the bit of the first slot of each chunk all of whose bits are set.
func (l *Layout) whole(half uint32) uint32 {
	for i := range l.chunkShift {
		half &= half >> (1 << i)
	}
	return half & firsts[l.chunkShift]
}

// touched has the bit of the first slot of each chunk any of whose bits is set.
func (l *Layout) touched(half uint32) uint32 {
	for i := range l.chunkShift {
		half |= half >> (1 << i)
	}
	return half & firsts[l.chunkShift]
}

// Stride is the distance in bytes between two slots; 0 if they are of several sizes.
func (l *Layout) Stride() uintptr { return l.stride }

// SideBytes is what a slot takes besides, for its word in a [Side]; 0 if it has none.
func (l *Layout) SideBytes() uintptr {
	if l.sides {
		return sideBytes
	}
	return 0
}

// ChunkSlots is the number of slots that are allocated together; it means nothing if they are of several sizes.
func (l *Layout) ChunkSlots() int { return 1 << l.chunkShift }
