package shadow

import (
	"reflect"

	"github.com/shadowvars/shadow/alloc"
	"github.com/shadowvars/shadow/internal/atomic"
	"github.com/shadowvars/shadow/internal/parent"
	"github.com/shadowvars/shadow/lockfree"
)

// A class is all variables of one id in one space. This file holds its shared
// state and the operations that look without changing: what is on Get's path.
//
// # States
//
// A pair <object, class> is absent, under construction or present, and one word
// of the space's table says which: no VALUE or BUILDING word, a BUILDING word, or a
// VALUE word {class number, index}. The index names a slot of the slab of the
// epoch that has this number. A present pair of a Collected class whose slot's
// handle is not the caller's object is a dead entry: absent for every caller that can ask.
//
// A slot's life is its own (package alloc): claimed → live → freed, once.
// Its word in a Side, the handle (Collected), goes
//
//	nil → h(parent)          the attaching goroutine, before the slot is live
//	h → transit → h(other)   Move, which holds both parents alive
//	h dead → condemned       who found the parent dead, CAS: at most one, final but for nil
//	any → nil                who ends the slot, in alloc's Free: after winning VALUE → NIL, or of a variable that was never published; the
//	                         collector passes over it, as over no pointer, and where the Side has gone with its group everybody does
//
// An epoch is immutable but for its slab. class.epoch goes from one epoch to the
// next by FreeAll and to a closed one by the last Close, by CAS.
//
// # Transitions of a pair
//
//	absent → present     Alloc, GetOrAlloc: table insert
//	absent → building    AllocFunc, GetOrAllocFunc, Move (of its destination): table insert
//	building → present   the constructor's goroutine, Move: table replace
//	building → absent    the constructor's goroutine, Move: table replace
//	present → absent     Free, FreeIf, Take, FreeFunc, the sweep of FreeAll and Close, Move (of its
//	                     source), an attach that was overtaken, whoever buries a dead entry: table replace
//	all present → absent FreeAll, Close: epoch
//
// # Linearization points
//
//	LP(Get)                    the table's load of the pair's word (package lockfree); if the epoch was replaced meanwhile, the instant before that; and if the word
//	                           is VALUE and its slot is found to have ended or moved, an instant since then at which the pair was absent
//	LP(Alloc, GetOrAlloc)      the table's insert, or the load that found the variable that it reports
//	LP(Alloc, GetOrAlloc at once)                     the same in attachCopy, which is how nearly all go
//	LP(AllocFunc, GetOrAllocFunc)                     the table's replace of BUILDING by VALUE
//	LP(AllocFunc, GetOrAllocFunc finding a variable)  the table's insert, refused
//	LP(Free, FreeIf, Take)     the table's replace; if it fails or finds nothing, an instant at which the pair was absent, which lies between its
//	                           load and its failure, because a word goes from one VALUE to another only through NIL
//	LP(Move)                   the table's replace at the destination; the one at the source, before it, is where the source becomes absent
//	LP(FreeAll)                the swap of the epoch
//	LP(FreeAll of an empty class)  the look at the slab, which no slot was claimed of
//	LP(Close)                  the swap of the epoch for a closed one
//
// # Progress
//
// Get and Has are wait-free but for a probe run and one hop per migration. The
// rest is lock-free; GetOrAlloc of a pair under construction waits for that constructor.
//
// # Invariants
//
//	I1  An operation loads the epoch, then the slab's directory, then the table's word,
//	    and keeps epoch and directory alive to its end: number and index mean one thing all along. Only getFast lets them go earlier, see there.
//	I2  A VALUE word is published only after its slot is live, and a slot is freed only by
//	    who moved that word to NIL: every live slot whose word is VALUE is one variable.
//	I3  condemned is set only on a handle whose object is dead; such a variable can no
//	    longer be moved, so ending it by its word cannot end another.
type class struct {
	epoch atomic.Pointer[epoch]
	table *lockfree.Table

	// Immutable after the class is registered.
	layout   *alloc.Layout
	meta     uintptr // offset of the meta words in a slot
	dynamic  uintptr // offset of the dynamic type in a slot, 0 if none is kept
	lifetime Lifetime
	self     *parent.Fields // Collected: pointers of the data that could lead into the parent, nil if none
	extent   uintptr        // size of the parent type; 0 if only the dynamic type tells (Any)
	identity identity
	space    *Space
	profile  *profile   // nil if the class has none
	sizes    *byteSizes // of a class of Bytes: where the bytes of a slot are; otherwise nil

	name    atomic.Pointer[string]
	destroy atomic.Pointer[destructor]
	format  atomic.Pointer[func(data pointer) string]
	handles atomic.Int64 // open handles; 0 is final

	sites  sites   // constructions under way
	ledger *ledger // immutable: what statistics need of ended epochs
}

// destructor is a class's Destroy, its types erased.
type destructor func(obj object, data pointer)

// object is a parent as the core sees it: the pointer, and for Any the dynamic type.
type object struct {
	pointer pointer
	dynamic pointer
}

