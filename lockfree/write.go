package lockfree

// Insert maps a pair, the key and the class of w, to w if the pair is absent.
// It returns w and true; or, if the pair has a word with the state [Value] or
// [Building], or a [Sealed] one, that word and false. The key must be neither 0 nor ^0, the state
// of w [Value] or [Building].
//
// An Insert that returns true is a write operation, else a read operation. It
// takes constant expected time. Once in a while it moves a chunk of the table
// to a bigger or cleaner array, and very rarely it allocates that array.
func (t *Table) Insert(key uint64, w Word) (Word, bool) {
	return t.InsertFrom(t.Start(), key, w)
}

// A Start is the table's root at some moment, for [Table.InsertFrom]. While it is held, all arrays since are kept from the collector.
type Start struct{ root *array }

// Start returns the present root.
func (t *Table) Start() Start { return Start{t.root.Load()} }

// InsertFrom is [Table.Insert] by way of every array since from. If the pair has been sealed since from
// was taken, it is refused and returns the word of state [Nil] that sealed the pair: a migration drops such a word from the arrays to come, but
// an insert that comes by the array in which it happened meets it there, frozen.
func (t *Table) InsertFrom(from Start, key uint64, w Word) (Word, bool) {
	return t.InsertAt(Spot{}, from, key, w)
}

// InsertAt is [Table.InsertFrom] at the spot that [Table.Look] of the same pair and from has named, if it has named one.
//
// If the pair was absent, that was the first empty slot of its path in from's array, behind nothing but other keys', which they are for good; if not, the slot has the key for good, and our CAS fails. If our CAS of its key comes first, the pair has never been in this array, so it was not sealed there, nor has anybody
// left the array on this path, which takes a CAS of that same key; that a migration may have begun meanwhile does not matter, because it will find the slot. If another CAS comes first, the whole path has to be looked at.
func (t *Table) InsertAt(at Spot, from Start, key uint64, w Word) (Word, bool) {
	if at.s != nil {
		if t.enter(at.a, at.a.index(at.s), atEmpty, key, w) {
			return w, true
		}
	} else if t.insertAtOnce(from.root, key, w) {
		return w, true
	}
	return t.insertSlow(from.root, key, w)
}

func (t *Table) insertSlow(a *array, key uint64, w Word) (Word, bool) {
	class := w.Class()
	home := a.home(key, class)
	var paid *array // the array that gave us a ticket
	for d := uintptr(0); ; {
		var v uint64
		var at place
		d, v, at = a.find(key, class, home, d)
		switch at {
		case atPair:
			if isLive(v) {
				return Word(v), false // LP(insert, refused)
			}
			if isSealed(v) {
				return Word(v), false // LP(insert, sealed)
			}
			i := (home + d) & a.mask
			if a.slot(i).val.CompareAndSwap(v, uint64(w)) { // LP(insert, revive)
				a.countLive(i)
				return w, true
			}
			continue

		case atEmpty, atUndecided:
			switch t.admit(a, &paid) {
			case retry:
				continue
			case leave:
				if !a.bar((home+d)&a.mask, at) {
					continue
				}
			case enter:
				if t.enter(a, (home+d)&a.mask, at, key, w) {
					return w, true
				}
				continue
			}

		case atEnd:
			if a.next.Load() == nil {
				if t.admit(a, &paid) == retry {
					continue
				}
				t.extend(a)
			}

		case atFrozenPair:
			if isSealed(v) {
				return Word(v &^ frozenBit), false // LP(insert, sealed before)
			}
			if isLive(v) {
				t.copy(a.next.Load(), key, v&^frozenBit)
			}
		}
		a = a.next.Load()
		home, d = a.home(key, class), 0
	}
}

// Look is [Table.Find] for who is going to insert the pair if it is absent: then the spot is where [Table.InsertAt] will put it, nearly always. from must be a root of a moment ago.
//
// Complexity: that of Find.
func (t *Table) Look(from Start, key uint64, class uint32) (Word, Spot) {
	a := from.root
	s, k := a.stop(key, class)
	switch {
	case k == key:
		switch w := Word(s.val.Load()); w.Tag() { // LP(look, present)
		case Tag(class, Value):
			return w, Spot{a, s}
		case Tag(class, Nil):
			return 0, Spot{}
		}
	case k == emptyKey && a.quiet():
		return 0, Spot{a, s}
	}
	return t.Find(key, class)
}

// insertAtOnce is InsertFrom for a pair that is dead or has never been, in the first line of its path in an array that was the root and, being quiet, still is: nearly always. It returns
// false if there is more to it.
func (t *Table) insertAtOnce(a *array, key uint64, w Word) bool {
	s, k := a.stop(key, w.Class())
	switch k {
	case emptyKey:
		return a.quiet() && t.enter(a, a.index(s), atEmpty, key, w)
	case key:
		v := s.val.Load()
		if Word(v).Tag() != Tag(w.Class(), Nil) || isSealed(v) || !s.val.CompareAndSwap(v, uint64(w)) { // LP(insert, revive at once)
			return false
		}
		a.countLive(a.index(s))
		return true
	}
	return false
}

