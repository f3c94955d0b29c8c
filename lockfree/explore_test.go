//go:build explore

package lockfree

import (
	"flag"
	"fmt"
	"math/rand/v2"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/shadowvars/shadow/internal/explore"
)

// What these explorations found when errors were seeded, one at a time, and after how many schedules.
// The first column tells by which test, Pairs, Directed or Random; where the number of schedules depends on
// the machine's speed it is that of one run.
//
//	Pairs        68 165  a reader takes a frozen val for the current one
//	Directed     65 986  Insert does not copy its frozen pair before it goes on
//	Pairs       404 530  a leaving writer does not freeze the slot it leaves
//	Pairs       140 425  a writer passes an undecided slot that it lost to its own pair
//	Pairs        78 476  a delete makes the slot undecided again
//	Directed     42 393  the root's next is left while the root still migrates (a second migration)
//	Pairs        31 565  the root is swung when all chunks are handed out
//	Pairs        68 936  a dead slot is used for another class
//	Pairs         1 055  a reader takes "not copied yet" for absent
//	Directed        143  a fresh insert into root.next without a ticket
//	Directed     29 774  the same, if the slot is undecided and somebody else has claimed it
//	Directed      7 692  a ticket of an earlier migration
//	Directed    113 380  a ticket for a chunk that yielded copies only
//	Pairs             9  a chunk is done when it is handed out
//	Directed     52 423  the extension of an overflowing array has too few slots
//	Pairs       361 967  a copier gives up where the new array has no room
//	Pairs        25 864  a leaving writer copies its dead pair
//	Pairs        79 450  a BUILDING pair does not migrate
//	Pairs        19 977  an undecided slot is decided by a store
//	Pairs         1 049  a frozen val is replaced
//	Pairs        17 786  FROZEN_EMPTY is taken for EMPTY
//	Directed     27 556  an exhausted path is taken for absent though there is a next
//	Directed     19 941  who finds no chunk left waits for the others' chunks
//	Pairs        24 352  an undecided slot is not frozen

var exploreTime = flag.Duration("explore.time", 20*time.Second, "how long TestExplore tests may take, all together")

// An event is an operation on one of the pairs, and its result.
type event struct {
	kind     byte // g(et), i(nsert), r(eplace)
	pair     int
	old, new Word
	out      Word
	ok       bool
}

// cells is the sequential specification: each pair is a cell.
type cells struct{}

const cellCount = 5

func (cells) Init() [cellCount]Word { return [cellCount]Word{} }

func (cells) Step(s [cellCount]Word, e event, pending bool) ([cellCount]Word, bool) {
	old := s[e.pair]
	switch e.kind {
	case 'g':
		return s, pending || e.out == old
	case 'i':
		if old == 0 {
			s[e.pair] = e.new
		}
		return s, pending || e.ok == (old == 0) && e.out == s[e.pair]
	}
	if old == e.old {
		s[e.pair] = e.new
		if e.new.State() == Nil {
			s[e.pair] = 0
		}
	}
	return s, pending || e.ok == (old == e.old)
}

// pairAt are the pairs that programs name by a digit: two classes of one key that share a home, another
// key, a class of the first key in another group, and a third key.
var pairAt = [cellCount]pair{{0x100, 1}, {0x100, 2}, {0x200, 1}, {0x100, 9}, {0x300, 0}}

// allHomes are more homes than any array has room for.
const allHomes = 1 << 30

// A scenario is a table, a program to prepare it, and the programs of its threads. The words of a
// program are
//
//	g0  get pair 0                  G  begin a migration to twice the size
//	i0  insert it                   P  begin one to the same size
//	a0  look for it, insert it where it would be   C  what is done after a collection
//	b0  insert it as Building and   S  begin one to half the size
//	    make it Value if that won   F  do a chunk of the migration, or end it
//	d0  get it, and delete what was found      U  Purge
type scenario struct {
	slots   uintptr
	homes   uintptr // 0 is 1: a constant hash
	before  string
	threads []string
}

