//go:build explore

package shadow

import (
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"unsafe"

	"github.com/shadowvars/shadow/alloc"
	"github.com/shadowvars/shadow/internal/atomic"
	"github.com/shadowvars/shadow/internal/explore"
	"github.com/shadowvars/shadow/internal/hooks"
	"github.com/shadowvars/shadow/internal/parent"
	"github.com/shadowvars/shadow/lockfree"
)

// The explorations run the real classes over the real table and slabs, all of them with their constants shrunk: tables of two slots, one variable a
// segment, segment numbers that return with the next collection. A program has one column per thread, its words one after the other; digit N is the
// pair that it is about: 0 and 1 are two objects in one class, 2 and 3 the same two in another class.
//
//	aN oN   Alloc, GetOrAlloc                         gN tN   Get, Take        fN  Free      iN  FreeIf of what this thread's last attachment or Get saw
//	xN eN yN  AllocFunc: succeeds, fails, panics      uN vN   GetOrAllocFunc: succeeds, fails
//	mN      Move to N from the other object           l       All and Len      q   FreeFunc of all
//	F F2    FreeAll of the first, the second class    C       Close
//	r w     Reap, the reaper's walk                   D       destroys what the reaper has queued
//	c p     a collection; Purge of the table
//	dN      object N dies and a new one gets its address; only in a thread that alone uses N
//
// Histories are checked against both classes as a whole: FreeAll is one operation on all pairs, a death empties those of its object. In the end every
// variable must be there, or have been taken once, or destroyed once, and table and slabs must be sound.

// homes are the numbers of homes that the table's hash leads to when programs run: with the first all pairs have one, with the second as many as there is room for.
var homes = []uintptr{1, 1 << 30}

// fakeObject is an address that is no memory. The pairs 0 and 2 are of one object, and so are 1 and 3.
func fakeObject(n uint8) object {
	// Safety: a fake address, which nobody follows: under exploration parents are not looked at.
	return object{pointer: unsafe.Add(nil, 0x10000*(int(n&1)+1))}
}

// fates counts how often each tag was destroyed or taken.
type fates [256]uint8

// exploration is what the threads of one run share.
type exploration struct {
	w       *explore.World
	h       *explore.History[classState, event]
	space   *Space
	classes [2]*class
	fates   fates
	born    [256]bool // tags whose attachment was reported as a success
	tags    []uint64  // that were made
	threads []*thread
	large   bool // the program has more than a few words
	sized   bool // slots have two sizes, used by turns
}

// newExploration makes classes as New does, but opened by nobody, so that no reaper of its own wakes up.
func newExploration(w *explore.World, h *explore.History[classState, event], p program, both bool) *exploration {
	x := &exploration{w: w, h: h, sized: p.sized}
	x.space = newSpace(new(SpaceOptions), hooks.NewTable(2, max(p.homes, 1)).(*lockfree.Table), lockfree.MaxClass+1)
	x.space.graves.digging.Store(true) // no goroutine digs: D does
	open := map[ID]*class{}
	for i := range x.classes {
		if i > 0 && !both {
			break
		}
		o := &opening{
			space:    x.space,
			identity: identity{id: ID(i), lifetime: p.lifetime, object: reflect.TypeFor[uint64](), data: reflect.TypeFor[uint64]()},
			extent:   8, data: reflect.TypeFor[uint64](), shape: sameShape(p),
		}
		c := o.build()
		destroy := destructor(func(o object, p pointer) {
			atomic.PlainRead(as[uint64](p))
			x.destroyed(c, o, *as[uint64](p), p)
		})
		c.destroy.Store(&destroy)
		explore.Root(w, c.epoch.Load)
		alloc.Reachable(w, func() *alloc.Slab { return &c.epoch.Load().slab })
		x.classes[i], open[ID(i)] = c, c
	}
	if !both {
		x.space.classes.Store(&registry{open: open}) // with two, the reaper would walk them in a random order
	}
	return x
}

