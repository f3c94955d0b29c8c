package parent

// This is the only file of the package that uses unsafe, and the only file of
// the library that knows what stands behind weak.Pointer.

import (
	"reflect"
	"runtime"
	"sync"
	"unsafe"
	"weak"

	"github.com/shadowvars/shadow/internal/atomic"
)

// Classify tells what memory p, which is not nil, points to. Memory that is
// not Go's is never touched and gives Foreign. A variable on the stack is
// moved to the heap by having its address given to Classify. A dangling
// pointer into Go's heap remains what it is for the runtime: fatal.
//
// It costs two loads where an earlier call found heap memory in the same
// region; otherwise a cleanup is registered and stopped, which allocates. It
// orders no memory.
func Classify(p unsafe.Pointer) Kind {
	if known.has(uintptr(p)) {
		return Heap
	}
	return classifySlow(p)
}

// classifySlow asks runtime.AddCleanup, which panics for memory that is not
// Go's, where weak.Make would end the process, and which returns the zero
// Cleanup for memory that is never freed.
//
//go:noinline
func classifySlow(p unsafe.Pointer) (kind Kind) {
	if fake(uintptr(p)) != nil {
		return Heap
	}
	// Whatever AddCleanup panics with, it has registered nothing.
	defer func() {
		if recover() != nil {
			kind = Foreign
		}
	}()
	// Safety: AddCleanup looks at the address, not at what is there, and a
	// byte has no alignment.
	cleanup := runtime.AddCleanup((*byte)(p), func(struct{}) {}, struct{}{})
	if cleanup == (runtime.Cleanup{}) {
		return Immortal
	}
	// The cleanup must go at once: on an object that shares its block with
	// others it would be reported by GODEBUG=checkfinalizers=1. Stop on an
	// object that may be dead can crash the runtime, hence KeepAlive.
	cleanup.Stop()
	runtime.KeepAlive(p)
	known.add(uintptr(p))
	return Heap
}

// Word is what a handle points to. The runtime writes it; nobody else writes
// or copies it.
type Word struct {
	address uintptr
}

// Handle names an object without keeping it alive. It is one pointer word,
// which the collector must see: it belongs in an atomic.Pointer[Word], or a
// field of type Handle. Handles are compared with ==. The nil handle names no
// object: Is and Dead are false, Pointer is nil.
type Handle = *Word

// Make returns the handle of the object p, which is of kind Heap or Immortal;
// other memory ends the process. The handles of equal pointers are equal
// while the object lives; of pointers to different offsets in one object they
// differ. An immortal address keeps its handle, 24 bytes, for ever.
//
// It takes locks of the runtime and walks what is registered for the
// neighbours of p, and allocates 16 bytes when the handle is new.
func Make(p unsafe.Pointer) Handle {
	if h := fake(uintptr(p)); h != nil {
		return h
	}
	if readable {
		return makeWord(p)
	}
	return makeBox(p)
}

// Is tells whether the object of the handle lives and is at addr, which is not
// 0. The answer is exact while the caller keeps the object at addr alive, to
// the end of all that depends on the answer. One load; it allocates nothing
// and writes nothing. True synchronizes nothing: the caller's object was
// published by other means.
func (h *Word) Is(addr uintptr) bool {
	if !readable {
		return boxIs(h, addr)
	}
	return h != nil && h.Address() == addr
}

// Readable tells whether Address may be called.
func Readable() bool { return readable }

// Address is what h, which is not nil, names, where Readable is true: 0 if the object is gone. Elsewhere it means nothing.
func (h *Word) Address() uintptr { return atomic.LoadUintptr(&h.address) } // LP(Is): this load.

// Dead tells whether the object of the handle is gone. False may lag behind
// the collector; true is final. One load; it allocates nothing and writes
// nothing.
func (h *Word) Dead() bool {
	if !readable {
		return boxDead(h)
	}
	return h != nil && atomic.LoadUintptr(&h.address) == 0 // LP(Dead): this load.
}

// Pointer returns the object of the handle, which is kept alive by the
// result, or nil if it is gone. It may wait for the collector.
func (h *Word) Pointer() unsafe.Pointer {
	switch {
	case h == nil:
		return nil
	case isFake(h):
		address := atomic.LoadUintptr(&h.address)
		// Safety: a fake address lies outside the heap; nobody follows the
		// pointer, it only has to come back from where it was given.
		return *(*unsafe.Pointer)(unsafe.Pointer(&address))
	case readable:
		// Safety: h came out of a weak.Pointer[byte], and the test at start-up
		// has shown that such a pointer consists of this word alone.
		return unsafe.Pointer((*(*weak.Pointer[byte])(unsafe.Pointer(&h))).Value())
	}
	return unsafe.Pointer(asBox(h).object.Value())
}

// makeWord returns the handle as the word behind the weak pointer.
func makeWord(p unsafe.Pointer) Handle {
	// Safety: a byte has no alignment, and weak.Make keeps p's own offset.
	object := weak.Make((*byte)(p))
	runtime.KeepAlive(p)
	// Safety: the test at start-up has shown that a weak.Pointer is one
	// pointer to a word that holds the address.
	return *(*Handle)(unsafe.Pointer(&object))
}

