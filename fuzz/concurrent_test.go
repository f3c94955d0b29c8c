package fuzz

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/shadowvars/shadow"
)

// A concurrent program is a few bytes: which lifetime and whether somebody is suspended for ever, a program that runs first, one
// for each of two or three goroutines, and a schedule. Each step is a byte, its kind and its object.
const (
	stepKinds = "aoxeXEgbhfituFmkcprd-"
	opening   = 4 // steps that run first
	column    = 3 // steps of a goroutine
	columns   = 3
	objects   = 3 // the last one is the first goroutine's own, and may die
	header    = 1 + opening + column*columns
)

// FuzzConcurrent runs such a program under the explorer if it is built with the tag explore, and otherwise with real goroutines.
func FuzzConcurrent(f *testing.F) {
	// Ensure that any small program of operations on a few pairs, run in any order, has a history that a map could have, that nobody waits for
	// a suspended goroutine but for a constructor, and that every variable ends once or is there.
	for _, text := range concurrentSeeds {
		for _, lifetime := range []shadow.Lifetime{shadow.Collected, shadow.Pinned, shadow.Manual} {
			f.Add(encode(text, lifetime, "\x08\x09\x10\x11\x21\x42"))
		}
	}
	for seed := range uint64(200) {
		r := rand.New(rand.NewPCG(seed, 0))
		program := make([]byte, header+16)
		for i := range program {
			program[i] = byte(r.Uint32())
		}
		f.Add(program)
	}
	f.Fuzz(func(t *testing.T, program []byte) {
		if len(program) < header {
			return
		}
		runConcurrently(t, decode(program), program[header:])
	})
}

// concurrentSeeds are programs in words, as explore_test.go of the root package writes them: see perform.
var concurrentSeeds = []string{
	"; a0 g0 | a0 f0", "a0; f0 a0 c | g0 i0 g0", "a0; F g0 | g0 a0 g0", "a0 a1; F a1 | f1 g0 g1", "; F a0 | a0 F | g0",
	"; x0 g0 | g0 a0 g0 | o0", "; e0 | o0 g0 | X0", "; X0 t0 | X0 | F g0", "; E0 x0 | o0 f0", "a0; p r | i0 a0 g0 | g0",
	"a2; d2 a2 g2 | r c | p", "a2; d2 o2 g2 | F | r p", "a2; d2 b2 g2 | b0 | r", "a0; m1 g0 g1 | f0 a0 | F", "a0; k1 t1 | u0 a1 | m0 g0",
}

// concurrent is a decoded program.
type concurrent struct {
	lifetime shadow.Lifetime
	suspends bool
	before   []step
	threads  [][]step
}

type step struct{ kind, object byte }

func (p concurrent) String() string {
	words := func(steps []step) string {
		var b strings.Builder
		for _, s := range steps {
			fmt.Fprintf(&b, "%c%d ", s.kind, s.object)
		}
		return b.String()
	}
	text := fmt.Sprintf("%v, suspends %v: %s;", p.lifetime, p.suspends, words(p.before))
	for _, steps := range p.threads {
		text += " " + words(steps) + "|"
	}
	return text
}

// has tells whether the program has a step of such a kind.
func (p concurrent) has(kinds string) bool {
	for _, steps := range append([][]step{p.before}, p.threads...) {
		for _, s := range steps {
			if strings.IndexByte(kinds, s.kind) >= 0 {
				return true
			}
		}
	}
	return false
}

// weak tells whether the program has steps that are not one instant in a history: of those only the books are checked.
func (p concurrent) weak() bool { return p.has("mk") }

// decode reads the first bytes of a program that is long enough. All of them mean something.
func decode(program []byte) concurrent {
	first := program[0]
	p := concurrent{lifetime: shadow.Lifetime(first % 3), suspends: first&4 != 0}
	p.before = decodeSteps(program[1:1+opening], p.lifetime, 0)
	for i := range columns {
		at := 1 + opening + i*column
		if steps := decodeSteps(program[at:at+column], p.lifetime, i); len(steps) > 0 {
			p.threads = append(p.threads, steps)
		}
	}
	return p
}

// decodeSteps reads the steps of goroutine i. What only the first goroutine and only Collected objects can do is something else for the others.
func decodeSteps(text []byte, lifetime shadow.Lifetime, i int) (steps []step) {
	for _, b := range text {
		s := step{stepKinds[int(b)%len(stepKinds)], byte(int(b) / len(stepKinds) % objects)}
		if i > 0 {
			s.object %= objects - 1
		}
		switch {
		case s.kind == '-':
			continue
		case s.kind == 'd' && (i > 0 || lifetime != shadow.Collected):
			s.kind = 'f'
		case s.kind == 'd':
			s.object = objects - 1
		}
		steps = append(steps, s)
	}
	return steps
}

