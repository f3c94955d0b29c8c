package shadow

import (
	"github.com/shadowvars/shadow/internal/atomic"
	"github.com/shadowvars/shadow/internal/parent"
	"github.com/shadowvars/shadow/lockfree"
)

// attach is one attachment on its way, a value on its caller's stack:
//
//	begin     checks the object and the pair, claims a slot; the caller then fills the slot's data
//	publish   writes the meta words, makes the slot live, inserts into the table
//	settle    looks whether FreeAll or Close overtook it
//
// [attachCopy] takes the same steps without an attach, as far as nearly every attachment comes.
//
// A slot that was claimed is either published, or given back by discard or withdraw: each by this goroutine.
type attach struct {
	c  *class
	of *class // the class to name in errors: c unless the handle is closed
	op string
	o  object

	size   int // which of the slab's sizes of slots; 0 but for Bytes
	guard  guard
	at     lockfree.Spot  // what the table's look has named
	from   lockfree.Start // the table's root while the guard's epoch was still the class's
	index  uint32
	slot   pointer
	side   *pointer      // the slot's, as it was claimed; nil unless the class is Collected
	handle parent.Handle // Collected: the parent's
}

// begin prepares an attachment. It returns the variable that is there already, if any, or why the
// object cannot have one, or claims a slot, with the guard held.
func (a *attach) begin(waits bool) (existing pointer, err error) {
	if a.o.pointer == nil {
		return nil, a.fail(ErrNilObject)
	}
	// An address on a stack would change when the stack grows.
	parent.Escape(a.o.pointer)
	for {
		if !a.enter() {
			if err := a.enterSlow(); err != nil {
				return nil, err
			}
		}
		w, at := a.c.table.Look(a.from, a.o.key(), a.guard.e.number)
		if w.State() == lockfree.Value {
			if p := a.c.at(a.guard.e, a.guard.d, w, a.o.address()); p != nil {
				a.guard.leave()
				return a.found(p, waits)
			}
		}
		if w.State() != lockfree.Building {
			a.at = at
			break
		}
		if !waits {
			a.guard.leave()
			return nil, a.fail(ErrExists)
		}
		a.await(w)
	}
	if err := a.admit(); err != nil {
		a.guard.leave()
		return nil, err
	}
	a.index, a.slot, a.side = a.guard.e.slab.ClaimSize(a.size)
	return nil, nil
}

// enter holds the class's epoch, and a root of the table that is no newer than the epoch's end: whatever FreeAll
// seals, it seals in that array or a later one, so our insert, which comes by all of them, meets it. It returns false if it has to be tried again, or the class is closed.
func (a *attach) enter() bool {
	c := a.c
	e := atomic.Hold(c.epoch.Load())
	a.guard = guard{e, e.slab.Hold()}
	a.from = c.table.Start()
	return c.epoch.Load() == e && !e.closed
}

func (a *attach) enterSlow() error {
	for {
		closed := a.guard.e.closed
		a.guard.leave()
		if closed {
			return a.fail(ErrClosed)
		}
		if a.enter() {
			return nil
		}
	}
}

// found is what finding a variable means: the answer for GetOrAlloc, which would also have waited for it, an error for Alloc.
func (a *attach) found(p pointer, waits bool) (pointer, error) {
	if waits {
		return p, nil
	}
	return nil, a.fail(ErrExists)
}

// await waits for the constructor of the pair whose word is w, holding nothing meanwhile.
func (a *attach) await(w lockfree.Word) {
	s := a.c.sites.find(a.o.key(), w)
	a.let()
	if s != nil {
		atomic.Wait(s.done)
	}
	// If no site is found, the construction has ended since w was loaded: sites are
	// registered before the word is published and removed after it has changed.
}

// noObject is the one address that the table has another use for. No object that is bigger than a byte could lie there.
const noObject = ^uint64(0)

// admit decides whether the object can be a parent of this class, and makes its handle.
func (a *attach) admit() error {
	may := a.o.key() != noObject
	if a.c.lifetime != Manual {
		a.handle, may = a.c.admitSlow(a.o)
	}
	if !may {
		return a.fail(ErrForeign)
	}
	return nil
}

// admitSlow is admit where the collector has a say.
func (c *class) admitSlow(o object) (h parent.Handle, may bool) {
	if parent.Classify(o.pointer) == parent.Foreign {
		return nil, false
	}
	if c.lifetime == Collected {
		h = parent.Make(o.pointer)
	}
	return h, true
}

