package alloc

import (
	"runtime"

	"github.com/shadowvars/shadow/internal/atomic"
)

// A Slab hands out slots of memory, named by 32-bit indices. Init comes before any
// other use; afterwards all methods may be called concurrently. A Slab must not be
// copied.
type Slab struct {
	dir    atomic.Pointer[Directory]
	layout *Layout
	free   *numbers
	latest *Latest
}

// Init makes s an empty slab of slots as l describes them.
func (s *Slab) Init(l *Layout) {
	s.layout = l
	s.free = new(numbers)
	d := newDirectory(l)
	s.latest = new(Latest)
	s.latest.dir.Store(d)
	s.dir.Store(d)
}

// Hold begins an operation: while the directory that it returns is held, every index has
// one meaning. It must be called before any word is loaded from which an
// index is taken, and [Keep] ends it.
//
// Complexity: one load. Memory model: what an operation that moved the
// directory on did before is synchronized before Hold returns.
func (s *Slab) Hold() *Directory {
	return atomic.Hold(s.dir.Load()) // LP(Hold)
}

// Keep ends the operation that began with d. It does nothing but keep d
// from the collector until here.
func Keep(d *Directory) { atomic.Keep(d) }

// At returns the address of a slot: of an index that was taken from a shared word
// while d was held, or that the caller claimed. It returns nil if the slot, and all others of
// its chunk, have been freed. If a slot has been freed and not all of its chunk, At
// still returns its address.
//
// Complexity: three dependent loads, four if the slab's slots are of several sizes. It writes nothing and allocates nothing. The index must be one that Claim of the same slab
// returned: it is not checked.
func (s *Slab) At(d *Directory, index uint32) Pointer {
	if p := d.find(index); p != nil {
		return p
	}
	return s.atSlow(d, index)
}

// Place returns the place of an index, or, if slots are of several sizes, the index itself in the bits of one. Its lowest PlaceShift bits are 0.
func (s *Slab) Place(index uint32) Place { return Place(uint64(index) << (s.layout.placeShift & 63)) }

// IndexAt is the inverse of [Slab.Place], whatever the lowest PlaceShift bits are.
func (s *Slab) IndexAt(at Place) uint32 { return uint32(at >> (s.layout.placeShift & 63)) }

// atSlow is At for an index that d does not know. Either its segment is
// younger than d, or its chunk has been released. In the first case the newest
// directory knows it, and with the same meaning, because d is held; if that does not
// know it either, the segment has been retired meanwhile.
//
// If d knows the segment and its cell was nil, it stays nil: the second look
// finds the same.
//
//go:noinline
func (s *Slab) atSlow(d *Directory, index uint32) Pointer {
	return s.dir.Load().find(index)
}

// Claim returns a slot that has never been used, zeroed, and its index. The slot is the caller's
// until he calls [Slab.Enliven] or [Slab.Discard]. The caller holds a [Directory].
//
// Complexity: constant; it allocates a chunk or a Side if it is the first to need it, a segment
// and a directory, of the size of all segments' pointers, twice, if its lane's segment
// is full, and a small directory if it is the eighth in its segment that collided with another. Lock-free.
func (s *Slab) Claim() (index uint32, p Pointer) {
	index, p, _ = s.ClaimSize(0)
	return index, p
}

// ClaimSize is [Slab.Claim] of a slot of the n-th size, see [LayoutOfSizes]. With it comes the slot's word in a [Side], nil if the slab is not sided.
//
// Complexity: that of [Slab.Claim]; a directory has room for the lanes of each size.
func (s *Slab) ClaimSize(n int) (index uint32, p Pointer, side *Pointer) {
	g, slot := s.claim(uint32(n))
	shift := g.shift & 31
	chunk := atomic.LoadPointer(g.cell(slot >> shift))
	if chunk == nil {
		chunk = g.fill(slot >> shift)
	}
	if g.sides != nil {
		if side = g.sideWord(slot); side == nil {
			side = &g.addSide(slot >> groupShift)[slot%groupSlots]
		}
	}
	return g.base + slot, slotAt(chunk, slot&(1<<shift-1), uintptr(g.stride)), side
}

// SideWord returns the word of a slot in a [Side], in a slab that is sided: of an index that was taken from a shared word while a directory was held that still is, or that the
// caller claimed. It returns nil if the slot, and all others of its group, have been freed.
//
// The newest directory knows the slot's segment (I4 of Directory) unless that has been retired, and means the same by its number as the one that is held.
//
// Complexity: five dependent loads. It writes nothing.
func (s *Slab) SideWord(index uint32) *Pointer {
	d := s.dir.Load()
	if n := index >> (d.segShift & 31); uint(n) < uint(len(d.segments)) {
		if g := d.segments[n]; g != nil {
			return g.sideWord(index & d.segMask)
		}
	}
	return nil
}

