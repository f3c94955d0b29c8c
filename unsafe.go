package shadow

import (
	"reflect"
	"runtime"
	"unsafe"

	"github.com/shadowvars/shadow/alloc"
	"github.com/shadowvars/shadow/internal/atomic"
	"github.com/shadowvars/shadow/internal/parent"
)

// This is the package's one file of unsafe memory access. What the others do with
// unsafe.Pointer is carry it and compare it.
//
// Everything below but Get, what keeps objects alive and what goes by a slot's word in a Side reads and writes the meta words of a slot at offsets that were
// taken from the slot's Go type when the class was opened (metaOffset), or, for Bytes, from that of what each slot begins with (bytesOffsets). A slot
// pointer comes from package alloc, which allocated the slot as that type, so the
// words are inside the allocation, aligned, and of the type by which the
// collector knows them. They are read by sweeps, iterators and the reaper while
// their owner writes them, hence always atomically, but for adopt, which comes before the slot can be found.

// pointer is how the other files carry addresses whose type the core has erased.
type pointer = unsafe.Pointer

// as gives an erased pointer its type again.
func as[T any](p pointer) *T {
	// Safety: callers are the typed methods of the handle through whose class p was found, and the
	// registry gives a class to handles of one data type only.
	return (*T)(p)
}

// erase is the inverse of as.
func erase[T any](p *T) pointer {
	// Safety: a pointer loses its type; the collector still sees a pointer.
	return unsafe.Pointer(p)
}

// Get returns the data attached to obj, nil if there is none, if it is still being constructed, or if obj is nil. It allocates nothing
// and writes no shared memory; it is wait-free but for the length of a probe run, which is short, and one
// more if the table is being migrated. The pointer stays good for as long as it is held, also after the variable has ended.
func (v *Var[O, T]) Get(obj *O) *T {
	// Safety: as for as and erase; without calling them, Get is so small that a caller's function of nothing but a Get is inlined, too.
	return (*T)(fastThenSlow(tryFast, trySlow, &v.handle, unsafe.Pointer(obj)))
}

// reached ends an operation's hold on an epoch and a directory: the loads before have been made while both were reachable. An atomic load and KeepAlive stay in order, as all that may touch memory does. It returns e: so it costs nothing, whereas
// a pointer kept for the end of a function has to be stored at its beginning.
func reached(e *epoch, d *alloc.Directory) *epoch {
	if atomic.Exploring {
		atomic.Keep(e)
		alloc.Keep(d)
	}
	runtime.KeepAlive(e)
	runtime.KeepAlive(d)
	return e
}

// keepAlive keeps an erased object reachable until here.
func keepAlive(p pointer) { runtime.KeepAlive(p) }

// metaOffset is the offset of the meta words in the slots of a class.
func metaOffset[T, M any]() uintptr {
	var s slot[T, M]
	// Safety: a constant of the type; no memory is accessed.
	return unsafe.Offsetof(s.meta)
}

// bytesOffsets is where the meta words are in the slots of a class of Bytes, and where what stands behind the head begins.
func bytesOffsets[M any]() (meta, rest uintptr) {
	var h bytesHead[M]
	// Safety: constants of the type; no memory is accessed.
	return unsafe.Offsetof(h.meta), unsafe.Sizeof(h)
}

// in is the bytes in the slot p, nil without a slot.
func (s *byteSizes) in(p unsafe.Pointer) []byte {
	if p == nil {
		return nil
	}
	// Safety: every slot of a class of Bytes begins with a bytesHead, whose first field with a size is the number of bytes. Behind it there
	// is room for so many, or, if they are more than a slot has room for, the rest of a bytesElsewhere.
	n, start := *(*int)(p), unsafe.Add(p, s.rest)
	if n > s.most {
		start = *(*unsafe.Pointer)(start)
	}
	return unsafe.Slice((*byte)(start), n)
}

// fill makes the slot p, which is the caller's alone, one of so many bytes, which begin with data: if they do not fit into a slot, of those at elsewhere.
func (s *byteSizes) fill(p unsafe.Pointer, data []byte, size int, elsewhere *byte) {
	// Safety: as for in; the slot was claimed for this size.
	*(*int)(p) = size
	if elsewhere != nil {
		*(**byte)(unsafe.Add(p, s.rest)) = elsewhere
		return
	}
	copy(s.in(p), data)
}

// The handle words that are no parent's, besides nil. Each has a word of its own that stays 0, so they never match an address.
var (
	condemned = sentinel() // its parent was found dead; the finder or anybody else ends it
	transit   = sentinel() // Move is between two parents
)

func sentinel() parent.Handle {
	// Safety: a handle is a pointer to a word that the collector may follow; this is one that nobody writes.
	return parent.Handle(unsafe.Pointer(new([2]uintptr)))
}

