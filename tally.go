package shadow

import (
	"github.com/shadowvars/shadow/alloc"
	"github.com/shadowvars/shadow/internal/atomic"
)

// tally counts for one epoch what its slab cannot tell. Attaching and freeing touch none of it: how many slots have become variables, and
// how many of those have ended, is in the slab's own bits, so that
//
//	attached = live + freed slots - refused
//	freed    = attached - live - taken - collected
//
// # States
//
//	current   the class's epoch: its figures are read by way of the class
//	ended     FreeAll or Close is about to replace the epoch or has: latest is set; late operations still change its figures
//	settled   nobody can reach the epoch any more: settled is set; final
//
// # Transitions
//
//	current → ended     end, by who is about to replace the epoch, CAS of latest
//	ended → settled     settle, by the epoch's cleanup; latest is cleared afterwards
//	current → settled   settle, by who made the epoch and found the class's replaced by another
//
// # Invariants
//
//	I1  Who adds to a tally holds its epoch, so a settled tally is final.
//	I2  An epoch has ended here before it is replaced in its class: a reader that loads the class's epoch first and the ledger's
//	    page afterwards misses none.
type tally struct {
	refused   atomic.Int64 // slots that were claimed and given back without having been a variable: lost races, failed constructors
	taken     atomic.Int64 // variables that Take ended
	collected atomic.Int64 // variables that ended because their parents were found dead

	latest  atomic.Pointer[alloc.Latest] // the slab's: it leads to the slab's newest directory, and not to the slab, which the collector watches
	settled atomic.Pointer[totals]
}

// totals are the variables of some epochs since the beginning.
type totals struct {
	attached, taken, collected int64
}

func (s *totals) add(t totals) {
	s.attached += t.attached
	s.taken += t.taken
	s.collected += t.collected
}

// of adds up the tally's figures and the slab's. Who refuses or takes ends the slot first and counts then, so the counts are loaded before the slots are looked at: none
// is of a slot that these do not show, and nothing is negative.
func (t *tally) of(slots func() alloc.Stats) (totals, alloc.Stats) {
	refused := t.refused.Load()
	sum := totals{taken: t.taken.Load(), collected: t.collected.Load()}
	st := slots()
	sum.attached = int64(st.Live) + int64(st.Freed) - refused
	return sum, st
}

// end keeps what tells the figures of e, which the caller holds and is about to replace.
func (e *epoch) end() {
	e.tally.latest.CompareAndSwap(nil, e.slab.Latest())
}

func (t *tally) final() (totals, bool) {
	if s := t.settled.Load(); s != nil {
		return *s, true
	}
	return totals{}, false
}

// A ledger keeps the tallies of one class: the sum of settled ones, and the others. It outlives its class, because the
// space's totals include closed classes.
type ledger struct {
	page      atomic.Pointer[page[*tally]]
	unsettled atomic.Int64 // tallies; 0 is final: the class is closed and nobody can reach any of its epochs
	ripe      atomic.Int64 // settled tallies that are not part of the sum yet
}

func newLedger() *ledger {
	g := new(ledger)
	g.page.Store(new(page[*tally]))
	return g
}

// open adds the tally of a new epoch.
func (g *ledger) open() *tally {
	t := new(tally)
	g.unsettled.Add(1)
	for {
		p := g.page.Load()
		if next := p.with(t); g.page.CompareAndSwap(p, &next) {
			return t
		}
	}
}

// settle makes the figures of a tally final, of an epoch that nobody can reach any more, and tells whether it was the last one of a class that is closed.
func (g *ledger) settle(t *tally) bool {
	var sum totals
	if l := t.latest.Load(); l != nil {
		sum, _ = t.of(l.Stats)
	}
	t.settled.Store(&sum)
	t.latest.Store(nil)
	g.compact()
	return g.unsettled.Add(-1) == 0
}

// compact leaves the settled tallies out of the page once they are half of it, so that each is looked at a few times at most.
func (g *ledger) compact() {
	g.ripe.Add(1)
	for {
		p := g.page.Load()
		if g.ripe.Load() < int64(p.count+1)/2 {
			return
		}
		next := p.compact()
		if g.page.CompareAndSwap(p, &next) {
			g.ripe.Add(int64(next.count - p.count))
			return
		}
	}
}

// final is the sum of a ledger that will not change any more.
func (g *ledger) final() (totals, bool) {
	if g.unsettled.Load() != 0 {
		return totals{}, false
	}
	return g.past(nil).totals, true
}

// past is what the epochs of a ledger but the class's own have come to.
type past struct {
	totals
	held   alloc.Stats // what their slabs still hold
	epochs int         // how many are not settled
}

func (p *past) add(q past) {
	p.totals.add(q.totals)
	p.held.Chunks += q.held.Chunks
	p.held.HalfDead += q.held.HalfDead
	p.held.HeldBytes += q.held.HeldBytes
	p.epochs += q.epochs
}

// freed is what has ended otherwise than by Take and collection.
func (t totals) freed(live int) int64 {
	return max(0, t.attached-int64(live)-t.taken-t.collected)
}

// past adds up the epochs that have ended. The class's own, current, is left out; the caller has loaded it before and holds it.
func (g *ledger) past(current *tally) past {
	p := g.page.Load()
	sum := past{totals: p.settled}
	for n := p.first; n != nil; n = n.next {
		if n.item == current {
			continue
		}
		if l := n.item.latest.Load(); l != nil {
			t, st := n.item.of(l.Stats)
			sum.add(past{t, st, 1})
			continue
		}
		if s, ok := n.item.final(); ok {
			sum.totals.add(s)
		}
	}
	return sum
}

// page is an immutable list of tallies or ledgers and the sum of those that were settled and left out of it.
type page[T settler] struct {
	settled totals
	first   *line[T]
	count   int
}

type line[T settler] struct {
	item T
	next *line[T]
}

// settler is something that has totals, which at some time become final.
type settler interface {
	final() (totals, bool)
}

func (p page[T]) with(item T) page[T] {
	return page[T]{p.settled, &line[T]{item, p.first}, p.count + 1}
}

// compact adds what is settled to the sum, and leaves it out.
func (p page[T]) compact() page[T] {
	next := page[T]{settled: p.settled}
	for n := p.first; n != nil; n = n.next {
		if t, ok := n.item.final(); ok {
			next.settled.add(t)
		} else {
			next = next.with(n.item)
		}
	}
	return next
}

// settle makes the figures of an epoch that was never the class's final.
func (c *class) settle(t *tally) {
	if c.ledger.settle(t) {
		c.space.fold()
	}
}