// destroyed is the destructor of class c.
func (x *exploration) destroyed(c *class, o object, tag uint64, p pointer) {
	x.fates[tag]++
	running := x.w.Running()
	if running < 0 {
		return
	}
	addr := o.address()
	if addr == 0 {
		addr = c.address(p)
	}
	for n := range uint8(2) {
		if fakeObject(n).address() == addr {
			t := x.threads[running+1] // behind the one that sets up
			t.freed = append(t.freed, ending{uint8(c.identity.id)*2 + n, tag})
		}
	}
}

// thread runs the words of one column.
type thread struct {
	x     *exploration
	id    uint8
	tag   uint64
	seen  [cells]*uint64
	now   byte // the word that is running
	ended bool
	freed []ending // what it destroyed in this word
}

// ending is the end of one variable.
type ending struct {
	cell uint8
	tag  uint64
}

func (x *exploration) thread(id uint8) *thread {
	t := &thread{x: x, id: id, tag: uint64(id) * 40}
	x.threads = append(x.threads, t)
	return t
}

func (t *thread) run(words []string) {
	for _, word := range words {
		e := event{kind: word[0]}
		if len(word) > 1 {
			e.cell = word[1] - '0'
		}
		t.now, t.freed = e.kind, t.freed[:0]
		t.do(e)
	}
	t.ended = true
}

// class is that of a cell.
func (t *thread) class(cell uint8) *class { return t.x.classes[cell/2] }

func (t *thread) attaching(cell uint8) attach {
	c := t.class(cell)
	a := attach{c: c, of: c, op: "explored", o: fakeObject(cell)}
	if t.x.sized {
		a.size = int(t.tag % 2)
	}
	return a
}

// attachExplored is Alloc and GetOrAlloc: as Var has them, or with steps from the beginning in the steps that they take where there is more to it, which are those of Bytes.
func attachExplored(a *attach, steps bool, data *uint64, waits bool) (*uint64, bool, error) {
	if steps {
		return attachInSteps(a, data, waits)
	}
	return attachCopy(a.c, a.of, a.op, a.o, data, waits)
}

func (t *thread) newTag() uint64 {
	t.tag++
	t.x.tags = append(t.x.tags, t.tag)
	return t.tag
}

// saw notes that p is what is attached to a cell and returns its tag.
func (t *thread) saw(cell uint8, p *uint64) uint64 {
	if p == nil {
		return 0
	}
	t.seen[cell] = p
	return t.read(cell, p)
}

// read returns the tag of p, which is attached to a cell.
func (t *thread) read(cell uint8, p *uint64) uint64 {
	atomic.PlainRead(p)
	if *p == 0 {
		t.x.w.Fail(fmt.Errorf("pair %d was seen before it was built", cell))
	}
	return *p
}

func (t *thread) do(e event) {
	c, h := t.class(e.cell), t.x.h
	switch e.kind {
	case 'r':
		if c.lifetime != Collected {
			return
		}
		c.reap(func(c *class, p pointer) { c.destroyData(object{}, p) })
	case 'w':
		t.x.space.walk()
	case 'D':
		t.x.space.graves.empty()
	case 'c':
		t.x.w.Collect()
	case 'p':
		c.table.Purge()
	case 'x', 'e', 'y', 'u', 'v':
		t.construct(e)
	case 'm':
		t.move(e.cell)
	case 'l':
		t.walk(c, e.cell, false)
	case 'q':
		t.walk(c, e.cell, true)
	case isDeath:
		t.die(e)
	default:
		switch e.kind {
		case isAlloc, isGetOrAlloc:
			e.in = t.newTag()
		case isFreeIf:
			if p := t.seen[e.cell]; p != nil {
				e.in = *p
			}
		}
		h.Do(e, t.perform)
	}
}