// adopt writes the meta words that make o the first parent of slot p, and its handle to the slot's side. Nobody else reads them yet: a slot is found by its live bit or by
// the table's word, and both are set after this, by atomic operations that order it before whoever finds the slot. An atomic store would cost
// as much as one of those.
func (c *class) adopt(p unsafe.Pointer, side *unsafe.Pointer, o object, h parent.Handle) {
	if c.dynamic != 0 {
		if atomic.Exploring { // the condition keeps adopt small enough to be inlined
			atomic.PlainWrite(&c.anyWords(p).dynamic)
		}
		c.anyWords(p).dynamic = o.dynamic
	}
	// Safety: the meta words of a slot begin as its lifetime says, see slot.go; the layouts with Any's words begin likewise.
	meta := unsafe.Add(p, c.meta)
	atomic.PlainWrite((*uintptr)(meta)) // the first word, whichever it is
	if c.lifetime == Pinned {
		(*pinnedMeta)(meta).pin = o.pointer
		return
	}
	(*addressMeta)(meta).address = o.address()
	if side != nil {
		atomic.PlainWrite(side)
		*side = unsafe.Pointer(h)
	}
}

// address is the parent's address as the slot knows it, 0 if a pinned parent has been let go.
func (c *class) address(p unsafe.Pointer) uintptr {
	if c.lifetime == Pinned {
		return uintptr(c.pin(p))
	}
	// Safety: the first meta word of Manual and Collected slots is the address.
	return atomic.LoadUintptr((*uintptr)(unsafe.Add(p, c.meta)))
}

// setAddress writes the address of a Manual or Collected slot.
func (c *class) setAddress(p unsafe.Pointer, addr uintptr) {
	// Safety: as for address.
	atomic.StoreUintptr((*uintptr)(unsafe.Add(p, c.meta)), addr)
}

// pin is the strong pointer to the parent of a Pinned slot.
func (c *class) pin(p unsafe.Pointer) unsafe.Pointer {
	// Safety: the first meta word of Pinned slots is a pointer.
	return atomic.LoadPointer((*unsafe.Pointer)(unsafe.Add(p, c.meta)))
}

func (c *class) setPin(p, obj unsafe.Pointer) {
	// Safety: as for pin.
	atomic.StorePointer((*unsafe.Pointer)(unsafe.Add(p, c.meta)), obj)
}

// handleIn is the weak handle in a slot's side, or one of the sentinels, or nil if its variable has ended, also if the side has gone with it.
func handleIn(side *unsafe.Pointer) parent.Handle {
	if side == nil {
		return nil
	}
	// Safety: the sides of Collected classes hold handles, each stored as the pointer that it is.
	return parent.Handle(atomic.LoadPointer(side))
}

// setHandle replaces the handle of a variable that is the caller's to move: so it has a side.
func (e *epoch) setHandle(index uint32, h parent.Handle) {
	// Safety: as for handleIn.
	atomic.StorePointer(e.slab.SideWord(index), unsafe.Pointer(h))
}

// casHandle replaces the handle in a side if it is still old.
func casHandle(side *unsafe.Pointer, old, new parent.Handle) bool {
	// Safety: as for handleIn.
	return atomic.CompareAndSwapPointer(side, unsafe.Pointer(old), unsafe.Pointer(new))
}

// anyWords are the words that only Any keeps.
func (c *class) anyWords(p unsafe.Pointer) *anyMeta {
	// Safety: slots with c.dynamic != 0 have an anyMeta there.
	return (*anyMeta)(unsafe.Add(p, c.dynamic))
}

// dynamicType is the type word of the slot's first parent.
func (c *class) dynamicType(p unsafe.Pointer) unsafe.Pointer {
	return atomic.LoadPointer(&c.anyWords(p).dynamic)
}

// moved is the record of the slot's later parent, nil if it has not been moved.
func (c *class) moved(p unsafe.Pointer) *moved {
	// Safety: only setMoved writes this word.
	return (*moved)(atomic.LoadPointer(&c.anyWords(p).moved))
}

func (c *class) setMoved(p unsafe.Pointer, m *moved) {
	// Safety: the word holds a *moved, as moved reads it.
	atomic.StorePointer(&c.anyWords(p).moved, unsafe.Pointer(m))
}

// emptyInterface is the representation of an any.
type emptyInterface struct{ dynamic, data unsafe.Pointer }

// words splits an interface value. Only for pointer-shaped dynamic types is the second word the value itself.
func words(v any) object {
	// Safety: an any is two words, type and data; TestWords holds it for every kind of parent.
	w := (*emptyInterface)(unsafe.Pointer(&v))
	return object{pointer: w.data, dynamic: w.dynamic}
}

// join is the inverse of words.
func join(o object) any {
	var v any
	if o.pointer == nil {
		return nil
	}
	// Safety: both words came from words, of a value of a pointer-shaped type.
	*(*emptyInterface)(unsafe.Pointer(&v)) = emptyInterface{o.dynamic, o.pointer}
	return v
}

// typeOf is the type of a type word, nil of nil.
func typeOf(dynamic pointer) reflect.Type {
	if dynamic == nil {
		return nil
	}
	var v any
	// Safety: the type word came from words; the data word has to be some pointer that the collector may see, and nobody follows it.
	*(*emptyInterface)(unsafe.Pointer(&v)) = emptyInterface{dynamic, dynamic}
	return reflect.TypeOf(v)
}
