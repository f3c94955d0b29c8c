package lockfree

import "github.com/shadowvars/shadow/internal/atomic"

// A Table maps pairs (key, class) to words. Make one with [New], or [Table.Init]
// for a table inside another structure. All methods may be called
// concurrently; none takes a lock. A Table must not be copied after Init.
//
// States: the arrays form a list, oldest first: root -> next -> ... There is
// one array outside of migrations and two within; a third appears only when a shrinking
// migration turns out to have shrunk too much. Every pair has one current
// word, in the last array of the list that has decided the pair.
//
// Transitions:
//
//	array.next nil -> array   who finds the array crowded, sparse or full, CAS
//	root -> root.next         who finds every chunk of root done, CAS
//
// and those of slots, see slot.
//
// Linearization points:
//
//	LP(get, chosen)       by Back and Front, the load of val: a live pair or a dead one
//	LP(get, not chosen)   there, the load of val of an undecided slot, that of a key that nobody has claimed, or that of the last key in Absent
//	LP(get, in line)      in one of the first two lines of its path, the load of val: a live pair or a dead one
//	LP(get, absent)       there, the load of a key that nobody has claimed
//	LP(get, absent at last)  the same for the last slot of the line
//	LP(get, no key)       in a walk of the first line, the load of a key that nobody has claimed
//	LP(get, val)          there, the load of val: a live pair, a dead one or an undecided slot
//	LP(get, successor)    in the walk of the whole path: the last load in the last array looked at
//	LP(look, present)     the load of val: a live pair or a dead one
//	LP(look, absent)      the load of the key of the slot at which an insert stops: one that nobody has claimed
//	LP(insert, fresh)     the CAS of val from UNDECIDED
//	LP(insert, revive)    the CAS of val from NIL
//	LP(insert, revive at once)  the same, of a pair in the first line of its path
//	LP(insert, refused)   the load of val that found a live pair
//	LP(insert, sealed)    the load of val that found a sealed pair
//	LP(insert, sealed before)  the same, in an array that the pair has left
//	LP(replace)           the CAS of val
//	LP(replace, at)       the CAS of val where it was found
//	LP(replace, refused)  the load of val that found another word
//	LP(replace, absent)   the load of a key or a val that ended the path, or of a next that was nil
//
// A migration linearizes nowhere: it changes no pair's value.
//
// Progress: Get is wait-free but for the length of a path and one hop per
// migration that ends during it. The others are lock-free: a CAS fails only
// because another operation's succeeded, and no step depends on a particular
// goroutine going on.
//
// Invariants, besides those of slot:
//
//	I4  Only the root and its predecessors are frozen.
//	I5  next is set once; a migration starts only at the root, but for I7.
//	I6  Copies to and fresh inserts into root.next number no more than the
//	    slots of root, because each such insert has a ticket: see ticket.
//	I7  Where root.next is smaller than root, it may overflow: then it is given
//	    a next with room for all of both. See extend.
type Table struct {
	root  atomic.Pointer[array]
	least uintptr // immutable: no array is smaller
	homes uintptr // immutable: no array has more homes, a power of two; 0: as many as there is room for

	reminder atomic.Pointer[atomic.Collection] // until it is over, catchUp will run after it
}

// Options are the choices at a table's creation. The zero value is good.
type Options struct {
	// Presize is the number of pairs to expect. So many fit without a
	// migration, and the table never shrinks below that size.
	Presize int
}

// New returns an empty table. Without Presize it takes less than 1 KiB. The
// options may be nil.
func New(o *Options) *Table {
	t := new(Table)
	t.Init(o)
	return t
}

// Init makes t an empty table, as New does. It must be called once, before any
// other method and before t is shared.
func (t *Table) Init(o *Options) {
	c := config{}
	if o != nil && o.Presize > 0 {
		c.slots = slotsFor(o.Presize)
	}
	t.init(c)
}

// A config is what tests may choose besides.
type config struct {
	slots uintptr // of the first array, a power of two; 0: the least
	homes uintptr // see Table.homes; 1 makes a constant hash
}