func (o object) address() uintptr { return uintptr(o.pointer) }
func (o object) key() uint64      { return uint64(uintptr(o.pointer)) }

// epoch is one generation of a class: FreeAll starts the next.
type epoch struct {
	slab   alloc.Slab
	salt   uint64                // immutable: the number's, for the table's Line
	tag    lockfree.Word         // immutable: the number's with VALUE
	number uint32                // the class number in table words, while this epoch is reachable
	closed bool                  // of a class whose last handle was closed: nothing can be attached
	last   atomic.Pointer[epoch] // of a closed epoch: the one before, until it is swept
	tally  *tally                // nil if closed
	marks  marks                 // of a class with a profile: which stack attached the variable in which slot
}

// word is the table's word of the variable in slot index.
func (e *epoch) word(index uint32, s lockfree.State) lockfree.Word {
	return lockfree.MakeWord(e.number, uint64(e.slab.Place(index)>>alloc.PlaceShift), s)
}

// index is the slot that a word means. A word's index is a place, so the word is one but for its lowest bits.
func (e *epoch) index(w lockfree.Word) uint32 { return e.slab.IndexAt(alloc.Place(w)) }

var _ = [1]struct{}{}[lockfree.IndexShift-alloc.PlaceShift]

// guard is what an operation but Get holds from its first load to its end (I1).
type guard struct {
	e *epoch
	d *alloc.Directory
}

// dead is the word of a pair that was freed, sealed that of one that the end of its epoch has ended: an attachment that still works in
// the old epoch may follow the first, and so count as having come before FreeAll. It must not follow the second, because before
// FreeAll the pair was taken.
func (e *epoch) dead() lockfree.Word { return e.word(0, lockfree.Nil) }
func (e *epoch) sealed() lockfree.Word {
	return lockfree.MakeWord(e.number, lockfree.Sealed, lockfree.Nil)
}

// enter begins an operation.
func (c *class) enter() guard {
	e := atomic.Hold(c.epoch.Load())
	return guard{e, e.slab.Hold()}
}

// drop ends it: until here the collector found epoch and directory reachable.
func drop(e *epoch, d *alloc.Directory) {
	alloc.Keep(d)
	atomic.Keep(e)
}

// leave drops what g holds, and forgets it.
func (g *guard) leave() {
	drop(g.e, g.d)
	*g = guard{}
}

// rest lets the directory go, resume holds the present one. The epoch is held throughout.
func (g *guard) rest() {
	alloc.Keep(g.d)
	g.d = nil
}
func (g *guard) resume() { g.d = g.e.slab.Hold() }

// get returns the data attached to obj, nil if there is none.
func (h *handle) get(obj pointer) pointer { return fastThenSlow(tryFast, trySlow, h, obj) }

func tryFast(h *handle, obj pointer) (pointer, bool) { return h.class.Load().getFast(obj) }
func trySlow(h *handle, obj pointer) pointer         { return h.class.Load().getSlow(obj) }

// fastThenSlow is get, of its two parts. The compiler inlines it and them, and counts the call of a parameter for so little that this goes on into the callers of Get's callers.
// Where nothing is inlined (go build -gcflags=-l), they are calls of unknown functions, and Get makes its object escape.
func fastThenSlow(fast func(*handle, pointer) (pointer, bool), slow func(*handle, pointer) pointer, h *handle, obj pointer) (p pointer) {
	sure := false
	if p, sure = fast(h, obj); !sure {
		p = slow(h, obj)
	}
	return p
}

// getFast is nearly every Get: it returns the data attached to obj, nil if there is none, unless it is not sure. It calls nothing, so on 64-bit platforms
// it needs no frame and no look at the end of the stack. Instructions count here: see docs/design.md, and do not tidy it up without a look at the disassembly.
//
// It holds epoch and directory until it has loaded the word: else the number could be another class's by then, and the index another variable's. What the word says is then true of what d leads to, even if it is not any more of the table.
// It does not keep obj alive: its caller does, for getSlow.
//
// Compiled without inlining it makes calls, and a call may move the stack, and obj with it: see getSlow. So the key that it has found is compared with the address as it is then.
//
//go:noinline
func (c *class) getFast(obj pointer) (p pointer, sure bool) {
	t := c.table
	key, e := uint64(uintptr(obj)), atomic.Hold(c.epoch.Load())
	d, l := e.slab.Hold(), t.Line(key, e.salt)
	w := l.Front(l.Back(key), key).Chosen() // LP(Get): the table's load of the pair's word.
	x := w ^ reached(e, d).tag              // the index alone, if it is
	if x.Untagged() && key == uint64(uintptr(obj)) {
		if at := alloc.Place(x); d.Knows(at) {
			if chunk := d.Chunk(at); chunk != nil {
				if p := d.In(chunk, at); !d.Sided() {
					return p, true
				} else if parent.Readable() {
					if h := handleIn(d.SideWord(at)); h != nil && uint64(h.Address()) == key {
						return p, true
					}
					return nil, true
				}
			}
		}
	} else if w == 0 && l.Absent() || x.Tag() == lockfree.Word(lockfree.Value^lockfree.Nil) && key == uint64(uintptr(obj)) {
		return nil, true
	}
	return nil, false
}

