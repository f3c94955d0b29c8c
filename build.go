package shadow

import (
	"github.com/shadowvars/shadow/internal/atomic"
	"github.com/shadowvars/shadow/lockfree"
)

// construct is AllocFunc and GetOrAllocFunc: the pair is BUILDING while ctor runs, and only those who
// want this very pair wait.
func (a *attach) construct(ctor func(pointer) error, waits bool) (p pointer, loaded bool, err error) {
	for {
		q, err := a.begin(waits)
		if q != nil || err != nil {
			return q, q != nil, err
		}
		s, q, again, err := a.reserve(waits)
		if s != nil {
			err := a.build(s, ctor)
			if err != nil {
				return nil, false, err
			}
			return a.slot, false, nil
		}
		if !again {
			return q, q != nil, err
		}
	}
}

// reserve publishes the claimed slot as BUILDING and returns its site; or, the slot given back and the guard
// left, what there is instead.
func (a *attach) reserve(waits bool) (s *site, existing pointer, again bool, err error) {
	c, e := a.c, a.guard.e
	s = c.sites.add(a.o.key(), e.word(a.index, lockfree.Building))
	for {
		// LP(AllocFunc, GetOrAllocFunc finding a variable): the table's insert.
		w, inserted := c.table.InsertAt(a.at, a.from, a.o.key(), s.word)
		if inserted {
			return s, nil, false, nil
		}
		if w.State() == lockfree.Nil {
			c.sites.remove(s)
			a.discard()
			a.guard.leave()
			return nil, nil, true, nil
		}
		if w.State() == lockfree.Building {
			c.sites.remove(s)
			a.discard()
			if !waits {
				a.guard.leave()
				return nil, nil, false, a.fail(ErrExists)
			}
			a.await(w)
			return nil, nil, true, nil
		}
		if q := c.met(e, a.guard.d, w, a.o); q != nil {
			c.sites.remove(s)
			a.discard()
			a.guard.leave()
			existing, err = a.found(q, waits)
			return nil, existing, false, err
		}
	}
}

// build runs the constructor and publishes the variable, or gives everything back if the constructor fails,
// panics or exits its goroutine. The directory is let go meanwhile: our slot keeps its own segment's number in
// use, and a slow constructor must not keep all others from being used again.
func (a *attach) build(s *site, ctor func(pointer) error) (err error) {
	c := a.c
	a.guard.rest()
	a.forget() // or every array of the table would be kept from then to the constructor's end
	built := false
	defer func() {
		if !built {
			a.abandon(s)
		}
	}()
	if err := ctor(a.slot); err != nil {
		return err
	}
	if a.pointsIntoParent() {
		built = true
		a.abandon(s)
		c.destroyData(a.o, a.slot)
		return a.fail(ErrSelf)
	}
	built = true
	a.guard.resume()
	a.describe()
	// LP(AllocFunc, GetOrAllocFunc): the table's replace of BUILDING, which is this goroutine's alone to change.
	a.mustReplace(s.word, a.guard.e.word(a.index, lockfree.Value))
	c.sites.finish(s)
	a.settle()
	return nil
}

// abandon makes the pair absent again; one of those who wait takes over.
func (a *attach) abandon(s *site) {
	a.guard.resume()
	a.mustReplace(s.word, a.guard.e.dead())
	a.discard()
	a.c.sites.finish(s)
	a.guard.leave()
}

func (a *attach) mustReplace(old, new lockfree.Word) {
	if !a.c.table.Replace(a.o.key(), old, new) {
		panic("shadow: the word of a pair under construction was changed by somebody else")
	}
}

// sites are the constructions of one class that are under way: where a waiter finds what to wait on. Lists, each an
// immutable chain replaced by CAS, are made with the first construction; even if tens of thousands run at a time, they are short.
//
// A site is added before its word is published in the table and removed after that word has changed, so
// who has loaded the word and finds no site knows that the construction has ended.
type sites struct {
	lists atomic.Pointer[[siteLists]atomic.Pointer[siteList]]
}

// site is one construction. done is closed when it has ended.
type site struct {
	key  uint64
	word lockfree.Word // of the pair, while this construction has reserved it; no other has the same
	done chan struct{}
}

type siteList struct {
	*site
	next *siteList
}

func (t *sites) list(w lockfree.Word) *atomic.Pointer[siteList] {
	lists := t.lists.Load()
	if lists == nil {
		t.lists.CompareAndSwap(nil, new([siteLists]atomic.Pointer[siteList]))
		lists = t.lists.Load()
	}
	i := w.Index()
	return &lists[(i^i/uint64(len(lists)))%uint64(len(lists))] // alone, the lowest bits of a place may be 0
}

func (t *sites) add(key uint64, w lockfree.Word) *site {
	s := &site{key, w, make(chan struct{})}
	list := t.list(w)
	for {
		head := list.Load()
		if list.CompareAndSwap(head, &siteList{s, head}) {
			return s
		}
	}
}

func (t *sites) find(key uint64, w lockfree.Word) *site {
	for l := t.list(w).Load(); l != nil; l = l.next {
		if l.word == w && l.key == key {
			return l.site
		}
	}
	return nil
}

func (t *sites) remove(s *site) {
	list := t.list(s.word)
	for {
		head := list.Load()
		if list.CompareAndSwap(head, head.without(s)) {
			return
		}
	}
}

// finish removes the site and wakes its waiters. The pair's word has changed already.
func (t *sites) finish(s *site) {
	t.remove(s)
	close(s.done)
}

// without is the list less s, sharing what stands behind s.
func (l *siteList) without(s *site) *siteList {
	if l == nil {
		return nil
	}
	if l.site == s {
		return l.next
	}
	return &siteList{l.site, l.next.without(s)}
}