func (t *Table) init(c config) {
	t.least, t.homes = max(c.slots, leastSlots), c.homes
	t.root.Store(newArray(t.least, t.homes, 1, 0))
}

// still keeps collections from finishing the table's migrations: when a test is at rest, so is its table.
func (t *Table) still() *Table {
	t.reminder.Store(new(atomic.Collection))
	return t
}

// newTable returns a table for tests.
func newTable(c config) *Table {
	t := new(Table)
	t.init(c)
	t.still()
	return t
}

// Get returns the word of a pair if its state is [Value] or [Building], else 0.
// The key must be neither 0 nor ^0, and the class at most [MaxClass]; a key of 0
// is answered by 0. Get is a read operation. It takes constant expected time and allocates nothing.
func (t *Table) Get(key uint64, class uint32) Word {
	w, _ := t.Find(key, class)
	return w
}

// Find is Get, and says where the word stands, for [Table.ReplaceAt].
func (t *Table) Find(key uint64, class uint32) (Word, Spot) {
	a := t.root.Load()
	l := a.line(key + Salt(class))
	n := l.Probe(key)
	w, k := l.Load(n)
	switch {
	case k == key && w.Tag() == Tag(class, Value):
		return w, Spot{a, &l[n&(lineSlots-1)]}
	case k == emptyKey && !l.Broken():
		return 0, Spot{}
	}
	return t.GetUnsure(l, key, class), Spot{}
}

// Line returns the first cache line of the paths of all pairs of a key and of the classes of one [Salt]. It is the beginning
// of [Table.Get] for callers who count instructions. What they need of it is inlined, without a loop and without a call:
//
//	l := t.Line(key, salt)
//	w, k := l.Load(l.Probe(key))
//	if k != key || w.Tag() != tag { // Tag(class, Value)
//		if k == 0 && !l.Broken() {
//			return 0 // there is no pair of the key
//		}
//		w = t.GetUnsure(l, key, class)
//	}
func (t *Table) Line(key, salt uint64) *Line { return t.root.Load().line(key + salt) }

// Back is the first of three steps, all of them inlined, of which l.Front(l.Back(key), key).Chosen() is the word of the first slot of l that has the key. It is 0 if no slot has it, and that of one of the key's pairs otherwise, frozen or not: which one,
// its [Word.Tag] tells; or 0 if that pair was undecided.
//
// Which slot it is is a matter of chance, so the choice must not be a branch: guessed wrong, a branch that waits for memory would keep the processor from all that follows it. A conditional move waits for memory, too, but nothing else waits with it.
//
// The words are loaded before their keys. A key that is not 0 is a slot's first and last, so a word that came before it does not exist.
func (l *Line) Back(key uint64) (w Word) {
	if v, k := l[3].val.Load(), l[3].key.Load(); k == key {
		w = Word(v) // LP(get, chosen): the load of this and of the other words
	}
	if v, k := l[2].val.Load(), l[2].key.Load(); k == key {
		w = Word(v)
	}
	return w
}

// Front is the second step after [Line.Back], and [Word.Chosen] the third.
func (l *Line) Front(w Word, key uint64) Word {
	if v, k := l[1].val.Load(), l[1].key.Load(); k == key {
		w = Word(v)
	}
	if v, k := l[0].val.Load(), l[0].key.Load(); k == key {
		w = Word(v)
	}
	return w
}

// Absent tells, after a [Line.Front] that has returned 0, that the key had no pair at a moment since the loads of Back began.
//
// The last slot is empty, so the path of each of the key's pairs ends in this line, and nobody has made it end elsewhere: an empty slot has to be frozen for that, and a frozen slot is one for ever; or an undecided one of the key, but the word
// that Front has returned was loaded before that, and the pair was absent then. If a
// pair is there now, its slot was empty when its key was loaded, or undecided when its word was, and the pair was absent then. If none is, none was when the last slot's key was loaded here.
func (l *Line) Absent() bool { return l[3].key.Load() == emptyKey && !l.Broken() } // LP(get, not chosen): this load, or one of Back's and Front's