// readable tells that the word behind a weak.Pointer is as expected.
var readable = !forceValue && selfTest(reflect.TypeFor[weak.Pointer[byte]](), makeWord)

// probe is the immortal object of the test at start-up.
var probe [2]uint64

// selfTest checks what the package assumes of weak pointers of type layout,
// and of the words that handles point to. Death is not among it: Value itself
// depends on the word being 0 before the memory is used again, because it
// knows nothing else of the object.
func selfTest(layout reflect.Type, handle func(unsafe.Pointer) Handle) bool {
	// The shape first: without it nothing may be read.
	if layout.Kind() != reflect.Struct || layout.NumField() != 2 || layout.Size() != wordSize {
		return false
	}
	if layout.Field(1).Type.Kind() != reflect.UnsafePointer {
		return false
	}
	object := new([2]uint64)
	holds := true
	for _, pair := range []*[2]uint64{object, &probe} {
		// Safety: both point to 16 bytes that live to the end of the function.
		start, interior := unsafe.Pointer(&pair[0]), unsafe.Pointer(&pair[1])
		first, second := handle(start), handle(interior)
		holds = holds && wordHolds(first, start) && wordHolds(second, interior) &&
			handle(start) == first && handle(interior) == second
	}
	runtime.KeepAlive(object)
	return holds
}

// wordHolds tells whether h points to an aligned word that holds the address p.
func wordHolds(h Handle, p unsafe.Pointer) bool {
	// Safety: only the number is looked at.
	if h == nil || uintptr(unsafe.Pointer(h))%unsafe.Alignof(uintptr(0)) != 0 {
		return false
	}
	return atomic.LoadUintptr(&h.address) == uintptr(p)
}

// box is what a handle points to where the word cannot be read.
type box struct {
	object weak.Pointer[byte]
}

// boxes finds the box of an object, so that equal pointers have equal
// handles: weak.Pointer[byte] to weak.Pointer[box]. A box lives as long as a
// handle points to it; its cleanup removes its own entry, not a successor's.
var boxes sync.Map

type boxEntry struct {
	object weak.Pointer[byte]
	box    weak.Pointer[box]
}

// makeBox returns the handle as a box around the weak pointer.
func makeBox(p unsafe.Pointer) Handle {
	// Safety: a byte has no alignment, and weak.Make keeps p's own offset.
	object := weak.Make((*byte)(p))
	runtime.KeepAlive(p)
	for {
		if old, ok := boxes.Load(object); ok {
			if b := old.(weak.Pointer[box]).Value(); b != nil {
				return asHandle(b)
			}
			boxes.CompareAndDelete(object, old)
		}
		b := &box{object}
		entry := boxEntry{object, weak.Make(b)}
		if _, loaded := boxes.LoadOrStore(object, entry.box); !loaded {
			runtime.AddCleanup(b, func(e boxEntry) { boxes.CompareAndDelete(e.object, e.box) }, entry)
			return asHandle(b)
		}
	}
}

func boxIs(h Handle, addr uintptr) bool {
	// Safety: only the number is looked at.
	return h != nil && uintptr(unsafe.Pointer(asBox(h).object.Value())) == addr
}

func boxDead(h Handle) bool { return h != nil && asBox(h).object.Value() == nil }

// Safety: the handle made here goes back through asBox before it is followed,
// and the collector goes by how the memory was allocated, not by the type of
// the pointer to it.
func asHandle(b *box) Handle { return (Handle)(unsafe.Pointer(b)) }

// Safety: where words cannot be read, every handle came from asHandle.
func asBox(h Handle) *box { return (*box)(unsafe.Pointer(h)) }

// Escape forces the object that p points to out of the stack, so that its
// address stays what it is. It costs a load and a branch that is never taken.
func Escape(p unsafe.Pointer) {
	if never {
		sink = p
	}
}

var (
	never bool // never written; the compiler does not know
	sink  unsafe.Pointer
)

// PointInto tells whether a pointer in the value at data, which is of the type
// that f was made for, points to one of the size bytes that begin at base.
// It allocates nothing; its cost is that of reading the pointers. Nil fields hold no pointers: false.
//
// Somebody may be writing the value, under a lock of his own: Move asks about data that it does not otherwise touch. A word is read as a whole, and what is
// read is compared and forgotten, so the answer is right for some moment; hence norace.
//
//go:norace
func (f *Fields) PointInto(data unsafe.Pointer, base, size uintptr) bool {
	if f == nil {
		return false
	}
	for _, offset := range f.words {
		// Safety: the offset is that of a pointer in the value at data; as a
		// number it may be read whatever kind of pointer it is.
		if Within(*(*uintptr)(unsafe.Add(data, offset)), base, size) {
			return true
		}
	}
	for _, a := range f.arrays {
		for i := range a.count {
			// Safety: the array and its element i lie in the value at data.
			if a.element.PointInto(unsafe.Add(data, a.offset+i*a.stride), base, size) {
				return true
			}
		}
	}
	return false
}
