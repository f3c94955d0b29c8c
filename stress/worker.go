package main

import (
	"errors"
	"math/rand/v2"
	"runtime"
	"sync/atomic"

	"github.com/shadowvars/shadow"
)

// family is two parents between which data moves. A family is replaced as a whole, so that the parents die.
type family struct {
	number  uint64
	parents [2]*parent
}

func (s *stress) newFamily() *family {
	n := s.families.Add(1)
	return &family{n, [2]*parent{{family: n}, {family: n}}}
}

// worker is one goroutine's share: parents of its own, about which it knows more than that the tag is right, and what it holds.
type worker struct {
	s      *stress
	random *rand.Rand
	weight [operations]int // how often this goroutine does what: swarms with different habits find more
	sum    int
	own    []*family
	held   holder
	known  map[ownPair]knowledge
	stale  map[*subject]held // of pairs of its own, ended
	count  int64             // operations
}

type ownPair struct {
	o *parent
	c *subject
}

// knowledge is what the worker knows of a pair of its own: what is attached, unless
// a sweep has begun since.
type knowledge struct {
	data held
	calm uint64
}

func (s *stress) newWorker(i int) *worker {
	w := &worker{s: s, random: rand.New(rand.NewPCG(s.options.seed, uint64(i))), known: map[ownPair]knowledge{}, stale: map[*subject]held{}}
	for i := range w.weight {
		w.weight[i] = usual[i] * (1 + w.random.IntN(8)) / 4
		w.sum += w.weight[i]
	}
	w.own = make([]*family, s.options.parents)
	for i := range w.own {
		w.own[i] = s.newFamily()
	}
	return w
}

const (
	opGet = iota
	opBatch
	opAlloc
	opAllocFunc
	opGetOrAlloc
	opGetOrAllocFunc
	opFree
	opFreeIf
	opTake
	opMove
	opReplace
	opIterate
	opFreeAll
	opFreeFunc
	opFreeObject
	opReopen
	opLook
	operations
)

// usual are the weights from which every worker's own are drawn.
var usual = [operations]int{
	opGet: 2000, opBatch: 100, opAlloc: 800, opAllocFunc: 200, opGetOrAlloc: 600, opGetOrAllocFunc: 200,
	opFree: 500, opFreeIf: 150, opTake: 150, opMove: 200, opReplace: 150,
	opIterate: 4, opFreeAll: 4, opFreeFunc: 4, opFreeObject: 40, opReopen: 4, opLook: 40,
}

// work is one round.
func (w *worker) work(stop *atomic.Bool) {
	for !stop.Load() && !w.s.ledger.full() {
		w.step()
		w.count++
	}
}

func (w *worker) step() {
	pick := w.random.IntN(w.sum)
	op := 0
	for ; pick >= w.weight[op]; op++ {
		pick -= w.weight[op]
	}
	c := w.s.subjects[w.random.IntN(len(w.s.subjects))]
	switch op {
	case opReplace:
		w.replace()
	case opIterate:
		w.iterate(c)
	case opFreeAll:
		w.freeAll(c)
	case opFreeFunc:
		w.freeFunc(c)
	case opReopen:
		w.reopen(c)
	case opLook:
		w.held.look(w.s)
	default:
		f, own := w.family(c)
		w.pair(op, c, f, w.random.IntN(2), own)
	}
}

// family chooses a family: one of the worker's own, or a shared one. Parents of the transient shared ones may be dropped by anybody
// at any time, so nothing Manual is attached to them.
func (w *worker) family(c *subject) (f *family, own bool) {
	switch pick := w.random.IntN(4); {
	case pick < 2:
		return w.own[w.random.IntN(len(w.own))], true
	case pick == 2 && c.lifetime != shadow.Manual:
		return w.s.transient[w.random.IntN(len(w.s.transient))].Load(), false
	}
	return w.s.permanent[w.random.IntN(len(w.s.permanent))].Load(), false
}

