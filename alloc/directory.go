package alloc

import (
	"math/bits"
	"slices"

	"github.com/shadowvars/shadow/internal/atomic"
)

// A Directory says what the indices of a slab mean: which segment has which number. It is
// immutable, but for next. Slab.dir moves from each directory of a slab to the one that was appended to it.
// Each has an era, and the eras form a list from the oldest to the newest, which is what an operation keeps alive together with its directory.
//
// States: newest (next nil) -> followed (next is a directory) -> passed (next is passed). Slab.dir is the newest or, for
// moments, a followed one.
//
// Transitions:
//
//	next      nil -> a directory     claimer with a full or missing segment or many collisions, retirer   CAS
//	era.next  nil -> the next one's  whoever moves Slab.dir, before that; always the same value Store
//	Slab.dir  d -> d.next            whoever finds d.next set                                   CAS
//	next      d.next -> passed       whoever has found Slab.dir beyond d                        CAS
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
//	I1  An older directory's era reaches the eras of all newer ones up to Slab.dir's, and no newer one an older one. So if an era is
//	    unreachable, no operation holds its directory or an older one.
//	I2  A directory that is out of Slab.dir's reach leads to the next one's era: by next until that is passed, and by its own era from
//	    before. An operation that holds it therefore keeps the eras of all that came since from the collector, whenever it, or whoever moved Slab.dir, was stopped.
//	I3  A number that a retirement took out of the newest directory d returns to the pool only after d's era has been found unreachable.
//	    An operation that holds d or an older one has seen, or may see, the former
//	    meaning: it keeps d's era reachable. One that holds a newer one began to
//	    load table words after the retirement, when none of them named a slot of that segment
//	    any more, because all of them had been freed. So during an operation a
//	    number has one meaning.
//	I4  Slab.dir knows a segment before an index in it can be published: the one who appended
//	    it moved Slab.dir, or found that it had been moved, before it
//	    returned the first index.
//
// Memory: an operation that does not end keeps its directory, the segments that this one knows, and the eras since: some 30 bytes each time that a segment was made or
// retired or claims collided. As no number is used again meanwhile, directories get longer, and making or retiring a segment copies 8 bytes for each number, 16 if all slots are of one size. Without eras, were directories themselves the list, it would keep all of them, and each is a copy of all segments' pointers.
type Directory struct {
	cells []*Pointer // the first cell of each of segments, if all slots are of one size, and otherwise nil: what Knows and Chunk look at
	geometry
	segments []*segment // by number; nil if the number is retired or not yet used

	lanes    []*segment // the segments that are claimed from, a power of two for each size of slots; nil if the lane has none yet
	laneMask uint32     // the lanes of a size, less 1
	turn     uint8      // which bits of a hint choose the lane
	fresh    uint32     // the least number never used
	made     []uint8    // segments made so far of each size, as far as the next one depends on it
	spent    uint64     // slots of the segments that were retired, for Stats

	next atomic.Pointer[Directory]
	era  *era
	age  uint64 // directories of the slab before this one
}

// geometry is what a directory must know of its slab's layout: how an index is made up, and, if all slots are of one size, where they are in a chunk.
type geometry struct {
	unit       uint64 // bytes from a slot to the next, if all slots are of one size and a chunk has 1<<slotBits of them; else as much less as a place's number of a slot is more than the slot's
	segMask    uint32
	segShift   uint8
	placeShift uint8 // the layout's
	sides      bool  // the layout's
}

// A Place says where a slot is, if all slots are of one size: from the highest bit down the number of the segment, that of the chunk in it and that of the slot in the chunk, of
// which all layouts have as many bits, whether they need them or not; so whoever has a place needs no shift by a number that is not constant. Below that, PlaceShift bits may be anything. See [Slab.Place].
type Place uint64

// PlaceShift is how many bits of a [Place] lie below those that mean something.
const PlaceShift = 27

// The bits of a place from which on the number of the chunk and that of the segment stand.
const (
	cellShift    = PlaceShift + slotBits
	segmentShift = cellShift + cellBits
)