func (s scenario) String() string {
	return fmt.Sprintf("slots %d homes %d before %q threads %q", s.slots, s.homes, s.before, s.threads)
}

type runner struct {
	t     *Table
	h     *explore.History[[cellCount]Word, event]
	index uint32
}

// run runs a program whose inserts use indices from index on.
func (r runner) run(program string, index uint32) {
	for _, word := range strings.Fields(program) {
		if len(word) == 1 {
			r.migrate(word[0])
			continue
		}
		index++
		n := int(word[1] - '0')
		p := pairAt[n]
		value := MakeWord(p.class, uint64(index), Value)
		switch word[0] {
		case 'g':
			r.get(n)
		case 'i':
			r.insert(n, value)
		case 'a':
			r.attach(n, value)
		case 'b':
			building := MakeWord(p.class, uint64(index), Building)
			if r.insert(n, building) {
				r.replace(n, building, value)
			}
		case 'd':
			if w, at := r.find(n); w != 0 {
				r.replaceAt(at, n, w, MakeWord(p.class, w.Index(), Nil))
			}
		default:
			panic("no such word: " + word)
		}
	}
}

func (r runner) get(n int) (w Word) {
	r.h.Do(event{kind: 'g', pair: n}, func(e *event) {
		e.out = r.t.Get(pairAt[n].key, pairAt[n].class)
		w = e.out
	})
	return w
}

func (r runner) find(n int) (w Word, at Spot) {
	r.h.Do(event{kind: 'g', pair: n}, func(e *event) {
		e.out, at = r.t.Find(pairAt[n].key, pairAt[n].class)
		w = e.out
	})
	return w, at
}

func (r runner) replaceAt(at Spot, n int, old, new Word) {
	r.h.Do(event{kind: 'r', pair: n, old: old, new: new}, func(e *event) {
		e.ok = r.t.ReplaceAt(at, pairAt[n].key, old, new)
	})
}

func (r runner) insert(n int, w Word) (ok bool) {
	r.h.Do(event{kind: 'i', pair: n, new: w}, func(e *event) {
		e.out, e.ok = r.t.Insert(pairAt[n].key, w)
		ok = e.ok
	})
	return ok
}

// attach looks for a pair and inserts it at the spot where it would be.
func (r runner) attach(n int, w Word) {
	key := pairAt[n].key
	from := r.t.Start()
	var at Spot
	r.h.Do(event{kind: 'g', pair: n}, func(e *event) { e.out, at = r.t.Look(from, key, pairAt[n].class) })
	r.h.Do(event{kind: 'i', pair: n, new: w}, func(e *event) {
		e.out, e.ok = r.t.InsertAt(at, from, key, w)
	})
}

func (r runner) replace(n int, old, new Word) {
	r.h.Do(event{kind: 'r', pair: n, old: old, new: new}, func(e *event) {
		e.ok = r.t.Replace(pairAt[n].key, old, new)
	})
}

func (r runner) migrate(kind byte) {
	root := r.t.root.Load()
	switch kind {
	case 'C':
		r.t.catchUp()
	case 'G':
		r.t.begin(root, root.slots()*2)
	case 'P':
		r.t.begin(root, root.slots())
	case 'S':
		r.t.begin(root, max(root.slots()/2, leastSlots))
	case 'U':
		r.t.Purge()
	case 'F':
		if root.next.Load() != nil {
			r.t.work(root)
		}
	default:
		panic("no such word: " + string(kind))
	}
}

type checker = explore.Checker[[cellCount]Word, event]

// world makes the scenario's world.
func (s scenario) world(c *checker) explore.Scenario {
	return func(w *explore.World) {
		tab := newTable(config{slots: s.slots, homes: max(s.homes, 1)})
		tab.least = leastSlots
		r := runner{t: tab, h: c.History(w)}
		r.run(s.before, 0)
		ended := make([]bool, len(s.threads))
		for i, program := range s.threads {
			w.Go(func() {
				r.run(program, uint32(i+1)*100)
				ended[i] = true
			})
		}
		w.Check(func() error {
			all := true
			for _, e := range ended {
				all = all && e
			}
			for n := range pairAt {
				r.get(n)
			}
			if err := r.h.Check(); err != nil {
				return err
			}
			return examineAll(tab, all)
		})
	}
}