// pair does one operation on one pair.
func (w *worker) pair(op int, c *subject, f *family, i int, own bool) {
	o := f.parents[i]
	switch op {
	case opGet:
		h := w.get(c, o)
		if own {
			w.compare(ownPair{o, c}, h)
		}
	case opBatch:
		w.batch(c)
	case opAlloc, opAllocFunc, opGetOrAlloc, opGetOrAllocFunc:
		w.attach(op, c, o, own)
	case opFree:
		freed := c.api().free(o)
		w.s.freed(c, count(freed))
		w.ended(c, o, own, freed)
	case opFreeIf:
		w.freeIf(c, o, own)
	case opTake:
		h := c.api().takeOff(o)
		w.ended(c, o, own, h != nil)
		if h != nil {
			c.taken.Add(1)
			w.s.wrong(c, h.tag(), w.s.ledger.take(h.tag().incarnation))
			w.see(c, o, h, 0)
		}
	case opMove:
		w.move(c, f, i, own)
	case opFreeObject:
		w.freeObject(o, own)
	}
}

// freeIf frees what it has just found, and does not free if it asks with data that has ended.
func (w *worker) freeIf(c *subject, o *parent, own bool) {
	if old := w.stale[c]; old != nil && !c.bytes && c.api().freeIf(o, old) {
		w.s.violate("%s: FreeIf with the ended data %+v freed something", c.name, old.tag())
	}
	if h := w.get(c, o); h != nil {
		w.s.freed(c, count(c.api().freeIf(o, h)))
		// If it failed on a pair of our own, a sweep came between; there is nothing then either.
		w.ended(c, o, own, true)
	}
}

// get looks at a pair and at what is there.
func (w *worker) get(c *subject, o *parent) held {
	swept := c.swept.Load()
	h := c.api().get(o)
	if h != nil {
		w.see(c, o, h, swept)
	}
	return h
}

// see checks data found attached to o and holds on to it.
func (w *worker) see(c *subject, o *parent, h held, swept uint64) {
	r := h.tag()
	switch {
	case !r.valid():
		w.s.violate("%s: broken tag %+v", c.name, r)
	case r.family != o.family:
		w.s.violate("%s: a parent of family %d has data of family %d", c.name, o.family, r.family)
	default:
		w.s.wrong(c, r, w.s.ledger.see(r.incarnation, swept))
	}
	w.held.keep(h, r, w.random.Uint64(), w.s)
}

// compare holds what Get found on a pair of our own against what we know.
func (w *worker) compare(p ownPair, h held) {
	k := w.known[p]
	switch {
	case h != nil && k.data == nil:
		w.s.violate("%s: %+v on a pair to which its only user attached nothing", p.c.name, h.tag())
	case h != nil && h.tag() != k.data.tag():
		w.s.violate("%s: the pair's only user attached %+v and found %+v", p.c.name, k.data.tag(), h.tag())
	case h == nil && w.sure(p):
		w.s.violate("%s: the pair's only user attached %+v and found nothing", p.c.name, k.data.tag())
	case h == nil:
		delete(w.known, p)
	}
}

// sure tells whether we know that there is data on a pair of our own: we attached it, and no sweep has begun since.
func (w *worker) sure(p ownPair) bool {
	k := w.known[p]
	return k.data != nil && p.c.begun.Load() == k.calm
}

// ended notes that a pair is now empty, and whether this very operation has emptied it.
func (w *worker) ended(c *subject, o *parent, own, found bool) {
	if !own {
		return
	}
	p := ownPair{o, c}
	switch {
	case found && w.known[p].data == nil:
		w.s.violate("%s: ended a variable of a pair to which its only user attached nothing", c.name)
	case !found && w.sure(p):
		w.s.violate("%s: nothing to end on a pair whose only user attached %+v", c.name, w.known[p].data.tag())
	}
	if k := w.known[p]; found && k.data != nil {
		w.stale[c] = k.data
	}
	delete(w.known, p)
}

// began notes that h is now attached to a pair, and whether this very operation has attached it.
func (w *worker) began(c *subject, o *parent, own, found bool, h held, calm uint64) {
	if !own {
		return
	}
	p := ownPair{o, c}
	switch k := w.known[p]; {
	case found && k.data == nil:
		w.s.violate("%s: %+v was there on a pair to which its only user attached nothing", c.name, h.tag())
	case !found && w.sure(p):
		w.s.violate("%s: attached %+v to a pair whose only user had attached %+v", c.name, h.tag(), k.data.tag())
	}
	w.known[p] = knowledge{h, calm}
}

