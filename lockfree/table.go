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
//	LP(get, no key at home)    the load of a key that nobody has claimed
//	LP(get, val near home)     the load of val: a live pair or a dead one
//	LP(get, no key)       the same further on its path: the load of a key that nobody has claimed
//	LP(get, val)          the load of val: a live pair, a dead one or an undecided slot
//	LP(get, batch)        the same in GetBatch
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

// newTable returns a table for tests.
func newTable(c config) *Table {
	t := new(Table)
	t.init(c)
	return t
}

// Get returns the word of a pair if its state is [Value] or [Building], else 0.
// The key must be neither 0 nor ^0, and the class at most [MaxClass]; a key of 0
// is answered by 0. Get is a read operation. It takes constant expected time and allocates nothing.
func (t *Table) Get(key uint64, class uint32) Word {
	// Two functions, so that this one is inlined and the other is a leaf, which
	// needs neither a frame nor a look at the stack's limit.
	w := t.probe(key, class)
	if w == isSlow {
		return t.getSlow(key, class)
	}
	return w
}

// isSlow is probe's answer where something is frozen or the path has no end.
const isSlow = frozenBit

// probe is Get for a pair that stands in the first two slots of its path, as most do; for the others it goes on.
// Which of the two it is is a matter of chance, so the choice must not be a branch.
func (t *Table) probe(key uint64, class uint32) Word {
	a := t.root.Load()
	home := a.home(key, class)
	k := a.slot(home).key.Load() // LP(get, no key at home)
	if k == emptyKey {
		return 0
	}
	differ := k ^ key
	i := (home + uintptr((differ|-differ)>>63)) & a.mask // home, or the next if k is another key
	// A key of 0 equals that of an empty slot, which may be claimed between our two loads: hence the look at it on a hit, here and below.
	if s := a.slot(i); s.key.Load() == key && k != frozenKey {
		v := s.val.Load() // LP(get, val near home)
		// The class is compared with the frozen bit on top, so a frozen val never matches.
		if v>>classShift == uint64(class) {
			if isLive(v) && key != emptyKey {
				return Word(v)
			}
			return 0
		}
	}
	return a.probeOn(key, class, home)
}

// probeOn is probe from the home on.
//
//go:noinline
func (a *array) probeOn(key uint64, class uint32, home uintptr) Word {
	for i := home; ; {
		s := a.slot(i)
		k := s.key.Load() // LP(get, no key)
		if k == key {
			v := s.val.Load() // LP(get, val)
			// The class is compared with the frozen bit on top, so a frozen val never matches.
			if v>>classShift == uint64(class) {
				if isLive(v) && key != emptyKey {
					return Word(v)
				}
				return 0
			}
			if v == undecided {
				return 0
			}
			if isFrozen(v) {
				return isSlow
			}
		} else if k == emptyKey {
			return 0
		} else if k == frozenKey {
			return isSlow
		}
		i = (i + 1) & a.mask
		if i == home {
			return isSlow
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