// Probe returns the number of the first slot that has the key, or that of the last slot.
//
// Which one it is is a matter of chance, so the choice must not be a branch: guessed wrong, a branch that waits for
// memory would keep the processor from all that follows it. The compiler makes no branches of these.
func (l *Line) Probe(key uint64) uint8 {
	var not1, not2, not3 uint8
	if l[0].key.Load() != key { // LP(get, absent): these loads
		not1 = 1
	}
	if l[1].key.Load() != key {
		not2 = 1
	}
	if l[2].key.Load() != key {
		not3 = 1
	}
	not2 &= not1
	return not1 + not2 + not3&not2
}

// Load returns the word and the key of slot n of l, which [Line.Probe] has named. If the key is the one that was asked for, the word is that of one of its
// pairs, frozen or not: which one, its [Word.Tag] tells.
//
// The word is loaded before the key. A key that is not 0 is a slot's first and last, so a word that came before it does not exist; and if the
// key that is asked for is 0, and still 0 after the word was loaded, nobody had claimed the slot, and its word was 0.
func (l *Line) Load(n uint8) (Word, uint64) {
	return Word(l[n&(lineSlots-1)].val.Load()), l[n&(lineSlots-1)].key.Load() // LP(get, in line), LP(get, absent at last)
}

// Broken tells whether paths through the line may lead elsewhere although it has room. If not, and the slot that [Line.Probe] has named was
// empty, then there was no pair of the key at Probe's load of the first empty slot: what stood before that was other keys, and stays so. It was not broken then
// either, because a frozen slot is one for ever.
func (l *Line) Broken() bool {
	return l[0].key.Load() == frozenKey || l[1].key.Load() == frozenKey || l[2].key.Load() == frozenKey
}

// GetUnsure is [Table.Get] for a pair that l, its line, has not told with [Value]: it walks the line. If that is full, the pair stands in the next one nearly always; and
// wherever a slot of the pair is found that is not frozen, its word is the pair's (I2, and lookup).
//
//go:noinline
func (t *Table) GetUnsure(l *Line, key uint64, class uint32) Word {
	for i := range l {
		s := &l[i]
		k := s.key.Load() // LP(get, no key)
		switch k {
		case emptyKey:
			return 0
		case frozenKey:
			return t.getSlow(key, class)
		case key:
			v := s.val.Load() // LP(get, val)
			switch {
			case Word(v).Tag()>>classShift == Word(class): // not if v is frozen, with the frozen bit on top
				if isLive(v) {
					return Word(v)
				}
				return 0
			case v == undecided:
				return 0
			case isFrozen(v):
				return t.getSlow(key, class)
			}
		}
	}
	// All of them are other pairs' for good.
	l = t.root.Load().after(l)
	if l == nil {
		return t.getSlow(key, class)
	}
	w, k := l.Load(l.Probe(key))
	switch {
	case k == key && (w.Tag() == Tag(class, Value) || w.Tag() == Tag(class, Building)):
		return w
	case k == key && w.Tag() == Tag(class, Nil), k == emptyKey && !l.Broken():
		return 0
	}
	return t.getSlow(key, class)
}

// getSlow is Get by the whole path, and where something is frozen.
//
//go:noinline
func (t *Table) getSlow(key uint64, class uint32) Word {
	v, _ := t.root.Load().lookup(key, class)
	if isLive(v) {
		return Word(v)
	}
	return 0
}

// lookup returns the val of a pair without its frozen bit, and whether a or a
// successor has decided the pair.
//
// A frozen val is final in its array. If a later array has decided the pair, that
// came after and counts. Otherwise nobody has changed the pair since, nor will
// before deciding it there, so the frozen val was current at the last load.
func (a *array) lookup(key uint64, class uint32) (uint64, bool) {
	var v uint64
	found := false
	for ; a != nil; a = a.next.Load() {
		_, w, at := a.find(key, class, a.home(key, class), 0) // LP(get, successor)
		switch at {
		case atPair:
			return w, true
		case atFrozenPair:
			v, found = w&^frozenBit, true
		case atEmpty, atUndecided:
			return v, found
		}
	}
	return v, found
}