// perform does what one event is enough for.
func (t *thread) perform(e *event) {
	c, o := t.class(e.cell), fakeObject(e.cell)
	switch e.kind {
	case isAlloc, isGetOrAlloc:
		// GetOrAlloc is a Get, and this if that finds nothing; nothing here relies on what the Get found.
		in := e.in
		a := t.attaching(e.cell)
		p, loaded, err := attachExplored(&a, t.x.sized, &in, e.kind == isGetOrAlloc)
		e.ok, e.out = err == nil, t.saw(e.cell, p)
		t.x.born[e.in] = e.ok && !loaded
	case isGet:
		e.out = t.saw(e.cell, as[uint64](c.get(o.pointer)))
	case isFree:
		e.ok = c.free(o, nil)
	case isFreeIf:
		if p := t.seen[e.cell]; p != nil {
			e.ok = c.free(o, erase(p))
		}
	case isTake:
		if p := as[uint64](c.take(o)); p != nil {
			e.out = t.read(e.cell, p)
			t.x.fates[e.out]++
		}
	case isFreeAll, isClose:
		end := c.freeAll
		if e.kind == isClose {
			end = c.close
		}
		if n := end(); t.id != 1 && n != len(t.freed) {
			t.x.w.Fail(fmt.Errorf("%c returned %d and destroyed %d", e.kind, n, len(t.freed)))
		}
	default:
		panic("no such word: " + string(e.kind))
	}
}

// die lets an object die and gives its address to another one: all pairs of the object are empty then.
func (t *thread) die(e event) {
	h, o := t.x.h, fakeObject(e.cell)
	first, second := e, e
	first.cell, second.cell = e.cell&1, e.cell|2
	a, b := h.Begin(first), h.Begin(second)
	parent.Die(o.address())
	parent.NewFake(o.address())
	h.End(a, first)
	h.End(b, second)
	t.seen[first.cell], t.seen[second.cell] = nil, nil
}

var errExplored = errors.New("the constructor fails")

// construct runs AllocFunc or GetOrAllocFunc as two events: the pair is reserved before the constructor runs; what comes of it becomes visible at
// any later time, even, to who began before a FreeAll during the constructor, at one before that.
func (t *thread) construct(e event) {
	h, word := t.x.h, e.kind
	fails := word != 'x' && word != 'u'
	e.by, e.in = t.id, t.newTag()
	reserve, publish := e, e
	reserve.kind, publish.kind = isReserve, isPublish
	if fails {
		publish.kind = isGiveUp
	}
	first, second := h.Begin(reserve), h.Begin(publish)
	a := t.attaching(e.cell)
	p, loaded, err := guarded(func() (pointer, bool, error) {
		return a.construct(func(p pointer) error {
			reserve.ok = true
			h.End(first, reserve)
			switch {
			case word == 'y':
				panic(errExplored)
			case fails:
				return errExplored
			}
			atomic.PlainWrite(as[uint64](p))
			*as[uint64](p) = e.in
			return nil
		}, word == 'u' || word == 'v')
	})
	tag := t.saw(e.cell, as[uint64](p))
	t.x.born[e.in] = reserve.ok && err == nil
	if !reserve.ok {
		publish.kind = isNothing
		if loaded {
			reserve.kind, reserve.out = isLoaded, tag
		}
		h.End(first, reserve)
	}
	h.End(second, publish)
}

// guarded turns the constructor's panic into its error.
func guarded(f func() (pointer, bool, error)) (p pointer, loaded bool, err error) {
	defer func() {
		if r := recover(); r == errExplored {
			err = errExplored
		} else if r != nil {
			panic(r)
		}
	}()
	return f()
}

