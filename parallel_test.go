package shadow

import (
	"errors"
	"flag"
	"fmt"
	"math/rand/v2"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/anishathalye/porcupine"
	"github.com/shadowvars/shadow/internal/hooks"
	"github.com/shadowvars/shadow/lockfree"
)

// Parallel runs of all operations of a class, many short ones: on a table of the smallest size that migrates all the while, with every
// lifetime, with objects that are dropped and replaced. With the clock on, every run is a history that must be linearizable; with the
// clock off, which orders what would otherwise race, only what must be true of the whole is checked.

var parallelTime = flag.Duration("parallel.for", 5*time.Second, "how long each test of parallel runs takes")

// lane returns the time of one of n lanes.
func lane(n int) time.Duration {
	if testing.Short() {
		return min(*parallelTime, time.Second) / time.Duration(n)
	}
	return *parallelTime / time.Duration(n)
}

// clock is the logical time of a run; it stands still if nothing is recorded.
type clock struct {
	now      atomic.Int64
	recorded bool
}

func (c *clock) tick() int64 {
	if !c.recorded {
		return 0
	}
	return c.now.Add(1)
}

// owner and datum are parents and data. The sum tells a datum that was half written.
type owner struct {
	number int
	_      [3]uint64
}

type datum struct{ tag, sum uint64 }

func newDatum(tag uint64) datum { return datum{tag, tag * 0x9e3779b97f4a7c15} }

// mostTags is how many tags one worker may use.
const mostTags = 1 << 12

// history is one run.
type history struct {
	clock     clock
	v         *Var[owner, datum]
	slots     []atomic.Pointer[owner]
	owners    atomic.Int64
	replaces  bool
	born      []atomic.Uint32 // by tag
	ended     []atomic.Uint32 // by tag: destroyed or taken
	freed     atomic.Int64    // what FreeAll, FreeIf and Free said that they ended, and Take
	destroyed atomic.Int64
	sweeps    atomic.Int64
	wrong     atomic.Pointer[string]
}

func (h *history) fail(format string, args ...any) {
	s := fmt.Sprintf(format, args...)
	h.wrong.CompareAndSwap(nil, &s)
}

// see checks what was found and returns its tag.
func (h *history) see(p *datum) uint64 {
	if p == nil {
		return 0
	}
	if *p != newDatum(p.tag) || p.tag == 0 {
		h.fail("found half-built data: %+v", *p)
		return 0
	}
	return p.tag
}

// hand does operations and records them.
type hand struct {
	h      *history
	id     uint8
	random *rand.Rand
	tag    uint64
	stale  *datum
	log    []porcupine.Operation
}

func (w *hand) record(e event, call, ret int64) {
	if w.h.clock.recorded {
		w.log = append(w.log, porcupine.Operation{ClientId: int(w.id) - 1, Input: e, Call: call, Return: ret})
	}
}

// errConstruct is the error of constructors that fail.
var errConstruct = errors.New("the constructor fails")

