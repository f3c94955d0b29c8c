//go:build !explore || shadow_fullsize

package lockfree

import (
	"math/rand/v2"
	"testing"
)

func TestTableAtRestStays(t *testing.T) {
	// Ensure a table that has just grown does not shrink again, whatever its sample holds: with nobody writing it would go on like that for ever.
	for _, size := range []int{exactSlots, 2 * exactSlots, 4 * exactSlots} {
		for seed := range uint64(200) {
			const classes = 8 // of one key: they fill whole lines, so the sample is as bad as can be
			rng := rand.New(rand.NewPCG(seed, uint64(size)))
			table := New(nil).still()
			for pairs := 0; pairs < size*3/4; pairs += classes {
				key := 48 * (1 + rng.Uint64N(1<<24))
				for class := range uint32(classes) {
					table.Insert(key, MakeWord(class, 1, Value))
				}
			}
			table.catchUp()
			before := table.Stats()
			table.catchUp()
			if after := table.Stats(); after.Migrations != before.Migrations || after.Migrating {
				t.Fatalf("beyond %d slots, seed %d: %+v becomes %+v at rest", size, seed, before, after)
			}
		}
	}
}

func TestCopiesAreCounted(t *testing.T) {
	// Ensure that after a migration the estimate of live pairs is exact, whatever the sample holds.
	table := New(nil).still()
	for key := range uint64(3000) {
		table.Insert(48*(key+1), MakeWord(1, 1, Value))
		if key%3 == 0 {
			table.Replace(48*(key+1), MakeWord(1, 1, Value), MakeWord(1, 1, Nil))
		}
	}
	table.Purge()
	if s := table.Stats(); s.Live != 2000 || s.Claimed != 2000 {
		t.Errorf("2000 pairs, the estimates are %+v", s)
	}
}
