package lockfree

// Range calls yield for every live pair, in no particular order, until yield
// returns false. It is no snapshot: each pair is yielded at most once, with a
// word it had at some moment during the call; a pair that was live throughout is
// yielded; one that came or went meanwhile may or may not be. Yield may call any
// method of the table, but one that takes long keeps all arrays that the table has meanwhile. Range is a sequence of read operations, takes time in
// proportion to the number of slots, and allocates nothing.
func (t *Table) Range(yield func(key uint64, w Word) bool) {
	// A pair that is live throughout is, from the beginning, in one of the
	// arrays that exist now, so later ones are of no interest.
	root := t.root.Load()
	last := root
	for next := last.next.Load(); next != nil; next = last.next.Load() {
		last = next
	}
	for a := root; ; a = a.next.Load() {
		for i := uintptr(0); i <= a.mask; i++ {
			if k, w := a.current(i); w != 0 && !root.knows(a, k, w.Class()) {
				if !yield(k, w) {
					return
				}
			}
		}
		if a == last {
			return
		}
	}
}

// current returns the pair that slot i of a is decided for, and its current
// word wherever that is, or 0 if the pair is not live.
func (a *array) current(i uintptr) (uint64, Word) {
	s := a.slot(i)
	k := s.key.Load()
	if k == emptyKey || k == frozenKey {
		return 0, 0
	}
	v := s.val.Load()
	if isFrozen(v) && v != frozenBit {
		if w, ok := a.next.Load().lookup(k, Word(v).Class()); ok {
			v = w
		}
	}
	if !isLive(v) {
		return 0, 0
	}
	return k, Word(v &^ frozenBit)
}

// knows tells whether an array from a on, but before end, is decided for a
// pair, so that Range has dealt with it there. The pair is in end, so nothing about this
// changes any more.
func (a *array) knows(end *array, key uint64, class uint32) bool {
	for ; a != end; a = a.next.Load() {
		if _, _, at := a.find(key, class, a.home(key, class), 0); at == atPair || at == atFrozenPair {
			return true
		}
	}
	return false
}
