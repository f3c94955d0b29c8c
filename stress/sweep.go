package main

import "github.com/shadowvars/shadow"

// replace drops one family and takes a new one, whose parents may well get the addresses of dead ones. Nothing is attached to them.
func (w *worker) replace() {
	f := w.s.newFamily()
	for _, o := range f.parents {
		for _, c := range w.s.subjects {
			if h := c.api().get(o); h != nil {
				w.s.violate("%s: a new parent has data already: %+v", c.name, h.tag())
			}
		}
	}
	if w.random.IntN(2) == 0 {
		w.s.transient[w.random.IntN(len(w.s.transient))].Store(f)
		return
	}
	i := w.random.IntN(len(w.own))
	w.dropOwn(w.own[i])
	w.own[i] = f
}

// dropOwn forgets a family, after what is the caller's duty under Manual.
func (w *worker) dropOwn(f *family) {
	for _, o := range f.parents {
		for _, c := range w.s.subjects {
			if c.lifetime == shadow.Manual {
				w.s.freed(c, count(c.api().free(o)))
			}
			delete(w.known, ownPair{o, c})
		}
	}
}

// iterate walks a class. Parents that are given must be those of the data.
func (w *worker) iterate(c *subject) {
	n := w.random.IntN(2000)
	c.api().each(func(o *parent, h held) bool {
		w.s.lot.at("the body of All")
		w.check(c, o, h)
		n--
		return n > 0
	})
	if c.api().len() < 0 {
		w.s.violate("%s: negative length", c.name)
	}
}

// check holds data and the parent that it was given with against each other.
func (w *worker) check(c *subject, o *parent, h held) {
	r := h.tag()
	switch {
	case o == nil && c.lifetime != shadow.Manual:
		w.s.violate("%s: no parent for %+v", c.name, r)
	case o != nil && c.lifetime == shadow.Manual:
		w.s.violate("%s: a parent for %+v", c.name, r)
	case o != nil && o.family != r.family || !r.valid():
		w.s.violate("%s: data %+v with the parent %+v", c.name, r, o)
	}
	w.s.wrong(c, r, w.s.ledger.see(r.incarnation, 0))
}

// freeAll empties a class. What was attached before it began is found by nobody who begins to look after it.
func (w *worker) freeAll(c *subject) {
	number := c.begun.Add(1)
	w.s.freed(c, c.api().freeAll())
	c.sweptUpTo(number)
	c.over.Add(1)
}

// sweptUpTo notes that all was swept that had been attached before sweep number began.
func (c *subject) sweptUpTo(number uint64) {
	for {
		old := c.swept.Load()
		if old >= number || c.swept.CompareAndSwap(old, number) {
			return
		}
	}
}

// freeFunc frees one family in eight.
func (w *worker) freeFunc(c *subject) {
	c.begun.Add(1)
	w.s.freed(c, c.api().freeFunc(func(o *parent, h held) bool {
		w.s.lot.at("the function of FreeFunc")
		w.check(c, o, h)
		return h.tag().family%8 == 0
	}))
	c.over.Add(1)
}

// freeObject frees what a parent has in the main space.
func (w *worker) freeObject(o *parent, own bool) {
	w.s.results.Add(int64(w.s.space.FreeObject(o)))
	for _, c := range w.s.subjects {
		if p := (ownPair{o, c}); own && !c.reopens {
			if h := w.get(c, o); h != nil {
				w.s.violate("%s: %+v after FreeObject", c.name, h.tag())
			}
			delete(w.known, p)
		}
	}
}

// reopen closes a class and opens it anew under the same id.
func (w *worker) reopen(c *subject) {
	if !c.reopens {
		return
	}
	// One at a time: of two that close, the second would find the new class open and be refused.
	if !c.reopening.CompareAndSwap(false, true) {
		return
	}
	number := c.begun.Add(1)
	c.api().close()
	a := c.open()
	c.handle.Store(&a)
	c.sweptUpTo(number)
	c.over.Add(1)
	c.reopening.Store(false)
}

// freed adds up what ending variables in the main space has returned.
func (s *stress) freed(c *subject, n int) {
	if !c.reopens {
		s.results.Add(int64(n))
	}
}

func count(freed bool) int {
	if freed {
		return 1
	}
	return 0
}