// examineAll examines a table and compares what it holds with what Range yields.
func examineAll(tab *Table, exact bool) error {
	pairs, err := examine(tab, exact)
	if err != nil {
		return err
	}
	count := 0
	tab.Range(func(k uint64, w Word) bool {
		count++
		if pairs[pair{k, w.Class()}] != w {
			err = fmt.Errorf("Range yields %#x of %#x, want %#x", w, k, pairs[pair{k, w.Class()}])
		}
		return true
	})
	if count != len(pairs) {
		err = fmt.Errorf("Range yields %d pairs, want %d", count, len(pairs))
	}
	return err
}

// tally adds up explorations.
type tally struct{ scenarios, exhausted, schedules int }

// explore spends so much time on a scenario: first depth first with at most two preemptions; if that
// takes longer than half of it, the rest on random schedules with up to six.
func (y *tally) explore(t *testing.T, c *checker, seed uint64, share time.Duration, s scenario) {
	t.Helper()
	y.scenarios++
	r := explore.Exhaust(explore.Options{Preemptions: 2, Kill: true, MaxTime: share / 2}, s.world(c))
	y.schedules += r.Schedules
	if r.Exhausted {
		y.exhausted++
	} else if r.Err == nil {
		r = explore.Random(explore.Options{Preemptions: 6, Kill: true, MaxTime: share / 2, MaxSchedules: 1 << 30}, seed, s.world(c))
		y.schedules += r.Schedules
	}
	if r.Err != nil {
		t.Fatalf("scenario %d (%d schedules in all): %v\n%v", y.scenarios, y.schedules, s, r)
	}
}

func (y *tally) log(t *testing.T) {
	t.Logf("%d scenarios, %d of them exhausted, %d schedules", y.scenarios, y.exhausted, y.schedules)
}

func TestExplorePairsOfOperations(t *testing.T) {
	// Ensure (G9, G14) that any two operations on one pair, on two classes of a key and on two keys of one run are
	// linearizable and lock-free, alone and with a migration of any kind beginning and going on anywhere.
	var y tally
	c := explore.NewChecker[[cellCount]Word, event](cells{})
	all := pairsOfOperations()
	share := *exploreTime / 2 / time.Duration(len(all))
	for _, s := range all {
		y.explore(t, c, 1, share, s)
	}
	y.log(t)
}

// pairsOfOperations are any two operations on one pair, on two classes of a key and on two keys, with migrations of any kind.
func pairsOfOperations() (all []scenario) {
	kinds := "giadb"
	for i, a := range kinds {
		for _, b := range kinds[i:] {
			for other := range 4 {
				for _, before := range []string{"", "i0", "i0 d0", "i0 i1"} {
					for _, third := range []string{"", "G F", "P F", "S F"} {
						s := scenario{slots: 4, before: before, threads: []string{
							fmt.Sprintf("%c0", a), fmt.Sprintf("%c%d", b, other)}}
						if third != "" {
							s.threads = append(s.threads, third)
						}
						all = append(all, s)
					}
				}
			}
		}
	}
	return all
}

func TestExploreDirected(t *testing.T) {
	// Ensure (G9, G14) that the rare situations hold: the last slots of an array, several migrations in a row, a
	// straggler in an array that is long superseded, a shrunk array that overflows.
	var y tally
	c := explore.NewChecker[[cellCount]Word, event](cells{})
	all := directed()
	for _, s := range all {
		y.explore(t, c, 1, *exploreTime/4/time.Duration(len(all)), s)
	}
	y.log(t)
}

