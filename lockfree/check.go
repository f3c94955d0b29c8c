package lockfree

import "fmt"

// Check looks at every slot of the table and returns an error if one of the package's invariants does not hold. It is for tests
// and stress programs: nobody may use the table meanwhile. A migration that is under way is finished first, or a collection might do it meanwhile. exact says that no operation was stopped halfway, which leaves
// estimates that are off and slots that are claimed for nothing, both of them allowed.
//
// Complexity: proportional to the slots and the lengths of their paths; it allocates a map of all pairs.
func (t *Table) Check(exact bool) error {
	t.catchUp()
	_, err := examine(t, exact)
	return err
}

// pair is what a table maps.
type pair struct {
	key   uint64
	class uint32
}

// examine checks every invariant of a table and returns its pairs.
func examine(tab *Table, exact bool) (map[pair]Word, error) {
	pairs := make(map[pair]Word)
	root := tab.root.Load()
	for a := root; a != nil; a = a.next.Load() {
		next := a.next.Load()
		if next != nil && next.number != a.number+1 {
			return nil, fmt.Errorf("array %d is followed by %d", a.number, next.number)
		}
		var claims, live int64
		for i := uintptr(0); i <= a.mask; i++ {
			s := a.slot(i)
			k, v := s.key.Load(), s.val.Load()
			if err := examineSlot(a, next, root, i, k, v); err != nil {
				return nil, fmt.Errorf("array %d slot %d, key %#x val %#x: %w", a.number, i, k, v, err)
			}
			if k == emptyKey || k == frozenKey {
				continue
			}
			if a.counts(i) {
				claims++
				if isLive(v) {
					live++
				}
			}
			if v == undecided || v == frozenBit {
				continue
			}
			class := Word(v).Class()
			if w, _ := root.lookup(k, class); isLive(w) {
				pairs[pair{k, class}] = Word(w)
			}
		}
		if got := a.claims.Load(); exact && got != claims {
			return nil, fmt.Errorf("array %d: %d claims counted, %d there", a.number, got, claims)
		}
		if got := a.live.Load(); exact && got != live {
			return nil, fmt.Errorf("array %d: %d live counted, %d there", a.number, got, live)
		}
		if err := examineDone(a); err != nil {
			return nil, err
		}
	}
	return pairs, nil
}

func examineSlot(a, next, root *array, i uintptr, k, v uint64) error {
	switch {
	case (k == emptyKey || k == frozenKey) && v != 0:
		return fmt.Errorf("a val without a key")
	case a != root && (k == frozenKey || isFrozen(v)):
		return fmt.Errorf("frozen, and the root is array %d", root.number)
	case next == nil && (k == frozenKey || isFrozen(v)):
		return fmt.Errorf("frozen, and there is no next")
	case k == emptyKey || k == frozenKey || v == undecided || v == frozenBit:
		return nil
	case Word(v).State() == None:
		return fmt.Errorf("decided without a state")
	}
	class := Word(v).Class()
	home := a.home(k, class)
	if d, _, _ := a.find(k, class, home, 0); (home+d)&a.mask != i {
		return fmt.Errorf("the first of its path is at distance %d from %d", d, home)
	}
	if isFrozen(v) && isLive(v) && a.isDone(uint32(i/chunkSlots)) {
		if _, copied := next.lookup(k, class); !copied {
			return fmt.Errorf("its chunk is done, and it is not copied")
		}
	}
	return nil
}

func (a *array) isDone(c uint32) bool { return a.done[c/32].Load()&(1<<(c%32)) != 0 }

// examineDone checks that what is done is frozen.
func examineDone(a *array) error {
	for c := uint32(0); c < a.chunks; c++ {
		for i := uintptr(c) * chunkSlots; a.isDone(c) && i < min(uintptr(c+1)*chunkSlots, a.slots()); i++ {
			s := a.slot(i)
			if k := s.key.Load(); k == emptyKey || k != frozenKey && !isFrozen(s.val.Load()) {
				return fmt.Errorf("array %d: chunk %d is done, and slot %d is not frozen", a.number, c, i)
			}
		}
	}
	return nil
}
