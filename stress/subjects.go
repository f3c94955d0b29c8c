package main

import "github.com/shadowvars/shadow"

// newSubjects opens the classes: every kind of handle and lifetime in one space, and a few in
// another space whose handles are closed and opened again while everybody uses them.
func (s *stress) newSubjects() {
	const (
		collected = shadow.Collected
		pinned    = shadow.Pinned
		manual    = shadow.Manual
	)
	type opener = func(shadow.ID, *shadow.Space, shadow.Lifetime, func(*parent, held)) api
	for i, k := range []struct {
		name     string
		lifetime shadow.Lifetime
		reopens  bool
		open     opener
	}{
		{"collected", collected, false, openVar[plain]},
		{"collected with pointers", collected, false, openVar[linked]},
		{"collected any", collected, false, openAny[plain]},
		{"collected bytes", collected, false, openBytes},
		{"pinned", pinned, false, openVar[plain]},
		{"pinned any with pointers", pinned, false, openAny[linked]},
		{"manual", manual, false, openVar[plain]},
		{"manual with pointers", manual, false, openVar[linked]},
		{"manual any", manual, false, openAny[plain]},
		{"manual bytes", manual, false, openBytes},
		{"collected, reopened", collected, true, openVar[linked]},
		{"pinned, reopened", pinned, true, openVar[plain]},
		{"manual any, reopened", manual, true, openAny[plain]},
	} {
		c := &subject{name: k.name, lifetime: k.lifetime, reopens: k.reopens}
		space := s.space
		if c.reopens {
			space = s.reopened
		}
		destroy := func(o *parent, h held) { s.destroy(c, o, h) }
		c.open = func() api { return k.open(shadow.ID(i), space, k.lifetime, destroy) }
		a := c.open()
		c.handle.Store(&a)
		_, c.bytes = a.(slices)
		s.subjects = append(s.subjects, c)
	}
}

// destroy is the destructor of every class.
func (s *stress) destroy(c *subject, o *parent, h held) {
	r := h.tag()
	if !r.valid() || o != nil && o.family != r.family {
		s.violate("%s: Destroy of %+v with the parent %+v", c.name, r, o)
	}
	if o == nil && c.lifetime == shadow.Pinned {
		s.violate("%s: Destroy of %+v without its parent", c.name, r)
	}
	s.lot.at("a destructor")
	s.wrong(c, r, s.ledger.destroy(r.incarnation))
	c.destroyed.Add(1)
	if o != nil && r.incarnation%16 == 0 {
		// Destroy may call the library, and what it destroys is not found any more.
		if now := c.api().get(o); now != nil && now.tag() == r {
			s.violate("%s: Destroy can still find %+v", c.name, r)
		}
	}
}