// stop returns the slot of the first line of a pair's path at which an insert stops: the first one that is empty or has the key, or else the last one; and its key. If the slot is empty
// and a is quiet afterwards, none of the keys was frozen, so those before it are other keys' for good: the pair may enter there. There is no branch, see Probe.
func (a *array) stop(key uint64, class uint32) (*slot, uint64) {
	l := a.line(key + Salt(class))
	not1 := taken(l[0].key.Load(), key)
	not2 := taken(l[1].key.Load(), key) & not1
	s := &l[(not1+not2+taken(l[2].key.Load(), key)&not2)&(lineSlots-1)]
	return s, s.key.Load() // LP(look, absent): this load, if Look has found a quiet after it
}

// quiet tells that nothing of a has been frozen yet.
func (a *array) quiet() bool { return a.next.Load() == nil }

// taken is 1 if a slot's key k is neither empty nor the one that is looked for, else 0.
func taken(k, key uint64) uint8 {
	var full, other uint8
	if k != emptyKey {
		full = 1
	}
	if k != key {
		other = 1
	}
	return full & other
}

// enter makes slot i of a, found empty or undecided, the pair of key and w. It
// returns false if somebody else has changed the slot.
func (t *Table) enter(a *array, i uintptr, at place, key uint64, w Word) bool {
	s := a.slot(i)
	if at == atEmpty && !s.key.CompareAndSwap(emptyKey, key) {
		return false
	}
	// If our CAS comes first, the pair is ours. If that of another class of the
	// key does, the slot is passed for good and we go on behind it; if that of
	// our own pair does, we find it there; if a migrator's does, we leave.
	won := s.val.CompareAndSwap(undecided, uint64(w)) // LP(insert, fresh)
	if a.counts(i) {
		if won {
			a.live.Add(1)
		}
		if at == atEmpty {
			t.countClaim(a, i, key, w.Class())
		}
	}
	return won
}

// bar makes slot i of a, found empty or undecided, a barrier: no pair whose path
// ends there can come to be in a. It returns false if somebody else has changed the slot.
func (a *array) bar(i uintptr, at place) bool {
	if at == atEmpty {
		return a.slot(i).key.CompareAndSwap(emptyKey, frozenKey)
	}
	return a.slot(i).val.CompareAndSwap(undecided, frozenBit)
}

// A Spot is where [Table.Find] has found a pair's word, if it says, or where [Table.Look] has found room for it. While it is held, all arrays since are kept from the collector.
type Spot struct {
	a *array
	s *slot
}

// ReplaceAt is [Table.Replace] of a word that [Table.Find] or [Table.Look] has returned, at the spot where it stood: an operation as Replace is.
//
// If it still stands there, it is the pair's: a slot is some pair's for good, and a word that has moved on is frozen. If not, Replace says what has become of it.
func (t *Table) ReplaceAt(at Spot, key uint64, old, new Word) bool {
	if at.s == nil || !at.s.val.CompareAndSwap(uint64(old), uint64(new)) { // LP(replace, at)
		return t.Replace(key, old, new)
	}
	if !isLive(uint64(new)) {
		t.countDeath(at.a, at.a.index(at.s))
	}
	return true
}

// Replace changes the word of a pair from old to new and returns whether it
// did: it returns false if the pair's word was another at one moment. The
// class of old and new must be the same, the state of old [Value] or
// [Building], and that of new [Value], [Building] or, to delete the pair, [Nil].
//
// A Replace that returns true is a write operation, else a read operation. It
// takes constant expected time. One that deletes may move a chunk of the table to a smaller array, or have a goroutine look at up to 65,536 slots after the next collection.
func (t *Table) Replace(key uint64, old, new Word) bool {
	class := old.Class()
	a := t.root.Load()
	home := a.home(key, class)
	for d := uintptr(0); ; {
		var v uint64
		var at place
		d, v, at = a.find(key, class, home, d) // LP(replace, absent)
		switch at {
		case atPair:
			if v != uint64(old) {
				return false // LP(replace, refused)
			}
			i := (home + d) & a.mask
			if !a.slot(i).val.CompareAndSwap(v, uint64(new)) { // LP(replace)
				continue
			}
			if !isLive(uint64(new)) {
				t.countDeath(a, i)
			}
			return true

		case atEmpty, atUndecided:
			return false

		case atEnd:
			if a.next.Load() == nil {
				return false
			}

		case atFrozenPair:
			if isLive(v) {
				t.copy(a.next.Load(), key, v&^frozenBit)
			}
		}
		a = a.next.Load()
		home, d = a.home(key, class), 0
	}
}