// move moves to a cell from the other object's of the class.
func (t *thread) move(dst uint8) {
	h := t.x.h
	e := event{cell: dst, other: dst ^ 1, by: t.id}
	reserve, detach, attach := e, e, e
	reserve.kind, detach.kind, attach.kind = isMoveReserve, isMoveDetach, isMoveAttach
	ids := [3]int{h.Begin(reserve), h.Begin(detach), h.Begin(attach)}
	a := t.attaching(dst)
	p, err := a.move(fakeObject(e.other))
	tag := t.saw(dst, as[uint64](p))
	switch {
	case err == nil:
		reserve.ok, detach.out, attach.out = true, tag, tag
	case errors.Is(err, ErrAbsent):
		detach.kind, attach.kind = isMoveAbsent, isMoveGiveUp
	case errors.Is(err, ErrExists):
		reserve.kind, detach.kind, attach.kind = isMoveExists, isMoveExists, isMoveExists
	case errors.Is(err, ErrClosed):
		reserve.kind, detach.kind, attach.kind = isGet, isGet, isGet // closed: nothing is there
	default:
		t.x.w.Fail(err)
	}
	for i, e := range [3]event{reserve, detach, attach} {
		h.End(ids[i], e)
	}
}

// often is how many variables of one pair a walk may meet: each word of another thread attaches one at most. In large programs it is more.
const often = 4

func (x *exploration) often() int {
	if x.large {
		return 2 * often
	}
	return often
}

// walk runs All, or FreeFunc of everything. Each variable is looked at, or freed, at an instant of its own; a pair of which nothing is
// met was absent at some instant, because otherwise its variable was attached throughout.
func (t *thread) walk(c *class, cell uint8, frees bool) {
	h := t.x.h
	first, _ := cellsOf(cell)
	often := t.x.often()
	ids := make([]int, 2*often)
	for i := range ids {
		e := event{kind: isNothing, cell: first + uint8(i/often)}
		if frees {
			e.kind = isFree // if it is suspended it may have freed whatever there was
		}
		ids[i] = h.Begin(e)
	}
	met := t.meet(c, first, frees)
	for i, id := range ids {
		e := event{kind: isGet, cell: first + uint8(i/often)}
		of := met[i/often]
		switch at := i % often; {
		case at < len(of) && frees:
			e.kind, e.in, e.ok = isFreeIf, of[at], true
		case at < len(of):
			e.out = of[at]
		case len(of) > 0:
			e.kind = isNothing
		}
		h.End(id, e)
	}
}

// meet returns the tags that All yields, or FreeFunc frees, of the pairs of a class.
func (t *thread) meet(c *class, first uint8, frees bool) (met [2][]uint64) {
	note := func(cell uint8, tag uint64) {
		of := &met[cell-first]
		if slices.Contains(*of, tag) || len(*of) == t.x.often() {
			t.x.w.Fail(fmt.Errorf("tag %d of pair %d is met once more, after %v", tag, cell, *of))
		}
		*of = append(*of, tag)
	}
	if frees {
		n := c.freeFunc(func(object, pointer) bool { return true })
		if n != len(t.freed) {
			t.x.w.Fail(fmt.Errorf("FreeFunc returned %d and destroyed %d", n, len(t.freed)))
		}
		for _, e := range t.freed {
			note(e.cell, e.tag)
		}
		return met
	}
	c.each(func(o object, p pointer) bool {
		addr := o.address()
		if c.lifetime == Manual {
			addr = c.address(p)
		}
		for n := range uint8(2) {
			if fakeObject(n).address() == addr {
				note(first+n, t.read(first+n, as[uint64](p)))
			}
		}
		return true
	})
	c.len()
	return met
}