// publish makes the filled slot the pair's variable, or reports the one that is there: loaded then, or ErrExists for
// those who do not wait. again asks the caller to begin anew: after a construction that it has waited for, or because FreeAll has sealed the pair.
func (a *attach) publish(waits bool) (p pointer, loaded, again bool, err error) {
	c, e := a.c, a.guard.e
	if a.pointsIntoParent() {
		a.discard()
		a.guard.leave()
		return nil, false, false, a.fail(ErrSelf)
	}
	a.describe()
	for {
		// LP(Alloc, GetOrAlloc): the table's insert, which finds the pair absent or finds what is there.
		w, inserted := c.table.InsertAt(a.at, a.from, a.o.key(), e.word(a.index, lockfree.Value))
		if inserted {
			a.settle()
			return a.slot, false, false, nil
		}
		if w.State() == lockfree.Nil {
			a.withdraw()
			a.guard.leave()
			return nil, false, true, nil
		}
		if w.State() == lockfree.Building {
			a.withdraw()
			if !waits {
				a.guard.leave()
				return nil, false, false, a.fail(ErrExists)
			}
			a.await(w)
			return nil, false, true, nil
		}
		if q := c.met(e, a.guard.d, w, a.o); q != nil {
			a.withdraw()
			a.guard.leave()
			p, err = a.found(q, waits)
			return p, waits, false, err
		}
	}
}

// describe writes the meta words and makes the slot live: from here sweeps and the reaper see it.
func (a *attach) describe() {
	a.c.adopt(a.slot, a.side, a.o, a.handle)
	if a.c.profile != nil {
		a.c.profile.record(a.guard.e, a.index)
	}
	a.guard.e.slab.Enliven(a.index)
}

// point makes the pointer of the live slot p of index o's. The handle goes last: who takes a handle reads the address after it.
func (c *class) point(e *epoch, index uint32, p pointer, o object, h parent.Handle) {
	if c.lifetime == Pinned {
		c.setPin(p, o.pointer)
		return
	}
	c.setAddress(p, o.address())
	if c.lifetime == Collected {
		e.setHandle(index, h)
	}
}

// settle ends the variable again if FreeAll or Close overtook its attachment: the attachment then
// counts as having come just before. If our load comes first, the swap comes after our insert, so its
// sweep sees our live slot; if the swap comes first, the sweep may have passed, and we see it here. Both may be: the table's word decides.
func (a *attach) settle() {
	if a.c.epoch.Load() == a.guard.e {
		a.guard.leave()
		return
	}
	a.settleSlow()
}

func (a *attach) settleSlow() {
	ended := a.c.overtaken(a.guard.e, a.index, a.slot, a.o)
	a.let()
	if ended {
		a.c.destroyData(a.o, a.slot)
	}
}

// overtaken ends the variable just attached, whose epoch has ended, unless somebody else has, and tells whether it did.
func (c *class) overtaken(e *epoch, index uint32, p pointer, o object) bool {
	if !c.table.Replace(o.key(), e.word(index, lockfree.Value), e.sealed()) {
		return false
	}
	c.release(e, index, p)
	return true
}

// let lets go of everything but the object and the slot: what is held while others' code runs is kept from the collector, and so is what came after it.
func (a *attach) let() {
	a.guard.leave()
	a.forget()
}

// forget lets go of the table's arrays: a Start or a Spot keeps all of them since.
func (a *attach) forget() { a.from, a.at = lockfree.Start{}, lockfree.Spot{} }

// pointsIntoParent tells whether a pointer of the data leads into the object, as far as types can tell.
func (a *attach) pointsIntoParent() bool { return a.c.self != nil && a.pointsIntoParentSlow() }

func (a *attach) pointsIntoParentSlow() bool {
	return a.c.self.PointInto(a.slot, a.o.address(), a.c.extentOf(a.o))
}

// discard gives back a slot that never became live.
func (a *attach) discard() { a.guard.e.discard(a.index) }

func (e *epoch) discard(index uint32) {
	e.slab.Discard(index)
	e.tally.refused.Add(1)
}

// withdraw gives back a live slot that was not published.
func (a *attach) withdraw() { a.c.withdraw(a.guard.e, a.index, a.slot) }

func (c *class) withdraw(e *epoch, index uint32, p pointer) {
	c.release(e, index, p)
	e.tally.refused.Add(1)
}

func (a *attach) fail(err error) error { return a.of.errorOf(a.op, a.o, err) }

// release ends a slot: its parent is let go, its memory is the holders'. Exactly one caller per slot, who
// has moved its word from VALUE to NIL or never published it. With the slot its handle becomes nil.
func (c *class) release(e *epoch, index uint32, p pointer) {
	if c.lifetime == Pinned {
		c.setPin(p, nil)
	}
	if c.dynamic != 0 {
		c.setMoved(p, &ended)
	}
	e.slab.Free(index)
}

// destroyData calls the class's destructor, if it has one.
func (c *class) destroyData(o object, data pointer) {
	if d := c.destroy.Load(); d != nil {
		(*d)(o, data)
	}
}
