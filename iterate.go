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
		if _, present := c.confirm(g.e, index, p); !present {
			return true
		}
		o := c.parentOf(p)
		if o.pointer == nil && c.lifetime != Manual {
			return true // dead, or ended since
		}
		return yield(o, p)
	})
}

// len adds up live bits. A variable counts from just before it is published to just after it has ended.
func (c *class) len() int {
	g := c.enter()
	defer g.leave()
	return g.e.slab.Len()
}