func (w *worker) batch(c *subject) {
	swept := c.swept.Load()
	objects := make([]*parent, 1+w.random.IntN(20))
	for i := range objects {
		f, _ := w.family(c)
		objects[i] = f.parents[w.random.IntN(2)]
	}
	for i, h := range c.api().batch(objects) {
		if h != nil {
			w.see(c, objects[i], h, swept)
		}
	}
}

var errConstructor = errors.New("the constructor failed")

// attach tries to attach.
func (w *worker) attach(op int, c *subject, o *parent, own bool) {
	n, ok := w.s.ledger.draw()
	if !ok {
		return
	}
	r := newRecord(o.family, n)
	swept, calm := c.swept.Load(), c.calm()
	h, loaded, err := w.call(op, c.api(), o, r)
	switch {
	case err == nil && !loaded:
		c.attached.Add(1)
		w.s.wrong(c, r, w.s.ledger.attach(n, c.begun.Load()))
		if h.tag() != r {
			w.s.violate("%s: attached %+v, got %+v", c.name, r, h.tag())
		}
		w.see(c, o, h, 0)
		w.began(c, o, own, false, h, calm)
	case err == nil:
		w.s.wrong(c, r, w.s.ledger.refuse(n))
		w.see(c, o, h, swept)
		w.began(c, o, own, true, h, calm)
	default:
		w.s.wrong(c, r, w.s.ledger.refuse(n))
		w.judge(c, err, op == opAlloc || op == opAllocFunc)
		if own && errors.Is(err, shadow.ErrExists) && w.known[ownPair{o, c}].data == nil {
			w.s.violate("%s: %v, but its only user attached nothing", c.name, err)
		}
	}
}

// call is the call of one of the attaching methods.
func (w *worker) call(op int, a api, o *parent, r record) (h held, loaded bool, err error) {
	switch op {
	case opAlloc:
		h, err = a.alloc(o, r)
	case opAllocFunc:
		h, err = w.protected(func() (held, error) { return a.allocFunc(o, w.constructor(r)) })
	case opGetOrAlloc:
		h, loaded, err = a.getOrAlloc(o, r)
	case opGetOrAllocFunc:
		h, err = w.protected(func() (h held, err error) {
			h, loaded, err = a.getOrAllocFunc(o, w.constructor(r))
			return h, err
		})
	}
	return h, loaded, err
}

// judge allows the errors that can be.
func (w *worker) judge(c *subject, err error, exclusive bool) {
	switch {
	case errors.Is(err, errConstructor):
	case errors.Is(err, shadow.ErrExists) && exclusive:
	case errors.Is(err, shadow.ErrClosed) && c.reopens:
	default:
		w.s.violate("%s: %v", c.name, err)
	}
}

// constructor succeeds more often than not; sometimes it is slow.
func (w *worker) constructor(r record) func() (record, error) {
	pick := w.random.IntN(32)
	return func() (record, error) {
		w.s.lot.brieflyAt("a constructor")
		switch {
		case pick == 0:
			return r, errConstructor
		case pick == 1:
			panic(errConstructor)
		case pick < 8:
			runtime.Gosched()
		}
		return r, nil
	}
}

// protected turns a constructor's panic into its error; any other panic goes on.
func (w *worker) protected(f func() (held, error)) (h held, err error) {
	defer func() {
		switch r := recover(); r {
		case nil:
		case errConstructor:
			h, err = nil, errConstructor
		default:
			panic(r)
		}
	}()
	return f()
}

// move moves data from one parent of a family to the other.
func (w *worker) move(c *subject, f *family, from int, own bool) {
	src, dst := f.parents[from], f.parents[1-from]
	calm := c.calm()
	h, err := c.api().move(dst, src)
	switch {
	case err == nil:
		w.see(c, dst, h, 0)
		w.ended(c, src, own, true)
		delete(w.stale, c) // it has not ended
		w.began(c, dst, own, false, h, calm)
	case errors.Is(err, shadow.ErrAbsent):
		if !c.bytes {
			w.ended(c, src, own, false)
		}
	default:
		w.judge(c, err, true)
	}
}
