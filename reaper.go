package shadow

import (
	"math/bits"
	"time"
	"weak"

	"github.com/shadowvars/shadow/alloc"
	"github.com/shadowvars/shadow/internal/atomic"
)

// reaper finds the dead parents of Collected variables. It is no goroutine: after each collection cycle one starts, walks, and ends.
//
// # States
//
//	off      no Collected class is open, or the space is gone
//	armed    the next collection will start a walk: a sentinel object exists that nothing refers to
//	walking  a goroutine walks the live slots of the Collected classes
//
// # Transitions
//
//	off → armed          arm, whenever a Collected class is opened
//	armed → walking      after the collection; the next is waited for before the walk looks at anything
//	walking → armed      the walk ends
//	armed → off          after the collection, if no Collected class is open or the space is unreachable
//
// # When a death is seen
//
// The collection that finds the parent dead zeroes its handle when it sweeps it, which is over before the next collection
// starts. A sentinel armed before that next collection starts a walk during it; one armed after it has started belongs to a walk
// that began after the sweep was over. Either way a walk that begins after the handle is zero begins no later than
// the end of the second collection.
type reaper struct {
	armed atomic.Pointer[atomic.Collection] // until it is over, a walk will follow it
	walks atomic.Int64                      // walks asked for and not done: one at a time walks for all
	last  atomic.Pointer[reaping]
}

// reaping is one walk that has ended.
type reaping struct {
	number int64 // from 1 on
	began  time.Time
	took   time.Duration
	buried int
}

// arm makes sure that a walk follows the next collection, if a Collected class is open. Everybody who opens one calls it: the one who made the class may have
// been stopped before. It registers first and takes note then, so that being stopped in between keeps nobody else from arming.
func (s *Space) arm() {
	if c := s.reaper.armed.Load(); c != nil && !c.Over() || !s.watched() {
		return
	}
	s.reaper.armed.Store(atomic.AfterCollection(func(w weak.Pointer[Space]) {
		if s := w.Value(); s != nil {
			s.arm()
			atomic.Go(s.walk)
		}
	}, weak.Make(s)))
}

// watched tells whether a Collected class is open.
func (s *Space) watched() bool {
	for _, c := range s.classes.Load().open {
		if c.lifetime == Collected {
			return true
		}
	}
	return false
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
		if s.graves.neglected() {
			atomic.Go(s.graves.dig)
		}
		if s.reaper.walks.Add(-asked) == 0 {
			return
		}
	}
}

// reap buries what belonged to dead parents, hands the data to destroy, and returns how much it was.
func (s *Space) reap(destroy func(*class, pointer)) (buried int) {
	began := time.Now()
	for _, c := range s.classes.Load().open {
		if c.lifetime == Collected {
			buried += c.reap(destroy)
		}
	}
	s.reaper.ended(&reaping{began: began, took: time.Since(began), buried: buried})
	return buried
}

// ended makes w the last walk.
func (r *reaper) ended(w *reaping) {
	for {
		last := r.last.Load()
		w.number = 1
		if last != nil {
			w.number = last.number + 1
		}
		if r.last.CompareAndSwap(last, w) {
			return
		}
	}
}

// reap looks at every handle of the class after every collection: the loop is short, and what it does for the dead is elsewhere.
func (c *class) reap(destroy func(*class, pointer)) (buried int) {
	g := c.enter()
	defer g.leave()
	g.e.slab.RangeSides(func(first uint32, words *alloc.Side, live uint32) bool {
		for ; live != 0; live &= live - 1 {
			i := uint32(bits.TrailingZeros32(live)) % uint32(len(words)) // which the compiler knows to be in range
			// The words of condemned and transit are 0 too, and bury knows them: what is not dead is nobody's business here.
			if !handleIn(&words[i]).Dead() {
				continue
			}
			if p := g.e.slab.At(g.d, first+i); p != nil && c.bury(g.e, first+i, p) {
				buried++
				destroy(c, p)
			}
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

// A grave does not change any more once it has been pushed.
type grave struct {
	c     *class
	data  pointer
	next  *grave
	depth int // how many there are from here down
}

func (y *graveyard) push(n *grave) {
	for {
		n.next, n.depth = y.top.Load(), 1
		if n.next != nil {
			n.depth = n.next.depth + 1
		}
		if y.top.CompareAndSwap(n.next, n) {
			return
		}
	}
}

// putBack pushes what the whole chain holds again.
func (y *graveyard) putBack(n *grave) {
	for ; n != nil; n = n.next {
		y.push(&grave{c: n.c, data: n.data})
	}
}

// add pushes n and tells whether its caller is to have somebody dig.
//
// Not everyone who finds nobody digging is: before the first digger got a processor there could be thousands. Nor is it only the one who
// pushes first: it may be stopped before it does. So it is those who make the stack twice as deep; and each walk looks at its end.
func (y *graveyard) add(n *grave) bool {
	y.push(n)
	return n.depth&(n.depth-1) == 0 && y.neglected()
}

// neglected tells whether there is something to dig for and nobody digs.
func (y *graveyard) neglected() bool { return y.top.Load() != nil && !y.digging.Load() }

// destroyLater runs the destructor for data whose parent is dead. A panic in it ends the process.
func (s *Space) destroyLater(c *class, data pointer) {
	if c.destroy.Load() == nil {
		return
	}
	if s.graves.add(&grave{c: c, data: data}) {
		atomic.Go(s.graves.dig)
	}
}

// dig empties the graveyard, unless another goroutine does. The one that digs has set the flag itself, so that nobody who pushes and is stopped holds it.
// After clearing it, it looks once more: who pushed before that saw it set and left it to us.
func (y *graveyard) dig() {
	for y.top.Load() != nil && y.digging.CompareAndSwap(false, true) {
		y.empty()
		y.digging.Store(false)
	}
}

// empty runs the destructors of what is there. If one exits its goroutine, another digs on.
func (y *graveyard) empty() {
	n := y.top.Swap(nil)
	defer func() {
		if n != nil {
			y.putBack(n.next)
			y.digging.Store(false)
			atomic.Go(y.dig)
		}
	}()
	for n != nil {
		n.c.destroyData(object{}, n.data)
		n = n.next
	}
}