// encode is the inverse of decode, for a program in words.
func encode(text string, lifetime shadow.Lifetime, schedule string) []byte {
	program := []byte{byte(lifetime)}
	put := func(words string, room int) {
		for _, word := range strings.Fields(words) {
			object := 0
			if len(word) > 1 {
				object = int(word[1] - '0')
			}
			program = append(program, byte(strings.IndexByte(stepKinds, word[0])+object*len(stepKinds)))
			room--
		}
		for range room {
			program = append(program, byte(strings.IndexByte(stepKinds, '-')))
		}
	}
	before, rest, _ := strings.Cut(text, ";")
	put(before, opening)
	threads := append(strings.Split(rest, "|"), "", "")
	for _, words := range threads[:columns] {
		put(words, column)
	}
	return append(program, schedule...)
}

func TestEncode(t *testing.T) {
	// Ensure that the seeds are the programs that they are written as, and that all bytes are a program.
	p := decode(encode("a0 a1; F g1 | f1 g0 g1 | x0 c", shadow.Pinned, "\x01"))
	want := "Pinned, suspends false: a0 a1 ; F0 g1 | f1 g0 g1 | x0 c0 |"
	if p.String() != want {
		t.Errorf("%v, want %s", p, want)
	}
	for b := range 256 {
		program := make([]byte, header)
		for i := range program {
			program[i] = byte(b)
		}
		if s := decode(program).String(); strings.ContainsRune(s, '\x00') {
			t.Error(s)
		}
	}
}

// act is one operation of a history with its results.
type act struct {
	kind   byte
	object byte
	in     uint64 // the tag that it brings, or asks for
	out    uint64 // the tag that it saw
	ok     bool
}

// built is what the pair is after a has begun.
func (a act) built() uint64 {
	if a.kind == 'r' || a.kind == 'w' {
		return a.in | building
	}
	return a.in
}

// pairs is the sequential specification: of each object the tag attached to it, 0 for none, with building on top while it is constructed.
//
// A construction is two operations, up to the constructor and after it, unless somebody empties the class: one that FreeAll overtakes counts as
// a whole as having come just before, though its constructor may end afterwards. Then it is one operation, and whoever is refused meanwhile is
// right, because the one operation does not say when the pair is under construction.
type pairs struct{ whole bool }

const building = 1 << 63

func (pairs) Init() [objects]uint64 { return [objects]uint64{} }

func (m pairs) Step(s [objects]uint64, a act, pending bool) ([objects]uint64, bool) {
	old := s[a.object]
	present := old
	if old&building != 0 {
		present = 0
	}
	right := true
	switch a.kind {
	case 'a', 'A', 'r': // Alloc; AllocFunc as a whole, up to its constructor
		right = a.ok == (old == 0) || m.whole && !a.ok
		if old == 0 && (pending || a.ok) {
			s[a.object] = a.built()
		}
	case 'o', 'O', 'w': // GetOrAlloc; GetOrAllocFunc as a whole, up to its constructor: they wait while the pair is under construction
		if old&building != 0 {
			return s, false
		}
		right = a.ok == (old == 0) && (a.ok || a.out == old)
		if old == 0 {
			s[a.object] = a.built()
		}
	case 'z', 'y': // the constructor has succeeded, has failed
		right = old == a.in|building
		s[a.object] = 0
		if a.kind == 'z' {
			s[a.object] = a.in
		}
	case 'g':
		right = a.out == present
	case 'h':
		right = a.ok == (present != 0)
	case 'f', 'u', 't', 'i': // Free, FreeObject, Take, FreeIf
		hit := present != 0 && (a.kind != 'i' || present == a.in)
		right = a.ok == hit && (a.kind != 't' || a.out == present)
		if hit {
			s[a.object] = 0
		}
	case 'F':
		return [objects]uint64{}, true
	case 'n': // a construction that fails
	case 'd':
		s[a.object] = 0
	}
	return s, pending || right
}

// recorder keeps the history.
type recorder interface {
	Begin(a act) int
	End(i int, a act)
}

// surroundings are what differs between the explorer and real goroutines.
type surroundings interface {
	object(n byte) *uint64
	die(n byte)
	collect()
	purge()
	reap()
	attached(tag uint64) // for the books
	taken(tag uint64)
}

// player runs the steps of one goroutine.
type player struct {
	v       *shadow.Var[uint64, uint64]
	history recorder
	whole   bool // constructions are one operation of it
	at      surroundings
	space   func(obj *uint64) int // FreeObject
	tag     uint64
	seen    [objects]*uint64
}

func (p *player) run(steps []step) {
	for _, s := range steps {
		p.perform(s)
	}
}

