package shadow

import (
	"github.com/shadowvars/shadow/internal/atomic"
	"github.com/shadowvars/shadow/lockfree"
)

// freeAll ends all variables of the class, and returns how many its own sweep ended.
func (c *class) freeAll() int {
	e := atomic.Hold(c.epoch.Load())
	defer atomic.Keep(e)
	if e.closed || !e.slab.Used() {
		// LP(FreeAll of an empty class): the look at Used. No slot was claimed yet, so nothing was attached in e; and if e is no
		// longer the class's epoch, another FreeAll emptied the class since we loaded it.
		return 0
	}
	return c.replaceEpoch(e, c.newEpoch())
}

// close ends all variables and lets nothing be attached any more. The last epoch is swept by who calls close; anybody may have sealed the class before.
func (c *class) close() int {
	if e := c.seal().last.Swap(nil); e != nil {
		return c.endEpoch(e)
	}
	return 0
}

// seal puts the closed epoch in place, if it is not, and returns it. Anybody may do it for a class without handles, and New does before it opens
// another class of the id: the old one must be empty by then, also if who closed it has stopped.
func (c *class) seal() *epoch {
	for {
		e := atomic.Hold(c.epoch.Load())
		if e.closed {
			atomic.Keep(e)
			return e
		}
		next := c.closedEpoch()
		next.last.Store(e)
		e.end()
		// LP(Close): this swap, as in FreeAll.
		sealed := c.epoch.CompareAndSwap(e, next)
		atomic.Keep(e)
		if sealed {
			return next
		}
	}
}

// replaceEpoch empties the class if e is its epoch. If it is not, somebody else emptied the class since e was loaded.
func (c *class) replaceEpoch(e, next *epoch) (ended int) {
	// LP(FreeAll): this swap. Whoever loads the epoch after it finds an empty slab and a class number that is in no word of
	// the table; whoever loaded it before counts as having come before.
	e.end()
	if !c.epoch.CompareAndSwap(e, next) {
		c.space.numbers.putBack(next.number)
		c.settle(next.tally)
		return 0
	}
	return c.endEpoch(e)
}

// endEpoch sweeps an epoch that was replaced and gives its number back, also if a destructor panics.
func (c *class) endEpoch(e *epoch) int {
	defer c.retire(e)
	return c.sweep(e)
}

// sweep ends what is still attached in e. Destructors run as it goes; whatever one of them does, the rest is ended and destroyed too.
func (c *class) sweep(e *epoch) (ended int) {
	var s sweeper
	rest := func() {
		e.slab.Range(func(index uint32, p pointer) bool {
			if o, ok := c.end(e, index, p, c.address(p), e.sealed()); ok {
				ended++
				s.destroy(c, o, p)
			}
			return true
		})
	}
	defer s.finish(rest)
	rest()
	return ended
}

// sweeper runs destructors one after the other, and stops for none.
type sweeper struct {
	panicked bool
	first    any
	cut      bool // a destructor is running, or has ended by Goexit
}

// destroy runs one destructor.
func (s *sweeper) destroy(c *class, o object, p pointer) {
	s.run(func() { c.destroyData(o, p) })
}

// run calls f and keeps the first panic for later.
func (s *sweeper) run(f func()) {
	s.cut = true
	defer func() {
		r := recover()
		if r == nil {
			return // f has ended, or exits its goroutine
		}
		s.cut = false
		if !s.panicked {
			s.panicked, s.first = true, r
		}
	}()
	f()
	s.cut = false
}

// finish, deferred, goes on with the rest if a destructor's Goexit has cut it short (each time at least one variable
// further), and then lets the first panic go on.
func (s *sweeper) finish(rest func()) {
	if s.cut && rest != nil {
		s.cut = false
		defer s.finish(rest)
		rest()
		return
	}
	if s.panicked {
		panic(s.first)
	}
}

// freeFunc ends the variables for which f is true.
func (c *class) freeFunc(f func(o object, data pointer) bool) (ended int) {
	g := c.enter()
	defer g.leave()
	var s sweeper
	defer s.finish(nil)
	g.e.slab.Range(func(index uint32, p pointer) bool {
		o, addr, present := c.meet(g.e, index, p)
		if !present || !f(o, p) {
			return true
		}
		// It is ended where f was asked about it: should f, or anybody meanwhile, have moved it to another parent, it is another's.
		if o, ok := c.end(g.e, index, p, addr, g.e.dead()); ok {
			ended++
			s.destroy(c, o, p)
		}
		return true
	})
	return ended
}

// newEpoch makes an epoch with a number of its own.
func (c *class) newEpoch() *epoch {
	e := c.makeEpoch(c.space.numbers.take(), false)
	e.tally = c.ledger.open()
	return e
}

// closedEpoch makes an epoch in which nothing is ever attached, so all of them share a number that is in no word.
func (c *class) closedEpoch() *epoch { return c.makeEpoch(closedNumber, true) }

func (c *class) makeEpoch(number uint32, closed bool) *epoch {
	e := &epoch{number: number, closed: closed, salt: lockfree.Salt(number), tag: lockfree.Tag(number, lockfree.Value)}
	e.slab.Init(c.layout)
	return e
}
