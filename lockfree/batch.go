package lockfree

// batch is how many keys GetBatch looks at together. The loads of their home
// slots do not depend on each other, so the processor waits for all of them at
// once; more than this do not fit into its window.
const batch = 16

// GetBatch sets words[i] to Get(keys[i], class) for each key; it panics if
// there are fewer words than keys. A key may be 0, and is answered by 0. Each
// answer is a read operation of its own; together they are no snapshot. In a table bigger than
// the caches it is up to several times faster than as many calls of [Table.Get].
func (t *Table) GetBatch(keys []uint64, class uint32, words []Word) {
	words = words[:len(keys)]
	for len(keys) > batch {
		t.getSome(keys[:batch], class, words[:batch])
		keys, words = keys[batch:], words[batch:]
	}
	t.getSome(keys, class, words)
}

// getSome is GetBatch of at most batch keys.
func (t *Table) getSome(keys []uint64, class uint32, words []Word) {
	a := t.root.Load()
	var homes [batch]*slot
	var found [batch]uint64
	for i, key := range keys {
		homes[i&(batch-1)] = a.slot(a.home(key, class))
	}
	for i := range keys {
		found[i&(batch-1)] = homes[i&(batch-1)].key.Load()
	}
	for i, key := range keys {
		w := Word(isSlow)
		if found[i&(batch-1)] == key && key != emptyKey {
			v := homes[i&(batch-1)].val.Load() // LP(get, batch)
			if v>>classShift == uint64(class) && isLive(v) {
				w = Word(v)
			}
		}
		if w == isSlow {
			w = t.Get(key, class)
		}
		words[i] = w
	}
}
