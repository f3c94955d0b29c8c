package shadow

import (
	"iter"
	"time"

	"github.com/shadowvars/shadow/alloc"
)

// Stats are the figures of a space. Bytes are bytes, counts are of single things, and figures of type int64 count from the space's beginning.
//
// They are not of one instant: each was right at some moment of the call, and two that change together may be seen apart. At rest
// Attached is Live + Freed + Taken + Collected, exactly; while others attach and free, Freed takes up the difference. An attachment counts from just before it can be seen; one that is
// then refused because another came first counts no more, so Attached may fall, by no more than the attachments under way, and Freed, which is a difference, by those and by what has ended during the look. A metric that must never
// fall keeps the largest value that it has seen.
type Stats struct {
	Name    string
	Classes int // open classes

	Live      int   // variables that are present
	Building  int   // constructors that are running, and attachments that are on their way to being seen
	Attached  int64 // variables that have ever been attached, those of closed classes included, as in the following three; Move attaches none
	Freed     int64 // variables ended by Free, FreeIf, FreeFunc, FreeAll, FreeObject, Close, or by a FreeAll or Close that overtook their attachment
	Taken     int64 // variables ended by Take
	Collected int64 // variables ended because their parents were collected

	TableSlots      int     // slots of the table
	TableUsed       int     // slots that have a key, dead ones included; an estimate
	TableLoad       float64 // TableUsed as a part of TableSlots; the table grows or is cleaned above 0.7
	TableBytes      int     // bytes of the table
	TableMigrations uint64  // migrations that the table has completed
	Migrating       bool    // whether one is under way

	BytesLive uintptr // bytes of the live variables, as in ClassStats
	BytesHeld uintptr // bytes of the chunks, and handles beside them, that are not yet given back, as in ClassStats

	Chunks         int // chunks that are not yet given back
	ChunksWaiting  int // those of them that have lost some of their variables and wait for the last
	NumbersWaiting int // numbers of emptied segments that cannot be used again yet, because an operation might still hold their former meaning
	EpochsWaiting  int // generations that FreeAll or Close has ended and that the collector has not yet found unreachable

	Reaps         int64         // walks in search of dead parents, by Reap and by the library itself after collections
	LastReap      time.Time     // when the last one to end began; zero if there was none
	LastReapTook  time.Duration // how long it took, Reap's destructors included
	LastReapEnded int           // how many variables it ended
}

// Stats returns the space's figures. It takes a step for each class, and one for every 32 variables that they have room for (for each variable of
// Bytes that is an allocation of its own). It stops nobody, and what it reports costs nothing where it happens: no operation counts for it.
func (s *Space) Stats() Stats {
	t := s.table.Stats()
	st := Stats{
		Name: s.name, TableSlots: t.Slots, TableUsed: t.Claimed, TableLoad: float64(t.Claimed) / float64(t.Slots), TableBytes: t.Bytes,
		TableMigrations: t.Migrations, Migrating: t.Migrating,
	}
	classes := s.classes.Load()
	for _, c := range classes.open {
		st.Classes++
		st.add(c.stats())
	}
	st.addClosed(&classes.closed)
	if w := s.reaper.last.Load(); w != nil {
		st.Reaps, st.LastReap, st.LastReapTook, st.LastReapEnded = w.number, w.began, w.took, w.buried
	}
	return st
}

func (st *Stats) add(c ClassStats) {
	st.Live += c.Live
	st.Building += c.Building
	st.Attached += c.Attached
	st.Freed += c.Freed
	st.Taken += c.Taken
	st.Collected += c.Collected
	st.BytesLive += c.BytesLive
	st.BytesHeld += c.BytesHeld
	st.Chunks += c.Chunks
	st.ChunksWaiting += c.ChunksWaiting
	st.NumbersWaiting += c.NumbersWaiting
	st.EpochsWaiting += c.EpochsWaiting
}