// Reserve claims a slot for the sake of its index, which is nobody else's until [Slab.Discard]; the slot's memory is not allocated.
//
// Complexity: that of [Slab.Claim].
func (s *Slab) Reserve() (index uint32) {
	g, slot := s.claim(0)
	return g.base + slot
}

func (s *Slab) claim(size uint32) (g *segment, slot uint32) {
	d := s.dir.Load()
	h := hint()
	g = d.lanes[d.lane(size, h)]
	if g == nil {
		return s.claimSlow(size, h)
	}
	expected := g.claimed.Load()
	slot = g.claimed.Add(1) - 1 // LP(Claim)
	if slot >= g.slots {
		return s.claimSlow(size, h)
	}
	if slot != expected && g.collisions.Add(1) == collisionLimit {
		s.part()
	}
	return g, slot
}

// claimSlow claims a slot when the lane's segment was full or missing: from the segment of the
// newest directory, or from a new one. The lane is that of the hint h, which is what claim came with: a second hint, taken in another frame, may be another, and the full
// segment would stay in its lane (I4).
func (s *Slab) claimSlow(size, h uint32) (g *segment, slot uint32) {
	l := s.layout.joined[size]
	var made *segment
	value, reused := uint32(0), false
	for {
		d := s.newest()
		lane := d.lane(size, h)
		if g := d.lanes[lane]; g != nil {
			if slot := g.claimed.Add(1) - 1; slot < g.slots {
				if reused {
					s.free.push(value)
				}
				return g, slot
			}
		}
		if made == nil {
			made = makeSegment(l, l.sizes[d.made[size]])
			value, reused = s.free.pop()
		}
		number := value
		if !reused {
			number = d.fresh
		}
		if number > 1<<(32-s.layout.segShift)-1 {
			panic("alloc: a slab has no more than 2^32 indices, and all segments' numbers are in use or wait for the collector")
		}
		made.base = number << s.layout.segShift
		if s.append(d, d.with(made, lane, size)) {
			return made, 0
		}
	}
}

// fill returns the chunk of a slot just claimed, whose cell was nil: it allocates the chunk if it is the first to need it.
// The chunk is not released meanwhile, because the slot is not freed.
func (g *segment) fill(cell uint32) Pointer {
	chunk := g.layout.newChunk()
	// If our CAS comes first, the others take our chunk; if theirs comes
	// first, we take theirs.
	if c := g.cell(cell); !atomic.CompareAndSwapPointer(c, nil, chunk) {
		chunk = atomic.LoadPointer(c)
	}
	return chunk
}

// Enliven makes a claimed slot live. It is called after the slot was initialized and before its index is published.
//
// Complexity: constant, wait-free.
func (s *Slab) Enliven(index uint32) {
	d := s.dir.Load()
	d.segmentOf(index).enliven(index & d.segMask)
}

// Free ends a live slot. Exactly one caller may do so, after the index was
// made unreachable for operations that begin later. The slot's memory stays as it is for those who still point to it; its word in a [Side]
// becomes nil, before the slot is free.
//
// Complexity: constant; the caller who frees the last slot of a segment appends a
// directory, of the size of all segments' pointers, twice. Lock-free.
func (s *Slab) Free(index uint32) {
	d := s.dir.Load()
	g := d.segmentOf(index)
	g.blank(index & d.segMask)
	if g.free(index&d.segMask) == segmentDone {
		s.retire(g)
	}
}

// Discard ends a slot that was claimed and never enlivened. The caller is its claimer.
//
// Complexity: that of [Slab.Free].
func (s *Slab) Discard(index uint32) {
	d := s.dir.Load()
	g := d.segmentOf(index)
	g.blank(index & d.segMask)
	if g.discard(index&d.segMask) == segmentDone {
		s.retire(g)
	}
}

// newest returns the newest directory, to which it moves s.dir.
func (s *Slab) newest() *Directory {
	for {
		d := s.dir.Load()
		switch next := d.next.Load(); next {
		case nil:
			return d
		case passed:
			// s.dir has moved on since we loaded it.
		default:
			s.advance(d, next)
		}
	}
}

