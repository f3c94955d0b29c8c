//go:build !explore || shadow_fullsize

package lockfree

import "testing"

// heaped returns n keys that the i-th multiplier sends to neighbouring homes: key times multiplier is a small step more from each to the next.
func heaped(n int, i uint8) []uint64 {
	inverse := multipliers[i]
	for range 6 { // Newton's iteration for the inverse of an odd number, which doubles the right bits
		inverse *= 2 - multipliers[i]*inverse
	}
	keys := make([]uint64, n)
	for k := range keys {
		keys[k] = (uint64(k) + 1) * inverse & (1<<fractionBits - 1)
	}
	return keys
}

func TestHeapedKeys(t *testing.T) {
	// Ensure that a table of any size with room for keys that its multiplier sends to a few lines moves to another multiplier before it is full, and stays with that.
	for _, n := range []int{2 * exactSlots, 32 * exactSlots} {
		table := New(&Options{Presize: 2 * n}).still()
		for _, k := range heaped(n, 0) {
			table.Insert(k, MakeWord(1, 0, Value))
		}
		table.catchUp()
		a, sum := table.root.Load(), uintptr(0)
		for _, k := range heaped(n, 0) {
			d, _, _ := a.find(k, 1, a.home(k, 1), 0)
			sum += d
		}
		if a.spread == 0 || !a.again || sum > 2*uintptr(n) {
			t.Errorf("%d keys: multiplier %d, replaced %v, %d slots from home in all", n, a.spread, a.again, sum)
		}
		if s := table.Stats(); s.Migrations != 1 {
			t.Errorf("%d keys: %d migrations", n, s.Migrations)
		}
	}
}

func TestKeysNobodySpreads(t *testing.T) {
	// Ensure that a table replaces its array once and no more for keys that have one home with any multiplier.
	table := New(&Options{Presize: 8 * exactSlots}).still()
	for i := range uint64(2 * exactSlots) {
		table.Insert((i+1)<<fractionBits, MakeWord(1, 0, Value))
		table.catchUp()
	}
	if s := table.Stats(); s.Migrations != 1 {
		t.Errorf("%d migrations", s.Migrations)
	}
}

func TestSmallTablesTryMultipliers(t *testing.T) {
	// Ensure that a small table that grows has no keys heaped up, whichever multiplier would do that.
	for i := range multipliers {
		keys := heaped(500, uint8(i))
		if mean, _ := distances(keys); mean > 2 {
			t.Errorf("multiplier %d: mean distance from home %.1f", i, mean)
		}
	}
}

func TestClassesOfAKeyAreNoStrays(t *testing.T) {
	// Ensure that a table with many classes of each key does not take them for keys that are heaped up.
	table := New(nil).still()
	for key := range uint64(4 * exactSlots) {
		for class := range uint32(8) {
			table.Insert(48*(key+1), MakeWord(class, 1, Value))
		}
	}
	table.catchUp()
	for a := table.root.Load(); a != nil; a = a.next.Load() {
		if a.again || a.strays.Load()*2 > a.claims.Load() {
			t.Errorf("%d slots: replaced %v, %d of %d strayed", a.slots(), a.again, a.strays.Load(), a.claims.Load())
		}
	}
}