// addClosed adds the classes that are closed.
func (st *Stats) addClosed(closed *page[*ledger]) {
	sum := past{totals: closed.settled}
	for n := closed.first; n != nil; n = n.next {
		sum.add(n.item.past(nil))
	}
	st.Attached += sum.attached
	st.Taken += sum.taken
	st.Collected += sum.collected
	st.Freed += sum.freed(0)
	st.BytesHeld += sum.held.HeldBytes
	st.Chunks += sum.held.Chunks
	st.ChunksWaiting += sum.held.HalfDead
	st.EpochsWaiting += sum.epochs
}

// fold makes a closed ledger that will not change any more part of the registry's sum, if such are half of the list: each is then looked at a few
// times at most.
func (s *Space) fold() {
	s.ripe.Add(1)
	for {
		r := s.classes.Load()
		if s.ripe.Load() < int64(r.closed.count+1)/2 {
			return
		}
		next := &registry{r.open, r.closed.compact()}
		if s.classes.CompareAndSwap(r, next) {
			s.ripe.Add(int64(next.closed.count - r.closed.count))
			return
		}
	}
}

// ClassStats are the figures of one class, with the units and the consistency of [Stats].
type ClassStats struct {
	ID       ID
	Name     string
	Lifetime Lifetime
	Type     string // the handle's type, as "Var[main.Conn, main.Note]"

	Live      int
	Building  int
	Attached  int64 // since the class was opened, as the following three
	Freed     int64
	Taken     int64
	Collected int64

	// BytesLive are the bytes of the live variables: their data as far as its size is part of its type, what the library keeps beside
	// it, and of Bytes variables the slots and what has no room in one. What data points to elsewhere is not counted: the library does not look at it.
	BytesLive uintptr
	BytesHeld uintptr // bytes of all chunks and of the handles beside them, which also hold variables that have ended and room for those to come, and of live Bytes variables what has no room in one

	Chunks         int // pieces of memory that hold SlotsPerChunk variables each, of Bytes up to 32, and are given back as a whole
	ChunksWaiting  int
	SlotsPerChunk  int     // 0 for Bytes, whose chunks are of several sizes
	BytesPerSlot   uintptr // what a variable takes of a chunk and, if it is Collected, beside it; 0 for Bytes
	NumbersWaiting int
	EpochsWaiting  int
}

// Classes yields the figures of every open class, in no particular order, at the cost of [Space.Stats].
func (s *Space) Classes() iter.Seq[ClassStats] {
	return func(yield func(ClassStats) bool) {
		for _, c := range s.classes.Load().open {
			if !yield(c.stats()) {
				return
			}
		}
	}
}

func (c *class) stats() ClassStats {
	g := c.enter()
	defer g.leave()
	sum := c.ledger.past(g.e.tally)
	var a alloc.Stats
	if g.e.closed {
		a = g.e.slab.Stats()
	} else {
		var t totals
		t, a = g.e.tally.of(g.e.slab.Stats)
		sum.totals.add(t)
	}
	st := ClassStats{
		ID: c.identity.id, Name: *c.name.Load(), Lifetime: c.lifetime, Type: c.identity.handleType(),
		Live: a.Live, Building: a.Pending, Attached: sum.attached, Freed: sum.freed(a.Live), Taken: sum.taken, Collected: sum.collected,
		BytesLive: a.LiveBytes, BytesHeld: a.HeldBytes + sum.held.HeldBytes,
		Chunks: a.Chunks + sum.held.Chunks, ChunksWaiting: a.HalfDead + sum.held.HalfDead,
		NumbersWaiting: a.Waiting, EpochsWaiting: sum.epochs,
	}
	if c.sizes == nil {
		st.SlotsPerChunk, st.BytesPerSlot = c.layout.ChunkSlots(), c.layout.Stride()+c.layout.SideBytes()
		return st
	}
	n := c.elsewhere(g.e)
	st.BytesLive += n
	st.BytesHeld += n
	return st
}

// elsewhere is the memory of the bytes of a class of Bytes that do not lie in its slots. A slot's size is written before it is live, and never again.
func (c *class) elsewhere(e *epoch) (n uintptr) {
	e.slab.RangeSize(c.sizes.slot(c.sizes.most+1), func(_ uint32, p pointer) bool {
		n += c.sizes.elsewhere(len(c.sizes.in(p)))
		return true
	})
	return n
}
