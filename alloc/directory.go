package alloc

import (
	"slices"

	"github.com/shadowvars/shadow/internal/atomic"
)

// A Directory says what the indices of a slab mean: which segment has which number. It is
// immutable, but for next. The directories of a slab form a list from the oldest to the
// newest, and Slab.dir moves along it.
//
// States: newest (next nil) -> old (next set). Slab.dir is the newest or, for
// moments, an older one.
//
// Transitions:
//
//	next      nil -> a directory     claimer with a full or missing segment, retirer, widener   CAS
//	Slab.dir  d -> d.next            whoever finds d.next set                                   CAS
//
// Linearization points:
//
//	LP(append): the CAS of next.
//	LP(Hold): the load of Slab.dir.
//
// Progress: lock-free: a CAS of next fails because another append succeeded, and anyone moves
// Slab.dir on.
//
// Invariants:
//
//	I1  An older directory reaches every newer one, and no newer one an older one. So if a directory is
//	    unreachable, no operation holds it or an older one.
//	I2  next is set before Slab.dir moves. While a directory is out of Slab.dir's reach, it has a next; an operation
//	    that holds it therefore keeps all newer ones from the collector, whenever
//	    it was stopped.
//	I3  A number that a retirement took out of the newest directory d returns to the pool only after d has been found unreachable.
//	    An operation that holds d or an older one has seen, or may see, the former
//	    meaning: it keeps d reachable. One that holds a newer one began to
//	    load table words after the retirement, when none of them named a slot of that segment
//	    any more, because all of them had been freed. So during an operation a
//	    number has one meaning.
//	I4  Slab.dir knows a segment before an index in it can be published: the one who appended
//	    it moved Slab.dir, or found that it had been moved, before it
//	    returned the first index.
//
// Memory: an operation that does not end keeps the directories and the emptied segments that follow it, some 8 bytes
// for each chunk claimed meanwhile, but no chunk.
type Directory struct {
	segments   []*segment // by number; nil if the number is retired or not yet used
	stride     uintptr    // the layout, at hand for Find
	segMask    uint32
	chunkMask  uint32
	segShift   uint8
	chunkShift uint8

	lanes []*segment // the segments that are claimed from; nil if the lane has none yet
	fresh uint32     // the least number never used
	made  uint32     // segments made so far, as far as their sizes depend on it
	spent uint64     // slots of the segments that were retired, for Stats

	next atomic.Pointer[Directory]
}

// newDirectory returns the first directory of a slab.
func newDirectory(l *Layout) *Directory {
	return &Directory{
		stride:     l.stride,
		segMask:    1<<l.segShift - 1,
		chunkMask:  1<<l.chunkShift - 1,
		segShift:   l.segShift,
		chunkShift: l.chunkShift,
		lanes:      make([]*segment, 1),
	}
}

// clone returns a copy that nobody knows yet, with room for length numbers.
func (d *Directory) clone(length int) *Directory {
	segments := make([]*segment, length)
	copy(segments, d.segments)
	return &Directory{
		segments:   segments,
		stride:     d.stride,
		segMask:    d.segMask,
		chunkMask:  d.chunkMask,
		segShift:   d.segShift,
		chunkShift: d.chunkShift,
		lanes:      d.lanes,
		fresh:      d.fresh,
		made:       d.made,
		spent:      d.spent,
	}
}

// with returns a copy in which lane claims from g, whose number is in its base.
func (d *Directory) with(g *segment, lane uint32, l *Layout) *Directory {
	number := g.base >> d.segShift
	c := d.clone(max(len(d.segments), int(number)+1))
	c.segments[number] = g
	c.lanes = slices.Clone(d.lanes)
	c.lanes[lane] = g
	c.fresh = max(d.fresh, number+1)
	c.made = min(d.made+1, uint32(len(l.sizes)-1))
	return c
}

// without returns a copy without g.
func (d *Directory) without(g *segment) *Directory {
	number := int(g.base >> d.segShift)
	length := len(d.segments)
	if number == length-1 {
		for length--; length > 0 && d.segments[length-1] == nil; length-- {
		}
	}
	c := d.clone(length)
	if number < length {
		c.segments[number] = nil
	}
	c.spent += uint64(g.slots)
	if lane := slices.Index(d.lanes, g); lane >= 0 {
		c.lanes = slices.Clone(d.lanes)
		c.lanes[lane] = nil
	}
	return c
}

// widened returns a copy with twice the lanes, the new ones without a segment.
func (d *Directory) widened() *Directory {
	c := d.clone(len(d.segments))
	c.lanes = append(slices.Clone(d.lanes), make([]*segment, len(d.lanes))...)
	return c
}

// segmentOf returns the segment of an index that is known to be in use.
func (d *Directory) segmentOf(index uint32) *segment {
	return d.segments[index>>(d.segShift&31)]
}
