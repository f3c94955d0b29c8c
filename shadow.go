package shadow

import (
	"iter"
	"reflect"
)

// Options are the options of a class of variables of type T attached to objects of type O.
// The zero value is good: the default space, no name, Collected.
type Options[O, T any] struct {
	Space    *Space   // nil: Default()
	Name     string   // for people: errors, statistics, debug page, profiles
	Lifetime Lifetime // what ends a variable besides being freed

	// Destroy is called once for each variable that was freed or whose parent was collected, after Get can no longer find
	// it, by the goroutine that freed it or in the background. obj is nil if the parent was collected, and under Manual unless the call that ended
	// the variable named the parent. It may call the library, and it may block.
	Destroy func(obj *O, data *T)

	// Format is how debugging shows the data; the class's owner knows its locking.
	Format func(data *T) string

	// Isolate keeps every variable's data off the cache lines of all others, so that counters and locks of different parents do not
	// slow each other, for at least 64 bytes more a variable. (The handles of Collected variables, which are written when a variable is attached, moved or ended,
	// lie eight to a line, with and without it.) Whoever opens the class first decides.
	Isolate bool

	// Profile records the stack of one attachment in so many, chosen at random, for [Space.Samples]; 0, the default, of none. A variable of such a class
	// takes up to eight bytes more, the class some 8 KiB, and so does each of its generations, of which FreeAll begins one. An attachment that is
	// recorded takes the time to walk its stack. Whoever opens the class first decides.
	Profile int
}

// Var is a handle on the class of one id: its variables are of type T and attached to objects of type O. All methods may be called concurrently. A Var
// must not be copied.
//
// In the terms of the Go memory model, Get, Has, GetBatch and All are read operations; Alloc, AllocFunc, Copy, Move, and GetOrAlloc and
// GetOrAllocFunc if loaded is false, Free, FreeAll, FreeFunc, FreeIf, Take and Close are write operations. A write that
// attaches a variable synchronizes before every read that observes it, and a write that ends one synchronizes before the write that
// attaches the next to the same object. What the data holds afterwards is the callers' to synchronize.
type Var[O, T any] struct {
	handle handle
	_      [0]*O
	_      [0]*T
}

// New opens the class of an id, which must be new in its space or open with the same types and lifetime; then the handle is one
// more on the same class, and a Destroy or Format that is not nil replaces the class's. opts may be nil.
//
// It fails with [ErrConflict] if the id is open as something else, with [ErrZeroSize] if O has size zero,
// and with [ErrKind] if O is an interface type (use [NewAny]). It takes time in proportion to the number of open classes.
func New[O, T any](id ID, opts *Options[O, T]) (*Var[O, T], error) {
	if opts == nil {
		opts = new(Options[O, T])
	}
	objectType, dataType := reflect.TypeFor[O](), reflect.TypeFor[T]()
	o := &opening{
		space:    opts.Space,
		identity: identity{id: id, name: opts.Name, kind: kindVar, lifetime: opts.Lifetime, object: objectType, data: dataType},
		isolate:  opts.Isolate, extent: objectType.Size(), data: dataType, shape: shapeOf[T], profile: opts.Profile,
	}
	if err := o.check(objectType); err != nil {
		return nil, err
	}
	if f := opts.Destroy; f != nil {
		o.destroy = func(obj object, data pointer) { f(as[O](obj.pointer), as[T](data)) }
	}
	if f := opts.Format; f != nil {
		o.format = func(data pointer) string { return f(as[T](data)) }
	}
	v := new(Var[O, T])
	if err := v.handle.open(o); err != nil {
		return nil, err
	}
	return v, nil
}

// MustNew is New for package variables: it panics where New fails.
func MustNew[O, T any](id ID, opts *Options[O, T]) *Var[O, T] {
	v, err := New(id, opts)
	if err != nil {
		panic(err)
	}
	return v
}

func of[O any](obj *O) object { return object{pointer: erase(obj)} }

