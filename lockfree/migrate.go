package lockfree

import (
	"weak"

	"github.com/shadowvars/shadow/internal/atomic"
)

// An admission says what a fresh insert may do in an array.
type admission uint8

const (
	enter admission = iota // claim or decide a slot there
	leave                  // go on to the array's next, which exists
	retry                  // look again: things may have changed
)

// admit says what a fresh insert that has found room in a may do; paid is the
// array that has given the insert a ticket, if any.
//
// A fresh insert into an array that is not yet the root takes room that copies
// may need, so it needs a ticket from the root. It takes a chunk from the
// cursor, migrates all of it, and has a ticket if at least one of its slots
// yielded no copy; otherwise it takes the next chunk; if none is left, it
// finishes the migration. Each ticket is paid with a slot of the root that is
// frozen without a live pair, so copies and fresh inserts together number at most
// the slots of the root. The decision of a slot that somebody else has claimed needs a ticket as
// well, because that other one will claim another slot.
func (t *Table) admit(a *array, paid **array) admission {
	root := t.root.Load()
	switch {
	case root.number >= a.number:
		if a.next.Load() != nil {
			return leave
		}
		return enter
	case *paid == root:
		return enter
	}
	if t.work(root) {
		*paid = root
	}
	return retry
}

// work takes a chunk of root from the cursor and migrates it, or finishes the
// migration if none is left. It returns whether the chunk is worth a ticket.
func (t *Table) work(root *array) bool {
	// The load keeps the cursor from overflowing, however many come late.
	if root.cursor.Load() >= root.chunks {
		t.finish(root)
		return false
	}
	n := root.cursor.Add(1) - 1
	if n >= root.chunks {
		t.finish(root)
		return false
	}
	c := root.scattered(n)
	spare := t.migrateChunk(root, c)
	if n == root.chunks-1 {
		t.finish(root)
	}
	return spare
}

// scattered returns the number of the chunk that the cursor's n-th taker gets. Where there are many, neighbours in time are no neighbours in memory: the processors of two goroutines
// with adjacent chunks would take lines from each other all the time, because each fetches ahead what it expects to need next. The step is odd, so each of the power of two of chunks has one
// turn, which tickets depend on (I6); and it is some golden section of them, so that a few turns lie far apart (Knuth, The Art of Computer Programming, volume 3, section 6.4).
func (a *array) scattered(n uint32) uint32 {
	const golden = 0x9e3779b9 // of 2^32
	step := uint32(uint64(a.chunks)*golden>>32) | 1
	return n * step & (a.chunks - 1)
}

// migrateChunk migrates all slots of chunk c of a, sets its done bit, and
// returns whether any slot yielded no copy.
func (t *Table) migrateChunk(a *array, c uint32) bool {
	next := a.next.Load()
	spare := false
	var copied, among int64
	first := uintptr(c) * chunkSlots
	if a.slots() >= farSlots {
		a.foresee(next, first)
	}
	for i := first; i < min(first+chunkSlots, a.slots()); i++ {
		live, in, to := t.migrateSlot(a, next, i)
		if !live {
			spare = true
		}
		if in == next {
			copied++
			if next.counts(to) {
				among++
			}
		}
	}
	next.countCopies(copied, among)
	a.done[c/32].Or(1 << (c % 32))
	return spare
}

// foresee loads the lines of the chunk that begins at slot first, and those of next to which most of its pairs go if both have one multiplier: together, where migrateSlot would wait for one after the other,
// because a locked instruction waits for all loads before it.
func (a *array) foresee(next *array, first uintptr) {
	for i := first; i < first+chunkSlots; i += lineSlots { // such an array consists of whole chunks
		a.slot(i).key.Load()
	}
	if next.spread != a.spread {
		return
	}
	grown, shrunk := max(next.slots()/a.slots(), 1), max(a.slots()/next.slots(), 1)
	for i := first / shrunk * grown; i < (first+chunkSlots)/shrunk*grown; i += lineSlots {
		next.slot(i).key.Load()
	}
}

// migrateSlot freezes slot i of a and copies its pair, if live, to next. It returns whether it was, and the slot to which we have copied it as copy does.
func (t *Table) migrateSlot(a, next *array, i uintptr) (live bool, in *array, to uintptr) {
	s := a.slot(i)
	k := s.key.Load()
	if k == emptyKey {
		// If our CAS comes first, no inserter can claim the slot. If an
		// inserter's does, the slot has a key and a val to freeze.
		if s.key.CompareAndSwap(emptyKey, frozenKey) {
			return false, nil, 0
		}
		k = s.key.Load()
	}
	if k == frozenKey {
		return false, nil, 0
	}
	v := s.val.Load()
	if !isFrozen(v) {
		v = s.val.Or(frozenBit)
	}
	if !isLive(v) {
		return false, nil, 0
	}
	in, to = t.copy(next, k, v&^frozenBit)
	return true, in, to
}