// append makes next the directory after d, which newest returned, and moves
// s.dir to it. It reports false if another came first.
func (s *Slab) append(d, next *Directory) bool {
	if !d.next.CompareAndSwap(nil, next) { // LP(append)
		return false
	}
	s.advance(d, next)
	return true
}

// advance moves s.dir from d to the directory after it, and then takes d off the list. Any number may do so at a time: each step is done
// by all who come, in this order, and has one outcome.
func (s *Slab) advance(d, next *Directory) {
	d.era.next.Store(next.era)
	s.latest.reach(next)
	// If our CAS comes first, it moves s.dir; if it fails, another has
	// moved s.dir, which leaves d for next only and never comes back.
	s.dir.CompareAndSwap(d, next)
	d.next.CompareAndSwap(next, passed)
}

// retire takes a segment, all slots of which are freed, out of the directory. Its
// number returns to the pool when no operation can know its former meaning any more.
func (s *Slab) retire(g *segment) {
	for {
		d := s.newest()
		if s.append(d, d.without(g)) {
			// d is the newest directory that knows g. If its era is unreachable, so are d and all older ones.
			atomic.WhenUnreachable(d.era, giveBack, retired{s.free, g.base >> s.layout.segShift})
			return
		}
	}
}

// retired is a segment number that waits for the collector. It reaches no directory
// and no slab: it would keep them alive.
type retired struct {
	free  *numbers
	value uint32
}

func giveBack(r retired) { r.free.push(r.value) }

// mostLanes bounds the lanes of a slab, for each size of its slots.
const mostLanes = 16

// part is called after claims have collided: it doubles the lanes or, if there are enough, has hints choose other ones. Otherwise two goroutines that happen to have one lane
// would have it as long as they live, and write to the same lines in the segment and in the variables that they claim: twice the time of an attachment.
//
// It is tried once, because it is only a hint: if somebody else's append came first, that may have been for the same reason. A segment's
// collisions are counted to the limit once, so there are no more such directories than there are segments, and each takes constant time. In time every lane has a segment, so a slab with data of one size has up to 16
// that are partly filled, and one of many sizes as many for each of them.
func (s *Slab) part() {
	limit := min(mostLanes, lanesPerProcessor*runtime.GOMAXPROCS(0))
	d := s.newest()
	next := d.turned
	if int(d.laneMask) < limit-1 {
		next = d.widened
	}
	s.append(d, next())
}

// Range calls yield for the live slots in the order of their indices, which is that of
// memory within a segment, until it returns false. It is weakly consistent: a slot that
// lives throughout is yielded, none is yielded twice, and a slot that is freed meanwhile may be yielded or not. The slab may be
// used in yield. The directory is held throughout, so that an index has one meaning.
//
// Complexity: a word for every 32 slots claimed in segments not yet retired, and the live slots.
func (s *Slab) Range(yield func(index uint32, p Pointer) bool) {
	s.rangeSegments(func(g *segment) bool { return g.rangeLive(yield) })
}

// RangeSides is Range by sides, in a slab that is sided, for callers who look at the word of every slot of many: first is the index of the Side's first slot, and bit i of live, of which at
// least one is set, tells whether its slot i was live when the Side was come to.
//
// Complexity: that of [Slab.Range], but that it comes to no chunk.
func (s *Slab) RangeSides(yield func(first uint32, words *Side, live uint32) bool) {
	s.rangeSegments(func(g *segment) bool { return g.rangeSides(yield) })
}

// rangeSegments calls yield for the segments of a directory that is held throughout, until it returns false.
func (s *Slab) rangeSegments(yield func(g *segment) bool) {
	d := s.Hold()
	for _, g := range d.segments {
		if g != nil && !yield(g) {
			break
		}
	}
	Keep(d)
}

// RangeSize is [Slab.Range] over the slots of the n-th size, see [LayoutOfSizes].
func (s *Slab) RangeSize(n int, yield func(index uint32, p Pointer) bool) {
	s.rangeSegments(func(g *segment) bool { return g.layout != s.layout.joined[n] || g.rangeLive(yield) })
}

// Len counts the live slots. It is exact if nobody changes the slab meanwhile.
//
// Complexity: a word for every 32 slots claimed in segments not yet retired.
func (s *Slab) Len() int {
	n := 0
	for _, g := range s.dir.Load().segments {
		if g != nil {
			n += g.live()
		}
	}
	return n
}

// Used tells whether a slot has ever been claimed. If it is false, no Claim had
// returned before the call.
func (s *Slab) Used() bool { return s.dir.Load().fresh != 0 }
