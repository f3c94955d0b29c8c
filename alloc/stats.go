package alloc

import (
	"math/bits"

	"github.com/shadowvars/shadow/internal/atomic"
)

// Stats describes a slab. Its numbers are not of one instant.
type Stats struct {
	Live      int     // live slots
	Held      int     // slots of all chunks not released yet: live, freed, claimed and not yet claimed ones
	Chunks    int     // chunks not released yet
	HalfDead  int     // chunks with a freed slot that wait for their last one
	LiveBytes uintptr // bytes of the live slots
	HeldBytes uintptr // bytes of the chunks not released yet
	Segments  int     // segments not retired yet
	Waiting   int     // segment numbers that wait for the collector
	Lanes     int     // segments that are claimed from at a time
}

// Stats returns the statistics of s.
//
// Complexity: a word for every chunk and for every 32 slots of the segments not yet retired.
func (s *Slab) Stats() Stats {
	d := s.Hold()
	st := Stats{Lanes: len(d.lanes)}
	for _, g := range d.segments {
		if g != nil {
			g.addStats(&st, s.layout)
		}
	}
	st.Waiting = max(0, int(d.fresh)-st.Segments-s.free.count())
	st.LiveBytes = uintptr(st.Live) * s.layout.stride
	st.HeldBytes = uintptr(st.Held) * s.layout.stride
	Keep(d)
	return st
}

// addStats adds the slots and chunks of g.
func (g *segment) addStats(st *Stats, l *Layout) {
	st.Segments++
	perChunk := uint32(1) << l.chunkShift
	for slot := uint32(0); slot < min(g.claimed.Load(), g.slots); slot += perChunk {
		word := g.groups[slot>>groupShift].Load()
		chunk := l.chunkBits(slot)
		st.Live += bits.OnesCount32(uint32(word) & chunk)
		if atomic.LoadPointer(g.cell(slot>>l.chunkShift)) == nil {
			continue
		}
		st.Chunks++
		st.Held += int(perChunk)
		if uint32(word>>groupSlots)&chunk != 0 {
			st.HalfDead++
		}
	}
}

// Stride is the distance in bytes between two slots.
func (l *Layout) Stride() uintptr { return l.stride }

// ChunkSlots is the number of slots that are allocated together.
func (l *Layout) ChunkSlots() int { return 1 << l.chunkShift }
