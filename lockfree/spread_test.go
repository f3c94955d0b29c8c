//go:build !explore || shadow_fullsize

package lockfree

import (
	"math/bits"
	"math/rand/v2"
	"testing"
)

// heaped returns n keys that an array of so many slots with the i-th multiplier sends to neighbouring homes: key times multiplier is a small step more from each to the next.
func heaped(n int, i uint8, slots uintptr) []uint64 {
	var a array
	a.mask = slots - 1
	a.spreadBy(i)
	multiplier := a.multiplier >> bits.TrailingZeros64(a.multiplier)
	inverse := multiplier
	for range 6 { // Newton's iteration for the inverse of an odd number, which doubles the right bits
		inverse *= 2 - multiplier*inverse
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
		keys := heaped(n, 0, table.root.Load().slots())
		for _, k := range keys {
			table.Insert(k, MakeWord(1, 0, Value))
		}
		table.catchUp()
		mean, _ := table.distances(keys)
		if a := table.root.Load(); a.spread == 0 || a.tried != 1 || mean > 2 {
			t.Errorf("%d keys: multiplier %d, replaced %d, mean distance from home %.1f", n, a.spread, a.tried, mean)
		}
		if s := table.Stats(); s.Migrations != 1 {
			t.Errorf("%d keys: %d migrations", n, s.Migrations)
		}
	}
}

func TestKeysNobodySpreads(t *testing.T) {
	// Ensure that a table that has replaced its array for keys that have one home with any multiplier once for each of the others does so no more.
	table := New(&Options{Presize: 8 * exactSlots}).still()
	for i := range uint64(2 * exactSlots) {
		table.Insert((i+1)<<fractionBits, MakeWord(1, 0, Value))
		table.catchUp()
		if s := table.Stats(); s.Migrations > uint64(len(multipliers)-1) {
			t.Fatalf("%d migrations", s.Migrations)
		}
	}
}

func TestSmallTablesTryMultipliers(t *testing.T) {
	// Ensure that a small table that grows has no keys heaped up, whichever multiplier would do that.
	for i := range multipliers {
		for slots := uintptr(64); slots <= exactSlots; slots *= 2 {
			keys := heaped(int(slots)*6/10, uint8(i), slots)
			if mean, _ := distances(keys); mean > 4 {
				t.Errorf("multiplier %d, %d slots: mean distance from home %.1f", i, slots, mean)
			}
		}
	}
}

func TestClassesOfAKeyAreNotHeaped(t *testing.T) {
	// Ensure that a table with several classes of each key, random keys or well spread ones, does not take them for keys that are heaped up.
	rng := rand.New(rand.NewPCG(1, 2))
	for _, classes := range []uint32{1, 2, 4, 8} {
		for _, random := range []bool{false, true} {
			table := New(nil).still()
			for i := range 32 * exactSlots / classes {
				key := 48 * (uint64(i) + 1)
				if random {
					key = rng.Uint64()
				}
				for class := range classes {
					table.Insert(key, MakeWord(class, 1, Value))
				}
				if a := table.root.Load(); a.uneven.Load() {
					t.Fatalf("%d classes, random %v: uneven with %d slots", classes, random, a.slots())
				}
			}
		}
	}
}

func TestHeapedKeysOfSeveralClasses(t *testing.T) {
	// Ensure that a table finds out that keys are heaped up with several classes of each key, too.
	for _, classes := range []uint32{2, 4, 8} {
		table := New(&Options{Presize: 16 * exactSlots}).still()
		keys := heaped(8*exactSlots/int(classes), 0, table.root.Load().slots())
		for _, k := range keys {
			for class := range classes {
				table.Insert(k, MakeWord(class, 0, Value))
			}
		}
		table.catchUp()
		mean, _ := table.distances(keys)
		if a := table.root.Load(); a.tried == 0 || mean > 8 {
			t.Errorf("%d classes: replaced %d, mean distance from home %.1f", classes, a.tried, mean)
		}
	}
}

func TestInterleavedClassesAreNotHeaped(t *testing.T) {
	// Ensure that a table whose keys get one class after the other, each all of them, keeps a multiplier that spreads them.
	table := New(nil).still()
	for class := range uint32(16) {
		for i := range uint64(exactSlots) {
			table.Insert(48*(i+1), MakeWord(class, 1, Value))
		}
		if a := table.root.Load(); a.uneven.Load() || a.tried != 0 {
			t.Fatalf("%d classes: uneven with %d slots", class+1, a.slots())
		}
	}
}

func TestHeapedAmongSpread(t *testing.T) {
	// Ensure that a table in which many keys are well spread notices others that it heaps up.
	table := New(&Options{Presize: 64 * exactSlots}).still()
	rng := rand.New(rand.NewPCG(1, 2))
	for range 32 * exactSlots {
		table.Insert(rng.Uint64(), MakeWord(1, 0, Value))
	}
	keys := heaped(2*exactSlots, 0, table.root.Load().slots())
	for _, k := range keys {
		table.Insert(k, MakeWord(1, 0, Value))
	}
	table.catchUp()
	if mean, _ := table.distances(keys); mean > 8 {
		t.Errorf("mean distance from home %.1f, replaced %d", mean, table.root.Load().tried)
	}
}

func TestSpreadOfClasses(t *testing.T) {
	// Ensure that chance does not look like keys heaped up when a table grows, with any number of classes a key, one key after the other or one class after the other.
	const slots = 16 * exactSlots
	for _, classes := range []int{1, 2, 4, 8} {
		for _, byClass := range []bool{false, true} {
			rng := rand.New(rand.NewPCG(1, 2))
			keys := make([]uint64, slots*65/100/classes)
			for i := range keys {
				keys[i] = rng.Uint64()
			}
			table := newTable(config{slots: slots})
			for n := range len(keys) * classes {
				key, class := n/classes, n%classes
				if byClass {
					key, class = n%len(keys), n/len(keys)
				}
				table.Insert(keys[key], MakeWord(uint32(class), 1, Value))
			}
			if a := table.root.Load(); a.slots() != slots || a.farther(3) {
				t.Errorf("%d classes, one class after the other %v: farther than by chance in %d slots", classes, byClass, a.slots())
			}
		}
	}
}