// copy makes sure that the pair of key and v, frozen in the predecessor of a with the val
// v, is decided in a or a successor. The target word never returns to 0, so a copier that
// comes late, even after the pair has been changed or deleted, changes nothing. It returns the slot that we have decided; no array if it was somebody else.
func (t *Table) copy(a *array, key, v uint64) (in *array, i uintptr) {
	class := Word(v).Class()
	// Nothing before an empty slot on the path is frozen. If something of a is, then a is being migrated, hence its predecessor is done, hence this pair had been decided before: in a,
	// in a slot in front of which there is nothing but other pairs', or in a successor, because no slot of a's path is empty.
	if s, k := a.stop(key, class); k == emptyKey {
		if i := a.index(s); t.enter(a, i, atEmpty, key, Word(v)) {
			return a, i
		}
	}
	home := a.home(key, class)
	for d := uintptr(0); ; {
		var at place
		d, _, at = a.find(key, class, home, d)
		switch at {
		case atEmpty, atUndecided:
			if i := (home + d) & a.mask; t.enter(a, i, at, key, Word(v)) {
				return a, i
			}
		case atEnd:
			a = t.extend(a)
			home, d = a.home(key, class), 0
		default:
			// Decided, or decided and superseded. A barrier on the path means
			// that a is being migrated, hence its predecessor is done, hence this
			// pair has been copied before us.
			return nil, 0
		}
	}
}

// finish migrates every chunk of a that is not done and makes its next the
// root. It waits for nobody: what a stopped goroutine has begun is done again.
func (t *Table) finish(a *array) {
	for c := uint32(0); c < a.chunks; c++ {
		if a.done[c/32].Load()&(1<<(c%32)) == 0 {
			t.migrateChunk(a, c)
		}
	}
	next := a.next.Load()
	if t.root.CompareAndSwap(a, next) {
		t.review(next)
	}
}

// begin starts a migration of a to an array of so many slots, unless a has been
// given a next already. Only a root or former root may be given one this way.
func (t *Table) begin(a *array, slots uintptr) *array {
	if a.next.Load() == nil {
		uneven := a.uneven.Load()
		next := newArray(slots, t.homes, a.number+1, a.bestSpread(slots, uneven))
		if uneven {
			next.tried = a.tried + 1
		}
		// Before the CAS, too: stopped after it, we would leave a migration of which nobody is reminded, unless a collection passes in between and nobody else comes here.
		t.remind()
		a.next.CompareAndSwap(nil, next)
	}
	t.remind()
	return a.next.Load()
}

// remind has the migration that has begun finished after the next collection, should it still be under way by then, and the live pairs counted. Writers move a table as they
// write; if they stop, both arrays would stay, or one much too big for what is left.
func (t *Table) remind() {
	if c := t.reminder.Load(); c != nil && !c.Over() {
		return
	}
	// Registered first and noted then: stopped in between, we keep nobody else from being reminded.
	t.reminder.Store(atomic.AfterCollection(func(w weak.Pointer[Table]) {
		if t := w.Value(); t != nil {
			atomic.Go(t.catchUp)
		}
	}, weak.Make(t)))
}

// mostMigrations bounds what catchUp does: a table that was emptied shrinks by halves.
const mostMigrations = 64

// catchUp finishes the migration that is under way, and those that this one or a recount starts.
func (t *Table) catchUp() {
	for range mostMigrations {
		root := t.root.Load()
		t.review(root)
		t.recount(root)
		if root.next.Load() == nil {
			return
		}
		t.finish(root)
	}
}

// extend returns the next of a, which has no room left on the path of some pair, and
// allocates it if need be. If a is not yet the root, then it is the target of a shrinking migration
// that has overflowed, and its next has room for all that either holds.
func (t *Table) extend(a *array) *array {
	if next := a.next.Load(); next != nil {
		return next
	}
	root := t.root.Load()
	if root.number >= a.number {
		return t.begin(a, t.successor(a))
	}
	if checked && a.slots() >= root.slots() {
		panic("lockfree: no room in an array as big as its predecessor")
	}
	slots := a.slots()
	for slots < root.slots()+a.slots() {
		slots *= 2
	}
	return t.begin(a, slots)
}