// directed are the rare situations, with each hash.
func directed() (all []scenario) {
	situations := []scenario{
		// The new array has just room for what the old one holds.
		{slots: 2, before: "i0 i1 P", threads: []string{"i2", "i3"}},
		{slots: 2, before: "i0 P", threads: []string{"i1", "i2", "i3"}},
		{slots: 2, before: "i0 P", threads: []string{"i1 d1", "i2", "i3"}},
		{slots: 4, before: "i0 i2 P", threads: []string{"i1", "i3", "i4"}},
		// Undecided slots of one key, wanted by several classes.
		{slots: 4, before: "", threads: []string{"i0", "i1", "i3"}},
		{slots: 2, before: "P", threads: []string{"i0", "i1", "i3"}},
		{slots: 2, before: "i0 P", threads: []string{"i1", "i3", "F F"}},
		// The same while copies fill the new array to the last slot: the third claim begins a purge, and then 4 revives.
		{slots: 4, before: "i4 i0 d4 i2 i4", threads: []string{"F F", "i1", "i3"}},
		// A shrunk array overflows, because dead pairs revive.
		{slots: 4, before: "i0 i1 i2 d0 d1 d2 S", threads: []string{"i0", "i1", "i2"}},
		{slots: 4, before: "i0 i1 i2 i3 S", threads: []string{"d0", "i4", "F F"}},
		{slots: 4, before: "i0 i1 i2 i3 S", threads: []string{"d1 i1", "g2", "F F"}},
		{slots: 4, before: "i0 i1 i2 i3 S", threads: []string{"i4", "d3", "F F F F"}},
		{slots: 8, before: "i0 i1 i2 i3 i4 d4 S F", threads: []string{"i4 d4", "F F F S", "g0 d0 i0"}},
		// A frozen pair, not yet copied, and a ticket from another chunk.
		{slots: 8, before: "i0 G", threads: []string{"F", "i0"}},
		// Several migrations while others are on their way.
		{slots: 2, before: "i0", threads: []string{"d0 i0", "P F P F", "g0 g0"}},
		{slots: 2, before: "i0 d0", threads: []string{"i0", "P F P F P F", "g0"}},
		{slots: 4, before: "i0 i2", threads: []string{"d0 i0", "G F F P F F F F", "d2"}},
		{slots: 2, before: "i0 i1", threads: []string{"d0", "G F P F F", "i0"}},
		{slots: 2, before: "i0 i2", threads: []string{"d0 i3", "G F S F F", "i1"}},
	}
	for _, homes := range []uintptr{1, 2, allHomes} {
		for _, s := range situations {
			s.homes = homes
			all = append(all, s)
		}
	}
	return all
}

// random returns a random scenario.
func random(rng *rand.Rand) scenario {
	s := scenario{slots: leastSlots << rng.IntN(2), homes: []uintptr{1, 1, 2, allHomes}[rng.IntN(4)]}
	pairs := 1 + rng.IntN(cellCount)
	s.before = randomProgram(rng, pairs, rng.IntN(8))
	for range 2 + rng.IntN(2) {
		s.threads = append(s.threads, randomProgram(rng, pairs, 1+rng.IntN(3)))
	}
	return s
}

// randomProgram returns n random words about so many pairs.
func randomProgram(rng *rand.Rand, pairs, n int) string {
	const kinds = "giiaaddbbGPSFFFC"
	words := make([]string, n)
	for i := range words {
		k := kinds[rng.IntN(len(kinds))]
		words[i] = string(k)
		if k >= 'a' {
			words[i] += strconv.Itoa(rng.IntN(pairs))
		}
	}
	return strings.Join(words, " ")
}

func TestExploreRandom(t *testing.T) {
	// Ensure that random small programs are linearizable and lock-free: depth first, then far from the beginning.
	var y tally
	c := explore.NewChecker[[cellCount]Word, event](cells{})
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d", seed)
	rng := rand.New(rand.NewPCG(seed, 0))
	for start := time.Now(); time.Since(start) < *exploreTime/4; {
		y.explore(t, c, rng.Uint64(), 100*time.Millisecond, random(rng))
	}
	y.log(t)
}
