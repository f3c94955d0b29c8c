package lockfree

import (
	"fmt"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"testing"
)

// subject is what the suite drives: a table, or one that is made to migrate all the time.
type subject interface {
	Get(key uint64, class uint32) Word
	Insert(key uint64, w Word) (Word, bool)
	Attach(key uint64, w Word) (Word, bool)
	Replace(key uint64, old, new Word) bool
	Range(yield func(key uint64, w Word) bool)
	table() *Table
}

type plain struct{ *Table }

func (p plain) table() *Table { return p.Table }

// Attach is Insert by Look and InsertAt.
func (p plain) Attach(key uint64, w Word) (Word, bool) {
	return attach(p.Table, key, w, func() {})
}

func attach(t *Table, key uint64, w Word, between func()) (Word, bool) {
	from := t.Start()
	found, at := t.Look(from, key, w.Class())
	between()
	got, ok := t.InsertAt(at, from, key, w)
	if found != 0 && (ok || got != found) {
		panic(fmt.Sprintf("found %#x and inserted %#x, %v", found, got, ok))
	}
	return got, ok
}

// restless starts a migration at every k-th write: in turn to the same, twice and half the size.
type restless struct {
	*Table
	every uint64
	count atomic.Uint64
}

func (r *restless) table() *Table { return r.Table }

func (r *restless) stir() {
	n := r.count.Add(1)
	if n%r.every != 0 {
		return
	}
	root := r.root.Load()
	slots := root.slots()
	switch n / r.every % 3 {
	case 1:
		if slots < 1<<12 {
			slots *= 2
		}
	case 2:
		slots = max(slots/2, leastSlots)
	}
	r.begin(root, slots)
}

func (r *restless) Insert(key uint64, w Word) (Word, bool) {
	r.stir()
	return r.Table.Insert(key, w)
}

func (r *restless) Attach(key uint64, w Word) (Word, bool) {
	return attach(r.Table, key, w, r.stir)
}

func (r *restless) Replace(key uint64, old, new Word) bool {
	r.stir()
	return r.Table.Replace(key, old, new)
}

// constructions are the tables that every test of the suite runs over.
var constructions = []struct {
	name string
	make func() subject
}{
	{"default", func() subject { return plain{New(nil).still()} }},
	{"constant hash", func() subject { return plain{newTable(config{homes: 1})} }},
	{"two-valued hash", func() subject { return plain{newTable(config{homes: 2})} }},
	{"presized", func() subject { return plain{New(&Options{Presize: 5000}).still()} }},
	{"migrating at every write", func() subject { return &restless{Table: New(nil).still(), every: 1} }},
	{"migrating at every 7th write", func() subject { return &restless{Table: New(nil).still(), every: 7} }},
	{"migrating with constant hash", func() subject { return &restless{Table: newTable(config{homes: 1}), every: 3} }},
}

func suite(t *testing.T, test func(t *testing.T, s subject)) {
	for _, c := range constructions {
		t.Run(c.name, func(t *testing.T) { test(t, c.make()) })
	}
}

// same checks that the table has exactly the pairs of model, by every way there is to ask.
func same(t testing.TB, tab *Table, model map[pair]Word) {
	t.Helper()
	found := sane(t, tab)
	ranged := make(map[pair]Word)
	tab.Range(func(k uint64, w Word) bool {
		p := pair{k, w.Class()}
		if _, twice := ranged[p]; twice {
			t.Fatalf("Range yields %v twice", p)
		}
		ranged[p] = w
		return true
	})
	for _, m := range []map[pair]Word{found, ranged} {
		if len(m) != len(model) {
			t.Fatalf("%d pairs, want %d", len(m), len(model))
		}
		for p, w := range model {
			if m[p] != w {
				t.Fatalf("%v: %#x, want %#x", p, m[p], w)
			}
		}
	}
	for p, w := range model {
		if got := tab.Get(p.key, p.class); got != w {
			t.Fatalf("Get(%v) = %#x, want %#x", p, got, w)
		}
	}
}

