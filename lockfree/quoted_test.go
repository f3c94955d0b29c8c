package lockfree_test

import "github.com/shadowvars/shadow/lockfree"

// What the package's comment quotes.
var _ = func(addr uint64, class uint32) {
	t := lockfree.New(nil)
	t.Insert(addr, lockfree.MakeWord(class, 17, lockfree.Value))
	w := t.Get(addr, class)                                        // w.Index() == 17
	t.Replace(addr, w, lockfree.MakeWord(class, 17, lockfree.Nil)) // delete
}

// What Table.Line quotes.
var _ = func(t *lockfree.Table, key, salt uint64, class uint32, tag lockfree.Word) lockfree.Word {
	l := t.Line(key, salt)
	w, k := l.Load(l.Probe(key))
	if k != key || w.Tag() != tag { // Tag(class, Value)
		if k == 0 && !l.Broken() {
			return 0 // there is no pair of the key
		}
		w = t.GetUnsure(l, key, class)
	}
	return w
}
