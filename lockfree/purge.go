package lockfree

// Purge migrates the table to an array of the same size, or finishes the migration that is under way. Keys that
// were dead in the root when it was frozen are gone afterwards; in the second case the new root may hold others, of pairs
// deleted there meanwhile.
//
// Complexity: proportional to the slots. Lock-free; it changes no pair's value.
func (t *Table) Purge() {
	a := t.root.Load()
	t.begin(a, a.slots())
	t.finish(a)
}
