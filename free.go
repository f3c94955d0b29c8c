package shadow

import (
	"github.com/shadowvars/shadow/alloc"
	"github.com/shadowvars/shadow/lockfree"
)

// free detaches the variable of o, if data is nil or what is attached, and says whether this call did.
// There is no retry: a failed replace means that the variable found has ended, so the pair was absent at
// an instant within the call.
func (c *class) free(o object, data pointer) bool {
	p, was := c.detach(o, data, false)
	if p == nil {
		return false
	}
	c.destroyData(was, p)
	return true
}

// take is free without the destructor: the data is the caller's.
func (c *class) take(o object) pointer {
	p, _ := c.detach(o, nil, true)
	return p
}

// detach moves the pair's word from VALUE to NIL and ends the slot; nil if there was nothing to detach.
// The index in the word means one variable as long as the guard is held, so comparing
// the data and then replacing the word cannot end a newer variable. With the data comes the parent as
// it was attached to: the caller may know the same pointer by another dynamic type.
func (c *class) detach(o object, data pointer, taken bool) (pointer, object) {
	if o.pointer == nil {
		return nil, o
	}
	// This is find, whose call would be a tenth of the instructions.
	g := c.enter()
	key, p := o.key(), pointer(nil)
	w, at := c.table.Find(key, g.e.number)
	if w.State() == lockfree.Value && key == o.key() { // or the stack has moved: see getSlow
		p = c.at(g.e, g.d, w, o.address())
	}
	// LP(Free, FreeIf, Take): the table's replace.
	if p == nil || data != nil && p != data || !c.table.ReplaceAt(at, o.key(), w, g.e.dead()) {
		g.leave()
		return nil, o
	}
	if c.dynamic != 0 {
		o.dynamic = c.currentType(p)
	}
	c.release(g.e, g.e.index(w), p)
	if taken {
		g.e.tally.taken.Add(1)
	}
	g.leave()
	return p, o
}

// end ends the variable in the live slot p of index if it is present at addr, by the same word as free does. It returns the parent as far as it
// is known: the one at the end, which is fixed once the word is won; before, Move may change it.
func (c *class) end(e *epoch, index uint32, p pointer, addr uintptr, dead lockfree.Word) (o object, ended bool) {
	if !c.win(e, index, addr, dead) {
		return object{}, false
	}
	o = c.parentOf(e, index, p)
	c.release(e, index, p)
	return o, true
}

// win moves the word of the variable in the live slot of index, attached at addr, from VALUE to NIL: then its end is the caller's business.
func (c *class) win(e *epoch, index uint32, addr uintptr, dead lockfree.Word) bool {
	return addr != 0 && c.table.Replace(uint64(addr), e.word(index, lockfree.Value), dead)
}

// bury ends the variable in the slot p of index if its parent is dead, and says whether this call did: then
// its destruction is the caller's business.
//
// The handle is condemned first. A handle is dead only while its variable stands under the dead parent,
// where nobody can move it from any more, and a move since we read the handle would have
// changed it: so what we condemn cannot come back under another parent, and its word, if it is still there, is this variable's (I3).
func (c *class) bury(e *epoch, index uint32, p pointer) bool {
	side := e.slab.SideWord(index)
	h := handleIn(side)
	if h != condemned {
		if h == transit || !h.Dead() || !casHandle(side, h, condemned) {
			return false
		}
	}
	if !c.win(e, index, c.address(p), e.dead()) {
		return false
	}
	c.release(e, index, p)
	e.tally.collected.Add(1)
	return true
}

// met is the slot of o's variable, whose VALUE word w an insert has met, while e and d are held. If it is nil, the insert goes on: the variable has ended or moved since, or was a dead
// entry, which never blocks a new object at its address, and is buried now.
func (c *class) met(e *epoch, d *alloc.Directory, w lockfree.Word, o object) pointer {
	p := e.slab.At(d, e.index(w))
	if p == nil || c.owns(e, e.index(w), o.address()) {
		return p
	}
	if c.bury(e, e.index(w), p) {
		c.space.destroyLater(c, p) // nobody's attach runs another object's destructor
	}
	return nil
}