// finish is what must hold in the end; kills says that a thread may have been suspended for ever.
func (x *exploration) finish(kills bool) error {
	if err := x.waiting(); err != nil {
		return err
	}
	var left fates
	live := 0
	clear(x.threads[0].seen[:])
	for _, c := range x.classes {
		if c == nil {
			continue
		}
		for n := range uint8(2) {
			last := x.threads[0]
			cell := uint8(c.identity.id)*2 + n
			x.h.Do(event{kind: isGet, cell: cell}, last.perform)
			if p := last.seen[cell]; p != nil {
				left[*p]++
				live++
				continue
			}
			// What looks absent can be attached to: nobody has forgotten a reservation.
			e := event{kind: isAlloc, cell: cell, in: last.newTag()}
			x.h.Do(e, last.perform)
			if x.born[e.in] {
				left[e.in]++
				live++
			}
		}
	}
	if err := x.h.Check(); err != nil {
		return err
	}
	for _, c := range x.classes {
		if c != nil && c.lifetime == Collected {
			c.reap(func(c *class, p pointer) { c.destroyData(object{}, p) })
		}
	}
	x.space.graves.empty()
	for _, tag := range x.tags {
		n := x.fates[tag] + left[tag]
		if n > 1 || n == 0 && x.born[tag] && !kills || n == 1 && !x.born[tag] && !kills {
			return fmt.Errorf("the variable with tag %d, attached: %t, was destroyed or taken %d times, and %d are left", tag, x.born[tag], x.fates[tag], left[tag])
		}
	}
	if !kills {
		if err := x.figures(live); err != nil {
			return err
		}
	}
	return x.sane(!kills)
}

// figures checks the statistics of the classes at rest, when so many variables are left.
func (x *exploration) figures(left int) error {
	var attached, ended, live int
	for _, c := range x.classes {
		if c != nil {
			st := c.stats()
			attached += int(st.Attached)
			ended += int(st.Freed + st.Taken + st.Collected)
			live += st.Live
		}
	}
	var born, fates int
	for _, tag := range x.tags {
		if x.born[tag] {
			born++
		}
		fates += int(x.fates[tag])
	}
	if attached != born || ended != fates || live != left {
		return fmt.Errorf("the figures say %d attached, %d ended, %d live, and it was %d, %d, %d", attached, ended, live, born, fates, left)
	}
	return nil
}

// waiting sees who has not ended: the suspended thread, and those that wait in GetOrAlloc and GetOrAllocFunc for what it constructs.
func (x *exploration) waiting() error {
	others := 0
	for _, t := range x.threads {
		if !t.ended && !strings.ContainsRune("ouv", rune(t.now)) {
			others++
		}
	}
	if others > 1 {
		return fmt.Errorf("%d threads wait for ever, and not in GetOrAlloc", others)
	}
	return nil
}

// sane walks table and slabs.
func (x *exploration) sane(exact bool) error {
	if err := x.space.table.Check(exact); err != nil {
		return err
	}
	for _, c := range x.classes {
		if c == nil {
			continue
		}
		if err := c.epoch.Load().slab.Check(exact); err != nil {
			return err
		}
	}
	return nil
}

// program is one exploration: what runs before, and the columns of the threads.
type program struct {
	lifetime Lifetime
	homes    uintptr
	text     string
	sized    bool // slots have two sizes, as those of Bytes have more
}

// scenario is the scenario of a program. Explorations of many programs share the checker.
func (p program) scenario(c *explore.Checker[classState, event], kills bool) explore.Scenario {
	before, after, _ := strings.Cut(p.text, ";")
	setUp := strings.Fields(before)
	var columns [][]string
	for _, column := range strings.Split(after, "|") {
		columns = append(columns, strings.Fields(column))
	}
	both := strings.ContainsAny(p.text, "23")
	return func(w *explore.World) {
		parent.ResetFakes()
		for n := range uint8(2) {
			parent.NewFake(fakeObject(n).address())
		}
		x := newExploration(w, c.History(w), p, both)
		x.large = len(p.text) > 30
		x.thread(1).run(setUp)
		for i, column := range columns {
			t := x.thread(uint8(i) + 2)
			w.Go(func() { t.run(column) })
		}
		w.Check(func() error { return x.finish(kills) })
	}
}

// explore walks the schedules of a program. A thread that waits for the constructor of a suspended one waits for ever.
func (p program) explore(c *explore.Checker[classState, event], o explore.Options) explore.Report {
	o.Blocking = true
	return explore.Exhaust(o, p.scenario(c, o.Kill))
}
