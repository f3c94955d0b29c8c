package fuzz

import (
	"testing"

	"github.com/shadowvars/shadow/lockfree"
)

// pair is what a table maps.
type pair struct {
	key   uint64
	class uint32
}

// tableRun is a table and what should be in it.
type tableRun struct {
	t     *testing.T
	table *lockfree.Table
	model map[pair]lockfree.Word
	pairs []pair // all that were ever used
	root  uint64
}

func FuzzTable(f *testing.F) {
	// Ensure that a table does what a map does, growing, purging and shrinking at any time, with good keys and with keys that
	// all have one home.
	f.Fuzz(func(t *testing.T, program []byte) {
		r := &tableRun{t: t, table: lockfree.New(nil), model: map[pair]lockfree.Word{}}
		for _, c := range commands(program) {
			r.step(c)
		}
		r.compare()
	})
}

// key turns a number into a key: an address as Go's allocator spaces them, or one of those that collide.
func key(n uint16) uint64 {
	if n&1 != 0 {
		return colliding(uint64(n) + 1)
	}
	return 0xc000000000 + uint64(n)*24
}

// colliding is the i-th of the keys whose home for the classes below 8 is slot 0, whatever the size and the multiplier: of a product, the table takes the lowest 40 bits behind the point.
// TestColliding fails once that has changed.
func colliding(i uint64) uint64 { return i << 40 }

func TestColliding(t *testing.T) {
	// Ensure that colliding keys do collide: they stand in one run, in the order in which they came.
	table := lockfree.New(&lockfree.Options{Presize: 1000})
	for i := range uint64(200) {
		table.Insert(colliding(i+1), lockfree.MakeWord(3, uint64(i), lockfree.Value))
	}
	next := uint64(0)
	table.Range(func(k uint64, w lockfree.Word) bool {
		if w.Index() != next {
			t.Fatalf("key number %d stands where %d should", w.Index(), next)
		}
		next++
		return true
	})
	if next != 200 {
		t.Fatal("keys are missing")
	}
}

// step executes a command on both sides.
func (r *tableRun) step(c command) {
	p := pair{key(c.Key), uint32(c.Which) % 20}
	if c.Which >= 250 {
		p.class = lockfree.MaxClass - uint32(c.Which-250)
	}
	switch c.Op % 16 {
	case 0, 1, 2, 3, 4:
		r.insert(p, lockfree.MakeWord(p.class, uint64(c.Arg), lockfree.Value))
	case 5:
		r.insert(p, lockfree.MakeWord(p.class, uint64(c.Arg), lockfree.Building))
	case 6, 7, 8:
		r.replace(p, r.model[p], lockfree.MakeWord(p.class, uint64(c.Arg), lockfree.Nil))
	case 9:
		r.replace(p, r.model[p], lockfree.MakeWord(p.class, uint64(c.Arg), lockfree.Value))
	case 10:
		r.replace(p, lockfree.MakeWord(p.class, uint64(c.Arg), lockfree.Value), lockfree.MakeWord(p.class, uint64(c.Arg), lockfree.Nil))
	case 11:
		r.get(p)
	case 12:
		r.batch(p.class, c.Arg)
	case 13:
		r.many(p, int(c.Arg%200))
	case 14:
		r.fewer(int(c.Arg % 300))
	case 15:
		if c.Arg%8 == 0 {
			r.table.Purge()
		}
		r.compare()
	}
}

func (r *tableRun) insert(p pair, w lockfree.Word) {
	old := r.model[p]
	got, ok := r.table.Insert(p.key, w)
	if old != 0 {
		if ok || got != old {
			r.t.Fatalf("Insert of %v: %x, %v, but there was %x", p, got, ok, old)
		}
		return
	}
	if !ok || got != w {
		r.t.Fatalf("Insert of %v: %x, %v, but there was nothing", p, got, ok)
	}
	r.model[p] = w
	r.pairs = append(r.pairs, p)
}

func (r *tableRun) replace(p pair, old, new lockfree.Word) {
	if old == 0 {
		r.get(p)
		return
	}
	want := r.model[p] == old
	if got := r.table.Replace(p.key, old, new); got != want {
		r.t.Fatalf("Replace of %v, %x by %x: %v, but there was %x", p, old, new, got, r.model[p])
	}
	if !want {
		return
	}
	if new.State() == lockfree.Nil {
		delete(r.model, p)
	} else {
		r.model[p] = new
	}
}

func (r *tableRun) get(p pair) {
	if got := r.table.Get(p.key, p.class); got != r.model[p] {
		r.t.Fatalf("Get of %v: %x, but there was %x", p, got, r.model[p])
	}
}

// batch gets many pairs of one class, absent ones and key 0 included.
func (r *tableRun) batch(class, n uint32) {
	keys := []uint64{0}
	for i := range n % 50 {
		keys = append(keys, key(uint16(n+i*7)))
	}
	words := make([]lockfree.Word, len(keys)+1)
	r.table.GetBatch(keys, class, words)
	for i, k := range keys {
		if words[i] != r.model[pair{k, class}] {
			r.t.Fatalf("GetBatch of %x, class %d: %x, but there was %x", k, class, words[i], r.model[pair{k, class}])
		}
	}
	if words[len(keys)] != 0 {
		r.t.Fatal("GetBatch wrote behind its keys")
	}
}

// many inserts n pairs, so that tables grow.
func (r *tableRun) many(p pair, n int) {
	for i := range n {
		q := pair{p.key + uint64(i+1)*48, p.class}
		if q.key != 0 && q.key != ^uint64(0) {
			r.insert(q, lockfree.MakeWord(q.class, uint64(i), lockfree.Value))
		}
	}
}

// fewer deletes the last n pairs, so that tables shrink.
func (r *tableRun) fewer(n int) {
	for ; n > 0 && len(r.pairs) > 0; n-- {
		p := r.pairs[len(r.pairs)-1]
		r.pairs = r.pairs[:len(r.pairs)-1]
		if w := r.model[p]; w != 0 {
			r.replace(p, w, lockfree.MakeWord(p.class, 0, lockfree.Nil))
		}
	}
}

// compare walks the table and holds it against the whole model.
func (r *tableRun) compare() {
	seen := map[pair]bool{}
	r.table.Range(func(k uint64, w lockfree.Word) bool {
		p := pair{k, w.Class()}
		if seen[p] || r.model[p] != w {
			r.t.Fatalf("Range: %v with %x (again: %v), but there is %x", p, w, seen[p], r.model[p])
		}
		seen[p] = true
		return true
	})
	if len(seen) != len(r.model) {
		r.t.Fatalf("Range yields %d pairs of %d", len(seen), len(r.model))
	}
	root, newest := r.table.Generations()
	if root < r.root || newest < root {
		r.t.Fatalf("generations %d and %d after %d", root, newest, r.root)
	}
	r.root = root
}