// Has tells whether obj has a variable, at the cost of Get.
func (v *Var[O, T]) Has(obj *O) bool { return v.Get(obj) != nil }

// GetBatch is dst[i] = Get(objs[i]) for all i, and returns how many are not nil. It looks for several at a time, so that the
// processor waits for their memory together. It panics if dst is shorter than objs. Each Get of it
// is an operation of its own: the batch as a whole is not atomic.
func (v *Var[O, T]) GetBatch(objs []*O, dst []*T) int {
	if len(dst) < len(objs) {
		panic("shadow: GetBatch: dst is shorter than objs")
	}
	hits := 0
	for len(objs) > 0 {
		n := min(len(objs), batch)
		hits += getSome(v.handle.class.Load(), objs[:n], dst[:n])
		objs, dst = objs[n:], dst[n:]
	}
	return hits
}

// Alloc attaches a copy of *data to obj, or zeroed data if data is nil, and returns the address of the attached data.
//
// It fails with [ErrExists] if obj has a variable or one is under construction, [ErrNilObject], [ErrForeign], [ErrSelf] and [ErrClosed], and then
// attaches nothing. Lock-free. It allocates a slot's share of a chunk of slots; an object that lies on a
// stack is moved to the heap.
func (v *Var[O, T]) Alloc(obj *O, data *T) (*T, error) {
	p, _, err := attachCopy(v.handle.class.Load(), v.handle.of, "Alloc", of(obj), data, false)
	keepAlive(erase(obj))
	return p, err
}

// AllocFunc attaches data that ctor builds in place, out of zeroed memory. Nobody sees it before ctor has returned, and
// while it runs the pair is under construction: absent for Get, taken for Alloc, waited for by GetOrAlloc. FreeAll and Close do not wait for it: from then on
// the pair is free for others, and what ctor builds is ended as soon as it is built.
//
// It fails as Alloc does, without calling ctor. An error of ctor is returned unchanged and nothing is attached; if ctor panics or
// exits its goroutine, nothing is attached and the panic or exit goes on. ctor may use the library, other
// pairs included; if it asks GetOrAlloc for the pair it constructs, it waits for itself for ever, as with sync.Once.
func (v *Var[O, T]) AllocFunc(obj *O, ctor func(*T) error) (*T, error) {
	var a attach
	a.through(&v.handle, "AllocFunc", of(obj))
	p, _, err := a.construct(func(p pointer) error { return ctor(as[T](p)) }, false)
	keepAlive(erase(obj))
	return as[T](p), err
}

// GetOrAlloc returns what is attached to obj, or attaches a copy of *data (zeroed data if data is nil) and returns that; loaded tells which. All concurrent
// callers get the same pointer. It fails as Alloc does, except that it waits for a construction of this very pair
// instead of reporting it. If the variable is there, it costs what Get costs.
func (v *Var[O, T]) GetOrAlloc(obj *O, data *T) (p *T, loaded bool, err error) {
	if p := v.Get(obj); p != nil {
		return p, true, nil
	}
	p, loaded, err = attachCopy(v.handle.class.Load(), v.handle.of, "GetOrAlloc", of(obj), data, true)
	keepAlive(erase(obj))
	return p, loaded, err
}

// GetOrAllocFunc is GetOrAlloc with data that ctor builds in place, as AllocFunc does. Of concurrent callers for one
// object one runs its ctor; the others wait for it, and should it fail, one of them takes over with its own.
func (v *Var[O, T]) GetOrAllocFunc(obj *O, ctor func(*T) error) (p *T, loaded bool, err error) {
	if p := v.Get(obj); p != nil {
		return p, true, nil
	}
	var a attach
	a.through(&v.handle, "GetOrAllocFunc", of(obj))
	q, loaded, err := a.construct(func(p pointer) error { return ctor(as[T](p)) }, true)
	keepAlive(erase(obj))
	return as[T](q), loaded, err
}