// getSlow is get by whatever it takes, from the beginning: where the pair's word does not stand in the first line of its path, where the directory does not know its chunk, because the slot is younger or was
// freed, and for Bytes, whose slots' sizes the segments know.
//
// A call may move the stack that it is made on, and obj with it: a number that was made of its address before then leads to whoever has that
// memory now. An object that moves was never attached, because attaching moves it to the heap; so if the address has changed there is nothing. It cannot have
// changed and come back within the call: a stack grows by doubling, and shrinks only while less than a quarter of it is in use, which frames as small as
// these cannot bring about one after the other.
//
//go:noinline
func (c *class) getSlow(obj pointer) (p pointer) {
	g := c.enter()
	// It linearizes as getFast does.
	_, _, p = c.find(g, object{pointer: obj})
	g.leave()
	keepAlive(obj)
	return p
}

// at is the slot that the VALUE word w means, found under addr while e and d are held: nil if it has ended since
// or is a dead entry. It begins as Slab.At does, because that is no call here: of a batch, each pair would make one.
func (c *class) at(e *epoch, d *alloc.Directory, w lockfree.Word, addr uintptr) pointer {
	if at := alloc.Place(w); d.Knows(at) {
		if chunk := d.Chunk(at); chunk != nil {
			if c.lifetime == Collected && !handleIn(d.SideWord(at)).Is(addr) {
				return nil
			}
			return d.In(chunk, at)
		}
	}
	return c.atSlow(e, d, e.index(w), addr)
}

// atSlow is at where d does not know the slot's chunk, and for Bytes.
func (c *class) atSlow(e *epoch, d *alloc.Directory, index uint32, addr uintptr) pointer {
	p := e.slab.At(d, index)
	if p == nil || !c.owns(e, index, addr) {
		return nil
	}
	return p
}

// find is get within an operation: the pair's VALUE word and slot, or nil if the pair has no variable for the caller.
func (c *class) find(g guard, o object) (w lockfree.Word, at lockfree.Spot, p pointer) {
	if o.pointer == nil {
		return 0, at, nil
	}
	key := o.key()
	w, at = c.table.Find(key, g.e.number)
	if key != o.key() {
		return 0, at, nil // The stack has moved, and the object with it: see getSlow.
	}
	if w.State() == lockfree.Value {
		p = c.at(g.e, g.d, w, o.address())
	}
	return w, at, p
}

// owns tells whether the slot of index, found under the address of an object, is that object's:
// under Collected it may be a dead one's that had the address before.
func (c *class) owns(e *epoch, index uint32, addr uintptr) bool {
	return c.lifetime != Collected || e.handle(index).Is(addr)
}

// handle is the handle of a Collected slot, as handleIn tells it, while the directory is held since before the index was found.
func (e *epoch) handle(index uint32) parent.Handle { return handleIn(e.slab.SideWord(index)) }

// confirm tells whether the live slot p of index is a present variable, and under which address.
func (c *class) confirm(e *epoch, index uint32, p pointer) (addr uintptr, present bool) {
	addr = c.address(p)
	if addr == 0 {
		return 0, false
	}
	return addr, c.table.Get(uint64(addr), e.number) == e.word(index, lockfree.Value)
}

// parentOf returns the parent of the slot p of index as a strong pointer: nil under Manual, and under Collected if it is dead.
func (c *class) parentOf(e *epoch, index uint32, p pointer) object {
	var o object
	if c.dynamic != 0 {
		if m := c.moved(p); m != nil {
			return m.parent()
		}
		o.dynamic = c.dynamicType(p)
	}
	switch c.lifetime {
	case Pinned:
		o.pointer = c.pin(p)
	case Collected:
		o.pointer = e.handle(index).Pointer()
	}
	if c.dynamic != 0 {
		// Move sets the record before it changes the pointer. If it is still nil now, the pointer is the first parent's, and so is
		// the type; if not, the record has both.
		if m := c.moved(p); m != nil {
			return m.parent()
		}
	}
	return o
}

// currentType is the dynamic type of the parent of the slot p, whose word the caller has won.
func (c *class) currentType(p pointer) pointer {
	if m := c.moved(p); m != nil {
		return m.dynamic
	}
	return c.dynamicType(p)
}

func (m *moved) parent() object {
	if m.handle != nil {
		return object{m.handle.Pointer(), m.dynamic}
	}
	return object{m.pin, m.dynamic}
}

// extentOf is the size of the parent o.
func (c *class) extentOf(o object) uintptr {
	if c.extent != 0 {
		return c.extent
	}
	if t := reflect.TypeOf(join(o)); t.Kind() == reflect.Pointer {
		return t.Elem().Size()
	}
	return 1 // maps, channels and unsafe.Pointer: the address itself is all we know
}

// errorOf makes the error of an operation on this class.
func (c *class) errorOf(op string, o object, err error) *Error {
	return &Error{Op: op, Class: *c.name.Load(), ID: c.identity.id, Addr: o.address(), Err: err}
}