// perform is one step:
//
//	a  Alloc       x  AllocFunc       e  the same, failing   g  Get       f  Free                  t  Take         F  FreeAll
//	o  GetOrAlloc  X  GetOrAllocFunc  E  the same, failing   b  GetBatch  i  FreeIf of what the    u  FreeObject   m  Move to the next object
//	c  a collection   p  migration   r  Reap   d  death      h  Has          last steps here saw                   k  Copy to it
func (p *player) perform(s step) {
	switch s.kind {
	case 'x', 'e', 'X', 'E':
		p.construct(s)
		return
	case 'm', 'k':
		p.transfer(s)
		return
	case 'c':
		p.at.collect()
		return
	case 'p':
		p.at.purge()
		return
	case 'r':
		p.at.reap()
		return
	}
	a := act{kind: s.kind, object: s.object}
	if s.kind == 'b' {
		a.kind = 'g'
	}
	o := p.at.object(s.object)
	switch s.kind {
	case 'a', 'o':
		p.tag++
		a.in = p.tag
	case 'i':
		if p.seen[s.object] == nil {
			return
		}
		a.in = *p.seen[s.object]
	}
	i := p.history.Begin(a)
	switch s.kind {
	case 'a':
		d, err := p.v.Alloc(o, &a.in)
		a.ok = p.attach(s.object, d, err, true)
	case 'o':
		d, loaded, err := p.v.GetOrAlloc(o, &a.in)
		a.ok = p.attach(s.object, d, err, !loaded)
		a.out = *d
	case 'g':
		a.out = p.see(s.object, p.v.Get(o))
	case 'b':
		var got [1]*uint64
		if n := p.v.GetBatch([]*uint64{o}, got[:]); n != 1 == (got[0] != nil) {
			panic("GetBatch miscounts")
		}
		a.out = p.see(s.object, got[0])
	case 'h':
		a.ok = p.v.Has(o)
	case 'f':
		a.ok = p.v.Free(o)
	case 'u':
		a.ok = p.space(o) == 1
	case 't':
		a.out = p.see(s.object, p.v.Take(o))
		if a.ok = a.out != 0; a.ok {
			p.at.taken(a.out)
		}
	case 'i':
		a.ok = p.v.FreeIf(o, p.seen[s.object])
	case 'F':
		p.v.FreeAll()
	case 'd':
		p.at.die(s.object)
		p.seen[s.object] = nil
	}
	p.history.End(i, a)
}

// attach notes the result of an attachment, and tells whether it is one.
func (p *player) attach(object byte, d *uint64, err error, isNew bool) bool {
	if err != nil {
		return false
	}
	p.see(object, d)
	if isNew {
		p.at.attached(*d)
	}
	return isNew
}

func (p *player) see(object byte, d *uint64) uint64 {
	if d == nil {
		return 0
	}
	p.seen[object] = d
	return *d
}

var errConstruction = errors.New("the constructor was told to fail")

// construct is two operations in the history, up to the constructor and after it, or one: if it is not called, or if the history
// has constructions as a whole.
func (p *player) construct(s step) {
	p.tag++
	fails, waits := s.kind == 'e' || s.kind == 'E', s.kind == 'X' || s.kind == 'E'
	kinds := "rA"
	if waits {
		kinds = "wO"
	}
	begun := act{kind: kinds[0], object: s.object, in: p.tag}
	ended := act{kind: 'z', object: s.object, in: p.tag}
	if fails {
		ended.kind = 'y'
	}
	switch {
	case p.whole && fails:
		begun.kind = 'n' // until it turns out that there is something already
	case p.whole:
		begun.kind = kinds[1]
	}
	i, called := p.history.Begin(begun), false
	ctor := func(d *uint64) error {
		called, begun.ok = true, true
		if !p.whole {
			p.history.End(i, begun)
			i, begun = p.history.Begin(ended), ended
		}
		*d = ended.in
		if fails {
			return errConstruction
		}
		return nil
	}
	o := p.at.object(s.object)
	var d *uint64
	var err error
	if waits {
		d, _, err = p.v.GetOrAllocFunc(o, ctor)
	} else {
		d, err = p.v.AllocFunc(o, ctor)
	}
	p.attach(s.object, d, err, called)
	if !called && d != nil {
		begun.kind, begun.out = kinds[1], *d
	}
	p.history.End(i, begun)
}

// transfer moves or copies to the next object that is nobody's own. It is no single instant, so it stands in no history.
func (p *player) transfer(s step) {
	src, dst := s.object%(objects-1), (s.object+1)%(objects-1)
	if s.kind == 'm' {
		p.v.Move(p.at.object(dst), p.at.object(src))
		return
	}
	if d, err := p.v.Copy(p.at.object(dst), p.at.object(src)); err == nil {
		p.at.attached(*d)
	}
}