// step does one random operation.
func (w *hand) step(pick int) {
	h := w.h
	i := w.random.IntN(len(h.slots))
	o := h.slots[i].Load()
	if h.replaces && w.random.IntN(24) == 0 {
		h.slots[i].Store(&owner{number: int(h.owners.Add(1) - 1)})
		return
	}
	e := event{cell: uint8(o.number), by: w.id}
	call := h.clock.tick()
	switch pick {
	case 0, 1:
		e.kind, e.out = isGet, h.see(h.v.Get(o))
	case 2:
		// Has tells less than Get: of what is there, it is one of those that say no more.
		e.kind = isGet
		if h.v.Has(o) {
			return
		}
	case 3, 4:
		e.kind, e.in = isAlloc, w.newTag()
		d := newDatum(e.in)
		p, err := h.v.Alloc(o, &d)
		e.ok = w.attached(e.in, p, err)
	case 5, 6:
		e.kind, e.in = isGetOrAlloc, w.newTag()
		d := newDatum(e.in)
		p, loaded, err := h.v.GetOrAlloc(o, &d)
		e.ok, e.out = err == nil, h.see(p)
		if !loaded {
			w.attached(e.in, p, err)
		}
	case 7:
		w.construct(e, o, call, w.h.v.AllocFunc)
		return
	case 8:
		w.construct(e, o, call, func(o *owner, ctor func(*datum) error) (*datum, error) {
			p, _, err := h.v.GetOrAllocFunc(o, ctor)
			return p, err
		})
		return
	case 9, 10:
		e.kind, e.ok = isFree, h.v.Free(o)
		w.ended(e.ok)
	case 11:
		p := h.v.Get(o)
		if w.stale != nil && w.random.IntN(2) == 0 {
			p = w.stale
		}
		e.kind, e.in = isFreeIf, h.see(p)
		call = h.clock.tick()
		e.ok = h.v.FreeIf(o, p)
		w.ended(e.ok)
		w.stale = p
	case 12:
		p := h.v.Take(o)
		e.kind, e.out = isTake, h.see(p)
		if p != nil {
			w.h.ended[e.out].Add(1)
		}
	case 13, 14:
		w.move(o, h.slots[w.random.IntN(len(h.slots))].Load(), call)
		return
	default:
		if w.random.IntN(4) != 0 {
			return
		}
		e.kind = isFreeAll
		h.sweeps.Add(1)
		h.freed.Add(int64(h.v.FreeAll()))
	}
	w.record(e, call, h.clock.tick())
}

func (w *hand) newTag() uint64 { w.tag++; return w.tag }

// attached notes the result of an attachment of tag.
func (w *hand) attached(tag uint64, p *datum, err error) bool {
	switch {
	case err == nil:
		w.h.born[tag].Add(1)
		if w.h.see(p) != tag {
			w.h.fail("attached %d and got %d", tag, w.h.see(p))
		}
	case p != nil:
		w.h.fail("an attachment returned data and %v", err)
	}
	return err == nil
}

func (w *hand) ended(ok bool) {
	if ok {
		w.h.freed.Add(1)
	}
}

// construct records the reservation, which is over when the constructor begins, and what comes of it.
func (w *hand) construct(e event, o *owner, call int64, attach func(*owner, func(*datum) error) (*datum, error)) {
	h := w.h
	fails := w.random.IntN(4) == 0
	e.in = w.newTag()
	reserve, publish := e, e
	reserve.kind, publish.kind = isReserve, isPublish
	p, err := attach(o, func(d *datum) error {
		reserve.ok = true
		w.record(reserve, call, h.clock.tick())
		if w.random.IntN(2) == 0 {
			runtime.Gosched()
		}
		if fails {
			return errConstruct
		}
		*d = newDatum(e.in)
		return nil
	})
	ret := h.clock.tick()
	switch {
	case !reserve.ok && err == nil:
		reserve.kind, reserve.out = isLoaded, h.see(p)
		w.record(reserve, call, ret)
	case !reserve.ok:
		w.record(reserve, call, ret)
	case fails:
		publish.kind = isGiveUp
		w.record(publish, call, ret)
	default:
		w.attached(e.in, p, err)
		w.record(publish, call, ret)
	}
}

// move records the steps of a Move.
func (w *hand) move(dst, src *owner, call int64) {
	h := w.h
	e := event{cell: uint8(dst.number), other: uint8(src.number), by: w.id}
	p, err := h.v.Move(dst, src)
	ret := h.clock.tick()
	kinds, tag := [3]byte{isMoveReserve, isMoveDetach, isMoveAttach}, h.see(p)
	switch {
	case err == nil:
	case dst == src:
		return
	case errors.Is(err, ErrExists):
		kinds = [3]byte{isMoveExists}
	case errors.Is(err, ErrAbsent):
		kinds = [3]byte{isMoveReserve, isMoveAbsent, isMoveGiveUp}
	default:
		h.fail("Move: %v", err)
	}
	for _, kind := range kinds {
		if kind != 0 {
			e.kind, e.ok, e.out = kind, err == nil, tag
			w.record(e, call, ret)
		}
	}
}