// Free ends the variable of obj and tells whether this call did. Destroy has been called when it returns. Lock-free; it allocates nothing, but for the table: one in many moves it to a smaller array, or after a collection has it looked at.
func (v *Var[O, T]) Free(obj *O) bool {
	freed := v.handle.class.Load().free(of(obj), nil)
	keepAlive(erase(obj))
	return freed
}

// FreeIf is Free if data is what is attached to obj, compared by address: compare-and-free.
func (v *Var[O, T]) FreeIf(obj *O, data *T) bool {
	if data == nil {
		return false
	}
	freed := v.handle.class.Load().free(of(obj), erase(data))
	keepAlive(erase(obj))
	return freed
}

// Take detaches the variable of obj without destroying it and returns its data, which is now the caller's; nil if there is none.
func (v *Var[O, T]) Take(obj *O) *T {
	p := v.handle.class.Load().take(of(obj))
	keepAlive(erase(obj))
	return as[T](p)
}

// FreeAll ends every variable of the class at one instant: no Get that begins after that finds one that was attached before. Then it destroys
// them one by one, and returns how many that were. It takes time in proportion to the variables of the class.
// A variable whose attachment overlaps FreeAll may be ended with the others; its attachment still succeeds.
// If Destroy panics, the rest is destroyed nevertheless, and then the first panic goes on.
func (v *Var[O, T]) FreeAll() int { return v.handle.class.Load().freeAll() }

// FreeFunc ends the variables for which f returns true, each as Free does, and returns how many. Under Manual obj is nil. What is attached throughout the
// call is asked about; f may call the library.
func (v *Var[O, T]) FreeFunc(f func(obj *O, data *T) bool) int {
	return v.handle.class.Load().freeFunc(func(o object, p pointer) bool { return f(as[O](o.pointer), as[T](p)) })
}

// Copy attaches a copy of src's data to dst and returns the copy's address. The caller keeps writers of src's data out meanwhile.
// It fails as Alloc does, with [ErrExists] also if dst is src, and with [ErrAbsent] if src has no variable.
func (v *Var[O, T]) Copy(dst, src *O) (*T, error) {
	var a attach
	a.through(&v.handle, "Copy", of(dst))
	p, err := copyData[T](&a, of(src))
	keepAlive(erase(src))
	keepAlive(erase(dst))
	return p, err
}

// Move detaches the variable of src and attaches it, the same data at the same address, to dst. In between it is at neither. It
// fails as Copy does, and then it has changed nothing.
func (v *Var[O, T]) Move(dst, src *O) (*T, error) {
	var a attach
	a.through(&v.handle, "Move", of(dst))
	p, err := a.move(of(src))
	keepAlive(erase(src))
	keepAlive(erase(dst))
	return as[T](p), err
}

// All yields the objects and their data, in no particular order. A variable is yielded at most once; those that are attached throughout
// the loop are yielded; of the others some may be. The loop's body may call the library, and free what it
// sees. A body that takes hours, while millions of variables come and go, makes attaching to the class slower meanwhile. Under Manual the objects are nil.
func (v *Var[O, T]) All() iter.Seq2[*O, *T] {
	return func(yield func(*O, *T) bool) {
		v.handle.class.Load().each(func(o object, p pointer) bool { return yield(as[O](o.pointer), as[T](p)) })
	}
}

// Len returns how many variables the class has, without those under construction. It takes one step for every 32 variables that
// the class's memory has room for. It is exact while nobody attaches or frees; else it adds up counts of different moments, in which a variable that is
// freed and attached again may be missing or count twice, and one that is being attached counts a little early.
func (v *Var[O, T]) Len() int { return v.handle.class.Load().len() }

// ID returns the class's id.
func (v *Var[O, T]) ID() ID { return v.handle.of.identity.id }

// Name returns the class's name, empty if it has none.
func (v *Var[O, T]) Name() string { return v.handle.name() }

// Close closes this handle, which answers as an empty class from then on. The last handle of a class to be closed frees the class as FreeAll does, returns how many
// variables that ended, and leaves the id free for another class; for other handles, and the second time, Close returns 0.
func (v *Var[O, T]) Close() int { return v.handle.close() }
