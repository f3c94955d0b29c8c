package lockfree

import (
	"math/rand/v2"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
	"testing"
	"time"
)

func TestAllocations(t *testing.T) {
	// Ensure that nothing allocates but a migration.
	tab := New(&Options{Presize: 1000})
	w := MakeWord(1, 7, Value)
	tab.Insert(64, w)
	keys, words := []uint64{64, 0, 128}, make([]Word, 3)
	for name, f := range map[string]func(){
		"Get, hit":        func() { tab.Get(64, 1) },
		"Get, miss":       func() { tab.Get(128, 1) },
		"GetBatch":        func() { tab.GetBatch(keys, 1, words) },
		"Insert, refused": func() { tab.Insert(64, w) },
		"Replace":         func() { tab.Replace(64, w, w) },
		"Replace, revive": func() { tab.Replace(64, w, MakeWord(1, 7, Nil)); tab.Insert(64, w) },
		"Range":           func() { tab.Range(func(uint64, Word) bool { return true }) },
		"Stats":           func() { tab.Stats() },
	} {
		if n := testing.AllocsPerRun(100, f); n != 0 {
			t.Errorf("%s: %v allocations", name, n)
		}
	}
}

func TestLayout(t *testing.T) {
	// Ensure slots are 16 bytes in whole cache lines, wherever the allocator puts them, and that an empty table is small.
	for n := uintptr(leastSlots); n <= 1<<16; n *= 2 {
		a := newArray(n, 0, 1, 0)
		if uintptr(a.first)%lineBytes != 0 {
			t.Errorf("%d slots begin at %#x", n, a.first)
		}
		if i := a.home(1<<48-1, MaxClass); i > a.mask {
			t.Errorf("%d slots: home %d", n, i)
		}
	}
	for skew := range 4 {
		onHeap = make([]slot, 16)
		s := onHeap[skew:]
		if got := alignSlots(s); !isAligned(got) || len(s)-len(got) > 3 {
			t.Errorf("skew %d: %d of %d slots left, aligned: %v", skew, len(got), len(s), isAligned(got))
		}
	}
	if n := New(nil).Stats().Bytes + 16; n >= 1024 {
		t.Errorf("an empty table takes %d bytes", n)
	}
}

// onHeap is where a slice is that must not lie on a stack, which may begin anywhere.
var onHeap []slot

func TestHooks(t *testing.T) {
	// Ensure the constructions of the suite are what they say: the hashes have one and two values, and restless tables migrate.
	homes := func(most uintptr) int {
		a, seen := newArray(1<<10, most, 1, 0), map[uintptr]bool{}
		for i := range uint64(500) {
			seen[a.home(0xc000000000+i*48, uint32(i))] = true
		}
		return len(seen)
	}
	if a, b, c := homes(1), homes(2), homes(0); a != 1 || b != 2 || c < 150 {
		t.Errorf("constant, two-valued and real hash have %d, %d, %d values", a, b, c)
	}
	r := &restless{Table: New(nil).still(), every: 1}
	for i := range uint64(100) {
		r.Insert(64+i*8, MakeWord(0, 1, Value))
	}
	if n := r.Stats().Migrations; n < 5 {
		t.Errorf("%d migrations in 100 writes", n)
	}
}

func TestPresize(t *testing.T) {
	// Ensure that the expected number of pairs fits without a migration, at any size, and that the table does not shrink below it.
	for _, n := range []int{1, 5, 6, 100, 358, 359, 700, 3000, 11000, 45000, 180000} {
		tab := New(&Options{Presize: n})
		for i := range uint64(n) {
			tab.Insert(0xc000000000+i*48, MakeWord(1, uint64(i), Value))
		}
		if s := tab.Stats(); s.Migrations != 0 || s.Migrating {
			t.Errorf("presized for %d: %+v", n, s)
		}
		slots := tab.Stats().Slots
		tab.Range(func(k uint64, w Word) bool { return tab.Replace(k, w, MakeWord(1, 0, Nil)) })
		if s := tab.Stats(); s.Slots != slots || s.Migrations != 0 {
			t.Errorf("presized for %d, emptied: %+v", n, s)
		}
	}
}

