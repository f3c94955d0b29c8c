package shadow

import (
	"github.com/shadowvars/shadow/internal/parent"
	"github.com/shadowvars/shadow/lockfree"
)

// copyData is Copy: an Alloc at a.o of what is at src.
func copyData[T any](a *attach, src object) (*T, error) {
	if err := a.apart(src); err != nil {
		return nil, err
	}
	g := a.c.enter()
	_, _, p := a.c.find(g, src)
	g.leave()
	if p == nil {
		return nil, a.fail(ErrAbsent)
	}
	q, _, err := attachCopy(a.c, a.of, a.op, a.o, as[T](p), false)
	return q, err
}

// apart refuses what Copy and Move can refuse without a look at the table.
func (a *attach) apart(src object) error {
	switch {
	case a.o.pointer == nil:
		return a.fail(ErrNilObject)
	case a.c.epoch.Load().closed:
		return a.fail(ErrClosed)
	case a.o.pointer == src.pointer:
		return a.fail(ErrExists)
	}
	return nil
}

// move is Move: the variable of src, its slot and address unchanged, becomes dst's.
//
//	dst absent → building     reserves dst; nobody else can attach there. The word has the index of a slot that is reserved for it, so that
//	                          no two reservations have the same: who waits finds the one that he waits for
//	src present → absent      takes the variable off, as Free does: this decides against every other end of it
//	the slot's meta words     are dst's from here
//	dst building → present
//
// Between the second and the last step the variable is at neither. The goroutine holds both parents alive, so neither
// handle is dead meanwhile and the reaper lets the slot alone.
func (a *attach) move(src object) (pointer, error) {
	if err := a.apart(src); err != nil {
		return nil, err
	}
	c := a.c
	parent.Escape(a.o.pointer)
	if !a.enter() {
		if err := a.enterSlow(); err != nil {
			return nil, err
		}
	}
	w, at, p := c.find(a.guard, src)
	if p == nil {
		a.guard.leave()
		return nil, a.fail(ErrAbsent)
	}
	a.index, a.slot = a.guard.e.index(w), p
	err := a.admit()
	if err == nil && a.pointsIntoParent() {
		err = a.fail(ErrSelf)
	}
	if err == nil {
		err = a.relocate(src, w, at)
	}
	if err != nil {
		a.let()
		return nil, err
	}
	a.settle()
	return p, nil
}

// relocate takes the variable from src to a.o.
func (a *attach) relocate(src object, w lockfree.Word, at lockfree.Spot) error {
	c, e := a.c, a.guard.e
	token := e.slab.Reserve()
	defer e.discard(token)
	s := c.sites.add(a.o.key(), e.word(token, lockfree.Building))
	if err := a.reserveFree(s); err != nil {
		c.sites.finish(s)
		return err
	}
	if !c.table.ReplaceAt(at, src.key(), w, e.dead()) {
		a.mustReplace(s.word, e.dead())
		c.sites.finish(s)
		return a.fail(ErrAbsent)
	}
	if c.lifetime == Collected {
		e.setHandle(a.index, transit)
	}
	if c.dynamic != 0 {
		m := &moved{dynamic: a.o.dynamic, handle: a.handle}
		if c.lifetime == Pinned {
			m.pin = a.o.pointer
		}
		c.setMoved(a.slot, m)
	}
	c.point(e, a.index, a.slot, a.o, a.handle)
	// LP(Move): the table's replace at dst; the one at src, before, is where src becomes absent.
	a.mustReplace(s.word, w)
	c.sites.finish(s)
	return nil
}

// reserveFree makes the pair BUILDING if it is absent; ErrExists otherwise.
func (a *attach) reserveFree(s *site) error {
	c, e := a.c, a.guard.e
	for {
		w, inserted := c.table.InsertFrom(a.from, a.o.key(), s.word)
		if inserted {
			return nil
		}
		if w.State() == lockfree.Nil {
			return a.fail(ErrAbsent) // FreeAll has ended all there was, src's too
		}
		if w.State() == lockfree.Building {
			return a.fail(ErrExists)
		}
		if q := c.met(e, a.guard.d, w, a.o); q != nil {
			return a.fail(ErrExists)
		}
	}
}
