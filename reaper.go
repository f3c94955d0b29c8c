package shadow

import (
	"runtime"
	"weak"

	"github.com/shadowvars/shadow/internal/atomic"
)

// reaper finds the dead parents of Collected variables. It is no goroutine: after each collection cycle one starts, walks, and ends.
//
// # States
//
//	off      no Collected class is open, or the space is gone
//	armed    a sentinel object exists that nothing refers to; its cleanup starts the next walk
//	walking  a goroutine walks the live slots of the Collected classes
//
// # Transitions
//
//	off → armed          arm, when a Collected class is opened
//	armed → walking      the sentinel was collected; a walk arms the next sentinel before it looks at anything
//	walking → armed      the walk ends
//	armed → off          the sentinel was collected, and no Collected class is open or the space is unreachable
//
// # When a death is seen
//
// The collection that finds the parent dead zeroes its handle when it sweeps it, which is over before the next collection
// starts. A sentinel armed before that next collection starts a walk during it; one armed after it has started belongs to a walk
// that began after the sweep was over. Either way a walk that begins after the handle is zero begins no later than
// the end of the second collection.
type reaper struct {
	classes atomic.Int64 // open Collected classes
	armed   atomic.Bool
	walks   atomic.Int64 // walks asked for and not done: one at a time walks for all
}

// sentinel is what the collector finds dead once per cycle. It is big enough to have a block of its own.
type cycleSentinel struct{ _ [4]uintptr }

// watch is called when a Collected class is opened.
func (s *Space) watch() {
	s.reaper.classes.Add(1)
	s.arm()
}

// arm makes sure that a walk follows the next collection.
func (s *Space) arm() {
	if s.reaper.classes.Load() == 0 || !s.reaper.armed.CompareAndSwap(false, true) {
		return
	}
	runtime.AddCleanup(new(cycleSentinel), func(w weak.Pointer[Space]) {
		if s := w.Value(); s != nil {
			s.reaper.armed.Store(false)
			s.arm()
			// A goroutine of its own, because cleanups share theirs.
			go s.walk()
		}
	}, weak.Make(s))
}

// walk reaps, and again for every request that came while it did.
func (s *Space) walk() {
	if s.reaper.walks.Add(1) == 1 {
		s.walkOn()
	}
}

// walkOn reaps until nobody has asked for it since.
func (s *Space) walkOn() {
	for {
		asked := s.reaper.walks.Load()
		s.reap(s.destroyLater)
		if s.reaper.walks.Add(-asked) == 0 {
			return
		}
	}
}

// reap buries what belonged to dead parents, hands the data to destroy, and returns how much it was.
func (s *Space) reap(destroy func(*class, pointer)) (buried int) {
	for _, c := range *s.classes.Load() {
		if c.lifetime == Collected {
			buried += c.reap(destroy)
		}
	}
	return buried
}

func (c *class) reap(destroy func(*class, pointer)) (buried int) {
	g := c.enter()
	defer g.leave()
	g.e.slab.Range(func(index uint32, p pointer) bool {
		if c.bury(g.e, index, p) {
			buried++
			destroy(c, p)
		}
		return true
	})
	return buried
}

// graveyard holds the data of buried variables whose destructors are yet to run, in the background: a
// stack that any number push to and one goroutine at a time empties.
type graveyard struct {
	top     atomic.Pointer[grave]
	digging atomic.Bool
}

type grave struct {
	c    *class
	data pointer
	next *grave
}

func (y *graveyard) push(n *grave) {
	for {
		n.next = y.top.Load()
		if y.top.CompareAndSwap(n.next, n) {
			return
		}
	}
}

// putBack pushes the whole chain again.
func (y *graveyard) putBack(n *grave) {
	for n != nil {
		g := n
		n = n.next
		y.push(g)
	}
}

// destroyLater runs the destructor for data whose parent is dead. A panic in it ends the process.
func (s *Space) destroyLater(c *class, data pointer) {
	if c.destroy.Load() == nil {
		return
	}
	s.graves.push(&grave{c: c, data: data})
	if s.graves.digging.CompareAndSwap(false, true) {
		go s.graves.dig()
	}
}

// dig empties the graveyard; digging is set. After clearing it, it looks once more: who pushed before that saw it set and left it to us.
func (y *graveyard) dig() {
	for {
		y.empty()
		y.digging.Store(false)
		if y.top.Load() == nil || !y.digging.CompareAndSwap(false, true) {
			return
		}
	}
}

// empty runs the destructors of what is there. If one exits its goroutine, another digs on.
func (y *graveyard) empty() {
	n := y.top.Swap(nil)
	defer func() {
		if n != nil {
			y.putBack(n)
			go y.dig()
		}
	}()
	for n != nil {
		g := n
		n = n.next
		g.c.destroyData(object{}, g.data)
	}
}