func TestSizes(t *testing.T) {
	// Ensure the table grows with its pairs, purges dead ones without growing, and shrinks to nothing again.
	if checked {
		t.Skip("with chunks of two slots a migration takes as many writes as the array has pairs")
	}
	tab := New(nil)
	const n = 30000
	for i := range uint64(n) {
		tab.Insert(64+i*48, MakeWord(1, uint64(i), Value))
	}
	full := tab.Stats()
	if full.Slots < n*10/7 || full.Slots > n*4 || full.Live < n*8/10 || full.Live > n*12/10 {
		t.Errorf("with %d pairs: %+v", n, full)
	}
	for i := range uint64(10 * n) {
		k := 64 + i*48
		tab.Replace(k, tab.Get(k, 1), MakeWord(1, uint64(i), Nil))
		tab.Insert(k+n*48, MakeWord(1, uint64(i+n), Value))
	}
	if s := tab.Stats(); s.Slots > 2*full.Slots || s.Migrations < full.Migrations+3 {
		t.Errorf("after churn: %+v, before: %+v", s, full)
	}
	tab.Range(func(k uint64, w Word) bool { return tab.Replace(k, w, MakeWord(1, 0, Nil)) })
	if s := tab.Stats(); s.Slots > 64 {
		t.Errorf("after all is deleted: %+v", s)
	}
	if root, newest := tab.Generations(); newest-root > 1 || root != tab.Stats().Migrations+1 {
		t.Errorf("generations %d, %d", root, newest)
	}
	same(t, tab, nil)
}

func TestBatch(t *testing.T) {
	// Ensure GetBatch answers as Get does, in any hash, in a migration, for any number of keys, and for key 0.
	suite(t, func(t *testing.T, s subject) {
		rng := rand.New(rand.NewPCG(1, 1))
		tab := s.table()
		for i := range uint64(200) {
			s.Insert(64+i*8, MakeWord(uint32(i%3), uint64(i), Value))
			keys, words := make([]uint64, rng.IntN(50)), make([]Word, 60)
			for i := range keys {
				keys[i] = uint64(rng.IntN(250)) * 8
			}
			class := uint32(rng.IntN(3))
			tab.GetBatch(keys, class, words)
			for i, k := range keys {
				if want := tab.Get(k, class); words[i] != want || k == 0 && want != 0 {
					t.Fatalf("GetBatch of %#x = %#x, Get = %#x", k, words[i], want)
				}
			}
		}
	})
}

func TestManyClasses(t *testing.T) {
	// Ensure a key can have a thousand classes, and that its runs of slots stay short.
	tab := New(nil)
	for class := range uint32(1000) {
		tab.Insert(0xc000012340, MakeWord(class, uint64(class), Value))
	}
	a, sum := tab.root.Load(), uintptr(0)
	for class := range uint32(1000) {
		if w := tab.Get(0xc000012340, class); w.Index() != uint64(class) || w.State() != Value {
			t.Fatalf("class %d: %#x", class, w)
		}
		d, _, _ := a.find(0xc000012340, class, a.home(0xc000012340, class), 0)
		sum += d
	}
	if sum > 1000*20 {
		t.Errorf("mean distance from home %d", sum/1000)
	}
}

