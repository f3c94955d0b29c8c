package shadow

import (
	"github.com/shadowvars/shadow/internal/atomic"
	"github.com/shadowvars/shadow/internal/parent"
	"github.com/shadowvars/shadow/lockfree"
)

// attachCopy is Alloc and GetOrAlloc in the class c: the data is a copy of *data, zero if data is nil. GetOrAlloc, which waits, does not look before it inserts: its caller just has. Errors name the class of.
//
// It takes the steps of an attach, in their order, as far as nearly every attachment comes: to a variable, also one that FreeAll then overtook, or to the answer that there is one or that the object cannot be a parent. Where there is more to it (an epoch
// that has been replaced or closed, a construction, another's attachment, a profile, data that may point into its parent), it gives back what it has claimed, and attachCopySlow begins anew.
//
// What it holds it holds in its own frame. The methods of attach cannot know that an attach lies on a stack, so each pointer that they store there is a write barrier, which costs while the collector marks.
func attachCopy[T any](c, of *class, op string, o object, data *T, waits bool) (p *T, loaded bool, err error) {
	if o.pointer == nil || c.self != nil || c.profile != nil { // a profile tells stacks apart by our calls, too, so all its attachments go one way
		return attachCopySlow(c, of, op, o, data, waits)
	}
	parent.Escape(o.pointer)
	e := atomic.Hold(c.epoch.Load())
	d, from := e.slab.Hold(), c.table.Start()
	if c.epoch.Load() != e || e.closed { // see attach.enter
		drop(e, d)
		return attachCopySlow(c, of, op, o, data, waits)
	}
	var at lockfree.Spot
	if !waits {
		var w lockfree.Word
		if w, at = c.table.Look(from, o.key(), e.number); w != 0 {
			exists := w.State() == lockfree.Value && c.at(e, d, w, o.address()) != nil
			drop(e, d)
			if exists {
				return nil, false, of.errorOf(op, o, ErrExists)
			}
			return attachCopySlow(c, of, op, o, data, waits)
		}
	}
	h, may := parent.Handle(nil), o.key() != noObject // as attach.admit, which would be a call
	if c.lifetime != Manual {
		h, may = c.admitSlow(o)
	}
	if !may {
		drop(e, d)
		return nil, false, of.errorOf(op, o, ErrForeign)
	}
	index, q, side := e.slab.ClaimSize(0)
	if data != nil {
		atomic.PlainWrite(as[T](q))
		*as[T](q) = *data
	}
	c.adopt(q, side, o, h)
	e.slab.Enliven(index)
	for inserted := false; !inserted; {
		var w lockfree.Word
		// LP(Alloc, GetOrAlloc at once): the table's insert, or the Look above that found the variable.
		w, inserted = c.table.InsertAt(at, from, o.key(), e.word(index, lockfree.Value))
		if !inserted && (w.State() != lockfree.Value || c.met(e, d, w, o) != nil) {
			c.withdraw(e, index, q)
			drop(e, d)
			return attachCopySlow(c, of, op, o, data, waits)
		}
	}
	overtaken := c.epoch.Load() != e && c.overtaken(e, index, q, o) // see settle
	drop(e, d)
	if overtaken {
		c.destroyData(o, q)
	}
	return as[T](q), false, nil
}

// attachCopySlow keeps the attach out of attachCopy's frame.
//
//go:noinline
func attachCopySlow[T any](c, of *class, op string, o object, data *T, waits bool) (p *T, loaded bool, err error) {
	return attachInSteps(&attach{c: c, of: of, op: op, o: o}, data, waits)
}

// attachInSteps is attachCopy by whatever it takes.
func attachInSteps[T any](a *attach, data *T, waits bool) (p *T, loaded bool, err error) {
	for {
		q, err := a.begin(waits)
		if q != nil || err != nil {
			return as[T](q), q != nil, err
		}
		if data != nil {
			atomic.PlainWrite(as[T](a.slot))
			*as[T](a.slot) = *data
		}
		q, loaded, again, err := a.publish(waits)
		if !again {
			return as[T](q), loaded, err
		}
	}
}
