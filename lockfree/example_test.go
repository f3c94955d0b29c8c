package lockfree_test

import (
	"fmt"

	"github.com/shadowvars/shadow/lockfree"
)

func ExampleTable() {
	var t lockfree.Table
	t.Init(nil)
	const key, class = 0xC000123450, 7

	// Insert, read, replace: what a pair maps to is one word.
	value := lockfree.MakeWord(class, 42, lockfree.Value)
	_, inserted := t.Insert(key, value)
	fmt.Println(inserted)
	w := t.Get(key, class)
	fmt.Println(w.Index(), w.State() == lockfree.Value)
	fmt.Println(t.Replace(key, w, lockfree.MakeWord(class, 0, lockfree.Nil)))
	fmt.Println(t.Get(key, class).State() == lockfree.None)
	// Output:
	// true
	// 42 true
	// true
	// true
}

func ExampleNew() {
	t := lockfree.New(nil)
	for key := range uint64(1000) {
		t.Insert(key+1, lockfree.MakeWord(0, uint64(key), lockfree.Value))
	}
	fmt.Println(t.Get(500, 0).Index(), t.Get(5000, 0).State() == lockfree.None)
	// Output: 499 true
}

func ExampleOptions() {
	// So many pairs are taken in without growing.
	t := lockfree.New(&lockfree.Options{Presize: 1000})
	for key := range uint64(1000) {
		t.Insert(key+1, lockfree.MakeWord(0, 0, lockfree.Value))
	}
	fmt.Println(t.Stats().Migrations)
	// Output: 0
}

func ExampleWord() {
	w := lockfree.MakeWord(7, 42, lockfree.Value)
	fmt.Println(w.Class(), w.Index(), w.State())
	// Output: 7 42 1
}

func ExampleState() {
	// Building reserves a pair: nobody else can insert, until its owner replaces the word.
	t := lockfree.New(nil)
	reserved := lockfree.MakeWord(1, 5, lockfree.Building)
	t.Insert(100, reserved)
	_, inserted := t.Insert(100, lockfree.MakeWord(1, 6, lockfree.Value))
	published := t.Replace(100, reserved, lockfree.MakeWord(1, 5, lockfree.Value))
	fmt.Println(inserted, published)
	// Output: false true
}

func ExampleSpot() {
	// Find and ReplaceAt look for the pair once.
	t := lockfree.New(nil)
	t.Insert(100, lockfree.MakeWord(1, 5, lockfree.Value))
	w, spot := t.Find(100, 1)
	fmt.Println(t.ReplaceAt(spot, 100, w, lockfree.MakeWord(1, 0, lockfree.Nil)))
	fmt.Println(t.ReplaceAt(spot, 100, w, lockfree.MakeWord(1, 0, lockfree.Nil)))
	// Output:
	// true
	// false
}

func ExampleStart() {
	// An insert that began before a pair was sealed is refused, however much later it comes; one that begins afterwards is not.
	t := lockfree.New(nil)
	before := t.Start()
	old := lockfree.MakeWord(1, 5, lockfree.Value)
	t.Insert(100, old)
	t.Replace(100, old, lockfree.MakeWord(1, lockfree.Sealed, lockfree.Nil))
	t.Purge() // the sealed word is in the former array only
	w, inserted := t.InsertFrom(before, 100, lockfree.MakeWord(1, 6, lockfree.Value))
	fmt.Println(inserted, w.State() == lockfree.Nil)
	_, inserted = t.InsertFrom(t.Start(), 100, lockfree.MakeWord(1, 7, lockfree.Value))
	fmt.Println(inserted)
	// Output:
	// false true
	// true
}

func ExampleStats() {
	t := lockfree.New(nil)
	t.Insert(100, lockfree.MakeWord(1, 5, lockfree.Value))
	var st lockfree.Stats = t.Stats()
	fmt.Println(st.Live, st.Migrating)
	// Output: 1 false
}

func ExampleTable_Range() {
	t := lockfree.New(nil)
	t.Insert(100, lockfree.MakeWord(1, 5, lockfree.Value))
	for key, w := range t.Range {
		fmt.Println(key, w.Class(), w.Index())
	}
	// Output: 100 1 5
}

func ExampleTable_GetBatch() {
	t := lockfree.New(nil)
	t.Insert(100, lockfree.MakeWord(1, 5, lockfree.Value))
	words := make([]lockfree.Word, 3)
	t.GetBatch([]uint64{99, 100, 0}, 1, words)
	fmt.Println(words[0] == 0, words[1].Index(), words[2] == 0)
	// Output: true 5 true
}

func ExampleTable_Line() {
	t := lockfree.New(nil)
	t.Insert(100, lockfree.MakeWord(9, 5, lockfree.Value))
	// Both are the same for all pairs of the class, so a caller has them at hand.
	salt, tag := lockfree.Salt(9), lockfree.Tag(9, lockfree.Value)

	l := t.Line(100, salt)
	w, key := l.Load(l.Probe(100))
	if key != 100 || w.Tag() != tag {
		w = 0
		if key != 0 || l.Broken() {
			w = t.GetUnsure(l, 100, 9)
		}
	}
	fmt.Println(w.Index())
	// Output: 5
}