// parallel says what a run is like.
type parallel struct {
	lifetime Lifetime
	hands    int
	steps    int
	slots    int
	replaces bool
	recorded bool
}

// run does one run and returns its history. What must be true of the whole has been checked.
func (p parallel) run(random *rand.Rand) ([]porcupine.Operation, int, error) {
	h := &history{
		slots: make([]atomic.Pointer[owner], p.slots), replaces: p.replaces,
		born: make([]atomic.Uint32, (p.hands+1)*mostTags), ended: make([]atomic.Uint32, (p.hands+1)*mostTags),
	}
	h.clock.recorded = p.recorded
	homes := [...]uintptr{1, 2, 0}[random.IntN(3)]
	space := newSpace(new(SpaceOptions), hooks.NewTable(0, homes).(*lockfree.Table), lockfree.MaxClass+1)
	h.v = MustNew(1, &Options[owner, datum]{Space: space, Lifetime: p.lifetime, Destroy: func(_ *owner, d *datum) {
		h.destroyed.Add(1)
		h.ended[h.see(d)].Add(1)
	}})
	for i := range h.slots {
		h.slots[i].Store(&owner{number: int(h.owners.Add(1) - 1)})
	}
	hands := make([]*hand, p.hands)
	for i := range hands {
		hands[i] = &hand{h: h, id: uint8(i + 1), random: rand.New(rand.NewPCG(random.Uint64(), 0)), tag: uint64(i) * mostTags}
	}
	p.together(h, space, hands)
	var log []porcupine.Operation
	for _, w := range hands {
		log = append(log, w.log...)
	}
	return log, int(h.owners.Load()), h.check(space)
}

// together lets all hands work, and the table migrate.
func (p parallel) together(h *history, space *Space, hands []*hand) {
	var stop atomic.Bool
	var workers, migrator sync.WaitGroup
	migrator.Go(func() {
		for !stop.Load() {
			space.table.Purge()
			if h.replaces {
				runtime.GC() // or no address would come back
			}
			runtime.Gosched()
		}
	})
	begin := make(chan struct{})
	for _, w := range hands {
		workers.Go(func() {
			<-begin
			for range p.steps {
				if h.replaces && h.owners.Load() > 200 {
					break
				}
				w.step(w.random.IntN(16))
			}
		})
	}
	close(begin)
	workers.Wait()
	stop.Store(true)
	migrator.Wait()
}

// check checks what must be true of a run as a whole, when nobody works any more: every variable ended once, or is there.
func (h *history) check(space *Space) error {
	left := map[uint64]int{}
	for i := range h.slots {
		if p := h.v.Get(h.slots[i].Load()); p != nil {
			left[h.see(p)]++
		}
	}
	if text := h.wrong.Load(); text != nil {
		return errors.New(*text)
	}
	if !h.replaces && h.v.Len() != len(left) {
		return fmt.Errorf("Len is %d, and %d are there", h.v.Len(), len(left))
	}
	if h.destroyed.Load() < h.freed.Load() || h.sweeps.Load() == 0 && !h.replaces && h.destroyed.Load() != h.freed.Load() {
		return fmt.Errorf("%d were freed, %d destroyed", h.freed.Load(), h.destroyed.Load())
	}
	for tag := range h.born {
		born, ended, here := h.born[tag].Load(), h.ended[tag].Load(), left[uint64(tag)]
		gone := h.replaces && ended == 0 // its parent was dropped
		if born > 1 || int(ended)+here > 1 || born == 0 && int(ended)+here > 0 || born == 1 && int(ended)+here == 0 && !gone {
			return fmt.Errorf("variable %d: attached %d times, ended %d times, found %d times", tag, born, ended, here)
		}
	}
	if h.replaces {
		return nil // background work may still be under way
	}
	if err := space.table.Check(true); err != nil {
		return err
	}
	return h.v.handle.of.epoch.Load().slab.Check(true)
}
