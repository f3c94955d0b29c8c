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
	if len(words) < len(keys) {
		panic("lockfree: GetBatch: fewer words than keys")
	}
	for len(keys) > batch {
		t.getSome(keys[:batch], class, words[:batch])
		keys, words = keys[batch:], words[batch:]
	}
	t.getSome(keys, class, words)
}

// getSome is GetBatch of at most batch keys. The first loop begins to load all lines, the second looks at them.
func (t *Table) getSome(keys []uint64, class uint32, words []Word) {
	a := t.root.Load()
	salt, tag := Salt(class), Tag(class, Value)
	var lines [batch]*Line
	for i, key := range keys {
		l := a.line(key + salt)
		lines[i&(batch-1)] = l
		l[0].key.Load()
	}
	for i, key := range keys {
		l := lines[i&(batch-1)]
		w, k := l.Load(l.Probe(key))
		if k != key || w.Tag() != tag {
			w = 0
			if k != emptyKey || l.Broken() {
				w = t.GetUnsure(l, key, class)
			}
		}
		words[i] = w
	}
}
