package shadow

// each calls yield for the present variables: those whose live slot the table confirms. A slot is live before it is
// published and a little longer than it is present, so the table has the word.
//
// A slot is met once, hence a variable is yielded at most once; what was attached throughout has a live slot throughout.
// The directory is held while yield runs, which keeps segment numbers from being used again meanwhile, and nothing else.
func (c *class) each(yield func(o object, p pointer) bool) {
	g := c.enter()
	defer g.leave()
	g.e.slab.Range(func(index uint32, p pointer) bool {
		o, _, present := c.meet(g.e, index, p)
		return !present || yield(o, p)
	})
}

// meet tells whether the live slot p of index is a present variable, at which address, and whose: under Manual nobody is told. It is none if it was moved
// between the look at the table and that at the parent: the slot names the new parent before the variable is attached there.
func (c *class) meet(e *epoch, index uint32, p pointer) (o object, addr uintptr, present bool) {
	addr, present = c.confirm(e, index, p)
	if !present {
		return object{}, 0, false
	}
	o = c.parentOf(e, index, p)
	return o, addr, c.lifetime == Manual || o.pointer != nil && o.address() == addr
}

// len adds up live bits. A variable counts from just before it is published to just after it has ended.
func (c *class) len() int {
	g := c.enter()
	defer g.leave()
	return g.e.slab.Len()
}
