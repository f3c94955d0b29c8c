package lockfree

import "testing"

// sane checks every invariant that a table at rest must have, and returns its pairs.
func sane(t testing.TB, tab *Table) map[pair]Word {
	t.Helper()
	pairs, err := examine(tab, true)
	if err != nil {
		t.Fatal(err)
	}
	return pairs
}
