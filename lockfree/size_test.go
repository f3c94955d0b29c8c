//go:build !explore || shadow_fullsize

package lockfree

import (
	"math/rand/v2"
	"runtime"
	"testing"
	"time"
)

// lineClasses is how many classes of one key fill whole lines, so that the sample is as bad as can be.
const lineClasses = 8

func insertLine(table *Table, key uint64) {
	for class := range uint32(lineClasses) {
		table.Insert(key, MakeWord(class, 1, Value))
	}
}

func TestTableAtRestStays(t *testing.T) {
	// Ensure a table that has just grown does not shrink again, whatever its sample holds: with nobody writing it would go on like that for ever.
	for _, size := range []int{exactSlots, 2 * exactSlots, 4 * exactSlots} {
		for seed := range uint64(700) {
			rng := rand.New(rand.NewPCG(seed, uint64(size)))
			table := New(nil).still()
			for pairs := 0; pairs < size*3/4; pairs += lineClasses {
				key := 48 * (1 + rng.Uint64N(1<<24))
				insertLine(table, key)
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

func TestNoSampleHidesTheRest(t *testing.T) {
	// Ensure that a table whose sample was full or empty after a migration still grows before it is full, and shrinks when it is emptied.
	for _, size := range []int{2 * exactSlots, 4 * exactSlots} {
		for seed := range uint64(200) {
			rng := rand.New(rand.NewPCG(seed, uint64(size)))
			table := New(nil).still()
			var keys []uint64
			for table.Stats().Slots <= size {
				key := 48 * (1 + rng.Uint64N(1<<24))
				insertLine(table, key)
				keys = append(keys, key)
				if n := len(keys) * lineClasses; n > size*19/20 {
					t.Fatalf("%d slots, seed %d: %d pairs: %+v", size, seed, n, table.Stats())
				}
			}
			for _, key := range keys {
				for class := range uint32(lineClasses) {
					table.Replace(key, MakeWord(class, 1, Value), MakeWord(class, 1, Nil))
				}
			}
			table.catchUp()
			if s := table.Stats(); s.Slots > exactSlots || s.Live != 0 {
				t.Fatalf("%d slots, seed %d: emptied it is %+v", size, seed, s)
			}
		}
	}
}

func TestSampleOfSurvivors(t *testing.T) {
	// Ensure that a table of which all pairs have died but those in its sample shrinks after the next collection all the same, though nothing is under way by then and its estimates see no death.
	for _, size := range []int{2 * exactSlots, 16 * exactSlots, mostRecounted} {
		for _, others := range []uintptr{1 << 30, 2} { // next to none, and half
			table, survivors := thinned(t, size, others)
			if !collected(func() bool { return !table.Stats().Migrating && table.Stats().Slots <= 5*survivors }) {
				t.Fatalf("%d slots: %d survivors, %+v", size, survivors, table.Stats())
			}
		}
	}
}

// thinned returns a table at rest of so many slots, in which all pairs that were in its sample live, and those in one of so many other lines.
func thinned(t *testing.T, size int, others uintptr) (table *Table, survivors int) {
	table = New(nil)
	for key := uint64(48); table.Stats().Slots < size || table.Stats().Migrating; key += 48 {
		table.Insert(key, MakeWord(1, 1, Value))
	}
	if !collected(table.reminder.Load().Over) {
		t.Fatal("what reminds of the last migration stays")
	}
	root := table.root.Load()
	for i := range root.slots() {
		s := root.slot(i)
		switch w := Word(s.val.Load()); {
		case w == 0:
		case root.counts(i) || i/lineSlots%others == 0:
			survivors++
		case !table.ReplaceAt(Spot{root, s}, s.key.Load(), w, MakeWord(1, 1, Nil)):
			t.Fatal("not deleted")
		}
	}
	if table.root.Load() != root || root.next.Load() != nil {
		return thinned(t, size, others) // what reminded of the last migration came late, and found the table sparse
	}
	if root.living(root.live.Load()) < root.sparse {
		t.Fatalf("%d slots: the estimates know that it is sparse: %+v", size, table.Stats())
	}
	return table, survivors
}

func TestBigTablesAreNotRecounted(t *testing.T) {
	// Ensure that no collection has a goroutine look at all slots of a table with more than so many, because pairs of it have died.
	table, _ := thinned(t, 2*mostRecounted, 8)
	if !table.reminder.Load().Over() {
		t.Error("deaths have the table reminded")
	}
	before := table.Stats()
	table.catchUp()
	if after := table.Stats(); after.Migrations != before.Migrations {
		t.Errorf("%+v became %+v", before, after)
	}
}

func TestPresizedTableStays(t *testing.T) {
	// Ensure that a table does not become smaller than it was made, whatever dies in it.
	table := New(&Options{Presize: 4 * exactSlots})
	before := table.Stats()
	for key := range uint64(100) {
		table.Insert(48*(key+1), MakeWord(1, 1, Value))
		table.Replace(48*(key+1), MakeWord(1, 1, Value), MakeWord(1, 1, Nil))
	}
	if !collected(table.reminder.Load().Over) {
		t.Fatal("the table is not reminded")
	}
	table.catchUp()
	if after := table.Stats(); after.Slots != before.Slots || after.Migrations > 0 {
		t.Errorf("%+v became %+v", before, after)
	}
}

// collected collects until ok or for half a minute, and returns whether it was.
func collected(ok func() bool) bool {
	for deadline := time.Now().Add(30 * time.Second); !ok(); runtime.GC() {
		if time.Now().After(deadline) {
			return false
		}
	}
	return true
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
