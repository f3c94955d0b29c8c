package lockfree

import (
	"fmt"
	"testing"
)

func ExampleTable_Check() {
	t := New(nil)
	t.Insert(0x1000, MakeWord(1, 7, Value))
	fmt.Println(t.Check(true))
	// Output: <nil>
}

func TestCheckBites(t *testing.T) {
	// Ensure that Check reports each kind of damage to a table that was sound.
	for name, damage := range map[string]func(a *array, s *slot){
		"no state":       func(_ *array, s *slot) { s.val.Store(uint64(MakeWord(1, 7, None))) },
		"no key":         func(_ *array, s *slot) { s.key.Store(emptyKey) },
		"frozen":         func(_ *array, s *slot) { s.val.Or(frozenBit) },
		"frozen key":     func(_ *array, s *slot) { s.key.Store(frozenKey) },
		"another key":    func(a *array, s *slot) { a.slot(a.mask - a.home(0x1000, 1)).key.Store(0x1000); s.key.Store(0x2000) },
		"claims":         func(a *array, _ *slot) { a.claims.Add(1) },
		"live":           func(a *array, _ *slot) { a.live.Add(-1) },
		"done":           func(a *array, _ *slot) { a.done[0].Store(1) },
		"another number": func(a *array, _ *slot) { a.next.Store(newArray(leastSlots, 0, a.number+2, 0)) },
	} {
		tab := New(nil)
		tab.Insert(0x1000, MakeWord(1, 7, Value))
		if err := tab.Check(true); err != nil {
			t.Fatal(err)
		}
		a := tab.root.Load()
		damage(a, a.slot(a.home(0x1000, 1)))
		if _, err := examine(tab, true); err == nil {
			t.Errorf("%s: nothing is reported", name)
		}
	}
}
