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
//	LP(get, home line)    the load of val: a live pair
//	LP(get, absent)       there, the load of a key that nobody has claimed
//	LP(get, absent at last)  the same for the last slot of the line
//	LP(get, no key)       further on its path: the load of a key that nobody has claimed
//	LP(get, val)          the load of val: a live pair, a dead one or an undecided slot
//	LP(get, successor)    through a frozen slot or an exhausted path: the last load in the last array looked at
//	LP(insert, fresh)     the CAS of val from UNDECIDED
//	LP(insert, revive)    the CAS of val from NIL
//	LP(insert, refused)   the load of val that found a live pair
//	LP(insert, sealed)    the load of val that found a sealed pair
//	LP(insert, sealed before)  the same, in an array that the pair has left
//	LP(replace)           the CAS of val
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
	c := config{mul: fibonacci}
	if o != nil && o.Presize > 0 {
		c.slots = slotsFor(o.Presize)
	}
	t.init(c)
}

// A config is what tests may choose besides.
type config struct {
	slots uintptr // of the first array, a power of two; 0: the least
	mul   uint64  // the hash's multiplier; 0 makes all homes equal, 1<<63 leaves two of them
}

func (t *Table) init(c config) {
	t.least = max(c.slots, leastSlots)
	t.root.Store(newArray(t.least, c.mul, 1))
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
	switch w := t.Line(key, Salt(class)).Word(key); {
	case w.Tag() == Tag(class, Value):
		return w
	case w == Absent:
		return 0
	}
	return t.GetUnsure(key, class)
}

// Line returns the first cache line of the paths of all pairs of a key and of the classes of one [Salt]. With [Line.Word] it is the part of
// [Table.Get] that nearly always suffices, for callers who count instructions:
//
//	w := t.Line(key, salt).Word(key)
//	if w.Tag() != tag && w != lockfree.Absent { // Tag(class, Value)
//		w = t.GetUnsure(key, class)
//	}
//
// Line is inlined and Word is a leaf: no loop, no frame.
func (t *Table) Line(key, salt uint64) *Line {
	a := t.root.Load()
	return a.line(a.hash(key, salt))
}

// Salt is what the class contributes to the hash of its pairs.
func Salt(class uint32) uint64 { return uint64(class>>3) * groupMul }

// Absent is the answer of [Line.Word] when it knows that there is no pair of the key. It is no pair's word.
const Absent Word = 1

// Word returns what stands in the first slot of l, which [Table.Line] has just returned for the key, that has the key: the word of a pair if its
// [Word.Tag] is that of the pair's class in some state, and of no significance otherwise. If no slot has the key, it returns [Absent] or, when the line
// does not tell, 0. If the key is 0, it returns one of these.
//
// Which slot it is is a matter of chance, so the choice must not be a branch: guessed wrong, a branch that waits for
// memory would keep the processor from all that follows it.
func (l *Line) Word(key uint64) Word {
	k0, k1, k2 := l[0].key.Load(), l[1].key.Load(), l[2].key.Load() // LP(get, absent)
	n := differ(k0, key)
	m := differ(k1, key) & n
	n += m
	n += differ(k2, key) & m
	s := &l[n&(lineSlots-1)]
	// The val is loaded before the key. A key that is not 0 is a slot's first and last, so a val that came before it does not exist; and if the
	// key that is asked for is 0, and still 0 after the val was loaded, nobody had claimed the slot, and its val was 0.
	v := s.val.Load()  // LP(get, home line)
	k3 := s.key.Load() // LP(get, absent at last)
	if k3 == key {
		return Word(v)
	}
	// No slot has the key, and s is the last. If it is empty and none is frozen, no pair of the key was there at the load of the first empty one: what stood
	// before that was other keys, and stays so.
	if k3 == emptyKey && k0 != frozenKey && k1 != frozenKey && k2 != frozenKey {
		return Absent
	}
	return 0
}

// differ is 1 if a and b differ, else 0; the compiler makes no branch of it.
func differ(a, b uint64) (n uint8) {
	if a != b {
		n = 1
	}
	return n
}

// GetUnsure is [Table.Get] for a pair that [Line.Word] has not found with [Value]: it walks the pair's whole path.
//
//go:noinline
func (t *Table) GetUnsure(key uint64, class uint32) Word {
	a := t.root.Load()
	home := a.home(key, class)
	for i := home; ; {
		s := a.slot(i)
		k := s.key.Load() // LP(get, no key)
		if k == emptyKey {
			return 0
		}
		if k == key {
			v := s.val.Load() // LP(get, val)
			// The class is compared with the frozen bit on top, so a frozen val never matches.
			if v>>classShift == uint64(class) {
				if isLive(v) {
					return Word(v)
				}
				return 0
			}
			if v == undecided {
				return 0
			}
			if isFrozen(v) {
				return t.getSlow(key, class)
			}
		} else if k == frozenKey {
			return t.getSlow(key, class)
		}
		i = (i + 1) & a.mask
		if i == home {
			return t.getSlow(key, class)
		}
	}
}

// getSlow is Get where something is frozen or the path has no end.
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