func TestModel(t *testing.T) {
	// Ensure that random programs leave the table as they leave a map, whatever the hash and whenever it migrates.
	suite(t, func(t *testing.T, s subject) {
		for seed := uint64(0); seed < 6; seed++ {
			rng := rand.New(rand.NewPCG(seed, 0))
			model := make(map[pair]Word)
			sane(t, s.table())
			s.Range(func(k uint64, w Word) bool { s.Replace(k, w, MakeWord(w.Class(), w.Index(), Nil)); return true })
			keys, classes := 1+rng.IntN(100), 1+rng.IntN(20)
			for range 3000 {
				p := pair{0xc000100000 + uint64(rng.IntN(keys))*uint64(8+seed), uint32(rng.IntN(classes))}
				step(t, s, model, p, rng)
			}
			same(t, s.table(), model)
		}
	})
}

// step does one random operation on p and compares its result with the model's.
func step(t testing.TB, s subject, model map[pair]Word, p pair, rng *rand.Rand) {
	t.Helper()
	state := Value
	if rng.IntN(4) == 0 {
		state = Building
	}
	w := MakeWord(p.class, rng.Uint64()>>IndexShift, state)
	old, present := model[p]
	switch rng.IntN(5) {
	case 0:
		if got := s.Get(p.key, p.class); got != old {
			t.Fatalf("Get(%v) = %#x, want %#x", p, got, old)
		}
	case 1, 2:
		insert := s.Insert
		if rng.IntN(2) == 0 {
			insert = s.Attach
		}
		got, ok := insert(p.key, w)
		if ok == present || present && got != old || !present && got != w {
			t.Fatalf("Insert(%v, %#x) = %#x, %v; it was %#x", p, w, got, ok, old)
		}
		if ok {
			model[p] = w
		}
	case 3:
		if got := s.Replace(p.key, w, MakeWord(p.class, 0, Nil)); got != (w == old) {
			t.Fatalf("Replace(%v, %#x) = %v; it was %#x", p, w, got, old)
		}
		if w == old {
			delete(model, p)
		}
	case 4:
		if !present {
			return
		}
		if rng.IntN(3) > 0 {
			w = MakeWord(p.class, old.Index(), Nil)
			delete(model, p)
		} else {
			model[p] = w
		}
		if !s.Replace(p.key, old, w) {
			t.Fatalf("Replace(%v, %#x, %#x) = false", p, old, w)
		}
	}
}

func TestParallel(t *testing.T) {
	// Ensure that of concurrent writers of a pair one wins, that nobody else's pairs suffer, and that wins and losses add up.
	suite(t, func(t *testing.T, s subject) {
		const workers, rounds = 4, 4000
		var balance atomic.Int64
		var wg sync.WaitGroup
		models := make([]map[pair]Word, workers)
		for g := range workers {
			wg.Go(func() {
				rng := rand.New(rand.NewPCG(uint64(g), 1))
				model := make(map[pair]Word)
				models[g] = model
				for range rounds {
					key := 0xc000000000 + uint64(rng.IntN(60))*48
					if rng.IntN(2) == 0 {
						step(t, s, model, pair{key, uint32(g + 1)}, rng)
						continue
					}
					if w := s.Get(key, 0); w != 0 {
						if s.Replace(key, w, MakeWord(0, w.Index(), Nil)) {
							balance.Add(-1)
						}
					} else if _, ok := s.Insert(key, MakeWord(0, rng.Uint64()>>IndexShift, Value)); ok {
						balance.Add(1)
					}
				}
			})
		}
		wg.Wait()
		all := make(map[pair]Word)
		for _, m := range models {
			for p, w := range m {
				all[p] = w
			}
		}
		shared := int64(0)
		for p, w := range sane(t, s.table()) {
			if p.class == 0 {
				shared++
				all[p] = w
			}
		}
		if shared != balance.Load() {
			t.Fatalf("%d shared pairs, %d inserted less deleted", shared, balance.Load())
		}
		same(t, s.table(), all)
	})
}

func ExampleTable() {
	t := New(nil)
	const key, class = 0xc000012340, 7
	w, inserted := t.Insert(key, MakeWord(class, 42, Value))
	fmt.Println(w.Index(), inserted)
	fmt.Println(t.Get(key, class).Index())
	fmt.Println(t.Replace(key, w, MakeWord(class, 42, Nil)))
	fmt.Println(t.Get(key, class) == 0)
	// Output:
	// 42 true
	// 42
	// true
	// true
}