// Place returns the place of an index, as [Slab.Place] does. It means something only if all slots are of one size.
func (d *Directory) Place(index uint32) Place { return Place(uint64(index) << (d.placeShift & 63)) }

// Sided tells whether slots have a word in a [Side]: to who has the directory at hand.
func (d *Directory) Sided() bool { return d.sides }

// An era is the time of one directory.
type era struct{ next atomic.Pointer[era] }

// passed is the next of directories that Slab.dir is beyond. It breaks the list of directories behind Slab.dir.
var passed = new(Directory)

// newDirectory returns the first directory of a slab.
func newDirectory(l *Layout) *Directory {
	one := l.joined[0]
	return &Directory{
		geometry: geometry{
			unit:       uint64(one.stride) >> (slotBits - one.chunkShift),
			segMask:    1<<l.segShift - 1,
			segShift:   l.segShift,
			placeShift: l.placeShift,
			sides:      l.sides,
		},
		lanes: make([]*segment, len(l.joined)),
		made:  make([]uint8, len(l.joined)),
		era:   new(era),
	}
}

// again returns a copy that nobody knows yet. It shares the segments, which nobody changes.
func (d *Directory) again() *Directory {
	return &Directory{
		geometry: d.geometry,
		cells:    d.cells,
		segments: d.segments,
		lanes:    d.lanes,
		laneMask: d.laneMask,
		turn:     d.turn,
		fresh:    d.fresh,
		made:     d.made,
		era:      new(era),
		age:      d.age + 1,
		spent:    d.spent,
	}
}

// clone returns a copy that nobody knows yet, with segments of its own and room for length numbers.
func (d *Directory) clone(length int) *Directory {
	c := d.again()
	c.segments = make([]*segment, length)
	copy(c.segments, d.segments)
	if len(c.made) == 1 {
		c.cells = make([]*Pointer, length)
		for i := copy(c.cells, d.cells); i < length; i++ {
			c.cells[i] = &noCells[0]
		}
	}
	return c
}

// set makes g the segment of a number; g is nil if the number has none. Nobody knows d yet, and its segments are its own.
func (d *Directory) set(number int, g *segment) {
	d.segments[number] = g
	switch {
	case d.cells == nil:
	case g == nil:
		d.cells[number] = &noCells[0]
	default:
		d.cells[number] = g.cell(0)
	}
}

// lane is the place in lanes of a claim of a slot of a size, by the hint h.
func (d *Directory) lane(size, h uint32) uint32 {
	return size*(d.laneMask+1) + bits.RotateLeft32(h, int(d.turn))&d.laneMask
}

// with returns a copy in which lane claims from g, whose number is in its base and whose slots are of size.
func (d *Directory) with(g *segment, lane, size uint32) *Directory {
	number := g.base >> d.segShift
	c := d.clone(max(len(d.segments), int(number)+1))
	c.set(int(number), g)
	c.lanes = slices.Clone(d.lanes)
	c.lanes[lane] = g
	c.fresh = max(d.fresh, number+1)
	c.made = slices.Clone(d.made)
	c.made[size] = min(d.made[size]+1, uint8(len(g.layout.sizes)-1))
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
		c.set(number, nil)
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
	c := d.again()
	c.lanes, c.laneMask = nil, 2*d.laneMask+1
	for lanes := range slices.Chunk(d.lanes, int(d.laneMask)+1) {
		c.lanes = append(append(c.lanes, lanes...), make([]*segment, len(lanes))...)
	}
	return c
}

// turned returns a copy in which other bits of a hint choose the lane: whose hints met may part, and whose parted may meet.
func (d *Directory) turned() *Directory {
	const step = 5 // prime to 32, so all bits have their turn; and more than log2(mostLanes), so the next ones are all others
	c := d.again()
	c.turn = (d.turn + step) % 32
	return c
}

// segmentOf returns the segment of an index that is known to be in use.
func (d *Directory) segmentOf(index uint32) *segment {
	return d.segments[index>>(d.segShift&31)]
}
