//go:build explore

package lockfree

import (
	"fmt"
	"testing"

	"github.com/shadowvars/shadow/internal/explore"
)

// keyAt returns a key, other than those of pairs, whose home in a is slot i.
func keyAt(a *array, i uintptr) uint64 {
	key := uint64(0x100)
	for a.home(key, 1) != i {
		key += 0x10
	}
	return key
}

func TestExploreOverflow(t *testing.T) {
	// Ensure that an array that a shrinking migration has overfilled, and that has a successor therefore, is not left before its
	// predecessor is done: a pair that is just being copied into it would be lost.
	explore.Run(t, explore.Options{Preemptions: 2}, overflow)
	explore.Run(t, explore.Options{Preemptions: 1, Kill: true}, overflow)
}

// overflow shrinks a table by half under five pairs, while a sixth comes.
func overflow(w *explore.World) {
	tab := newTable(config{slots: 8})
	tab.least = leastSlots
	root := tab.root.Load()
	var pairs []pair
	for _, i := range []uintptr{0, 1, 2, 4, 7} { // most of them where the estimates do not look
		pairs = append(pairs, pair{keyAt(root, i), 1})
		tab.Insert(pairs[len(pairs)-1].key, MakeWord(1, uint64(i), Value))
	}
	tab.begin(root, 4)
	late := pair{pairs[1].key, 2}
	ended, inserted := 0, false
	w.Go(func() {
		tab.work(root)
		ended++
	})
	w.Go(func() {
		for range 3 {
			tab.work(root)
		}
		ended++
	})
	w.Go(func() {
		tab.Insert(late.key, MakeWord(late.class, 9, Value))
		inserted = true
		ended++
	})
	w.Check(func() error {
		if inserted {
			pairs = append(pairs, late)
		}
		for _, p := range pairs {
			if tab.Get(p.key, p.class).State() != Value {
				return fmt.Errorf("%v is lost", p)
			}
		}
		_, err := examine(tab, ended == 3)
		return err
	})
}