func TestSpread(t *testing.T) {
	// Ensure that addresses of equal distance, of any size of object, alone and in spans of 8 KiB, are found faster than random numbers, nearly
	// all in the first line of their path, and that none of them takes much longer.
	if checked {
		t.Skip("nothing here depends on the limits")
	}
	step := uint64(8)
	if testing.Short() {
		step = 8 * 17
	}
	rng := rand.New(rand.NewPCG(1, 2))
	for _, n := range []uint64{600, 2400, 9600} {
		var mean, beyond, worst float64
		sets := 0
		for size := uint64(8); size <= 8192; size += step {
			for _, span := range []uint64{1 << 40, 8192} {
				per := max(span/size, 1)
				keys := make([]uint64, n)
				for i := range keys {
					i := uint64(i)
					keys[i] = 0xc000000000 + i/per*max(span, size) + i%per*size
				}
				d, b := distances(keys)
				mean, beyond, worst = mean+d, beyond+b, max(worst, d)
				sets++
			}
		}
		mean, beyond = mean/float64(sets), beyond/float64(sets)
		random := make([]uint64, n)
		for i := range random {
			random[i] = rng.Uint64()
		}
		chance, behind := distances(random)
		t.Logf("%d: mean distance from home %.2f, at worst %.2f, %.3f behind the first line; random %.2f, %.3f", n, mean, worst, beyond, chance, behind)
		if mean > chance || beyond > behind/2 || worst > 5*chance {
			t.Error("not as good as this")
		}
	}
}

// distances inserts keys into a new table, of which it returns the distances.
func distances(keys []uint64) (mean, beyond float64) {
	t := New(nil).still()
	for _, k := range keys {
		t.Insert(k, MakeWord(1, 0, Value))
	}
	t.catchUp()
	return t.distances(keys)
}

// distances returns how far the pairs of keys and class 1 stand behind their homes in the mean, in slots, and which part of them stands behind the first line.
func (t *Table) distances(keys []uint64) (mean, beyond float64) {
	a := t.root.Load()
	for _, k := range keys {
		d, _, _ := a.find(k, 1, a.home(k, 1), 0)
		mean += float64(d)
		if d >= lineSlots {
			beyond++
		}
	}
	return mean / float64(len(keys)), beyond / float64(len(keys))
}

func TestLinearizationPoints(t *testing.T) {
	// Ensure each linearization point that a head comment names is marked once in code.
	files, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	tag := regexp.MustCompile(`LP\([^)]*\)`)
	named, marked := map[string]int{}, map[string]int{}
	for _, f := range files {
		if strings.HasSuffix(f, "_test.go") {
			continue
		}
		text, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		for line := range strings.Lines(string(text)) {
			for _, name := range tag.FindAllString(line, -1) {
				if strings.HasPrefix(strings.TrimSpace(line), "//") {
					named[name]++
				} else {
					marked[name]++
				}
			}
		}
	}
	if len(named) == 0 {
		t.Error("no linearization point is named")
	}
	for name := range marked {
		if named[name] == 0 {
			t.Errorf("%s is marked and not named", name)
		}
	}
	for name, n := range named {
		if n != 1 || marked[name] != 1 {
			t.Errorf("%s is named %d times and marked %d times", name, n, marked[name])
		}
	}
}

func TestUnfinished(t *testing.T) {
	// Ensure that a migration which its writers have left is finished after a collection.
	if checked {
		t.Skip("with chunks of two slots migrations take no time")
	}
	const n = 20_000
	tab := New(nil)
	for i := range uint64(n) {
		tab.Insert(64+i*48, MakeWord(1, uint64(i), Value))
	}
	i := uint64(0)
	for ; !tab.Stats().Migrating; i++ {
		tab.Replace(64+i*48, MakeWord(1, uint64(i), Value), MakeWord(1, 0, Nil))
	}
	for deadline := time.Now().Add(30 * time.Second); tab.Stats().Migrating; runtime.GC() {
		if time.Now().After(deadline) {
			t.Fatalf("%+v", tab.Stats())
		}
	}
	for ; i < n; i++ {
		if w := tab.Get(64+i*48, 1); w.Index() != uint64(i) {
			t.Fatalf("pair %d: %#x", i, w)
		}
	}
}
