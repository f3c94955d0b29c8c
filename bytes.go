package shadow

import (
	"iter"
	"reflect"
)

// BytesOptions are the options of a class of bytes; see [Options].
type BytesOptions[O any] struct {
	Space    *Space
	Name     string
	Lifetime Lifetime
	Destroy  func(obj *O, data []byte)
	Format   func(data []byte) string
	Profile  int
}

// Bytes is [Var] for data whose size is chosen per variable, as the kernel's data[] is. The data is aligned to 8 bytes and its capacity is its
// length, so that appending never writes past it. What Var's methods promise, these do.
//
// Data of up to some 480 bytes lies in slots of some thirty sizes, beside what the library keeps of the parent, and of a small size several share a chunk, which as long
// as one of them is held is kept as a whole: at most 1 KiB. More is an allocation of its own.
type Bytes[O any] struct {
	handle handle
	_      [0]*O
}

// NewBytes opens the class of an id, as [New] does.
func NewBytes[O any](id ID, opts *BytesOptions[O]) (*Bytes[O], error) {
	if opts == nil {
		opts = new(BytesOptions[O])
	}
	objectType := reflect.TypeFor[O]()
	o := &opening{
		space:    opts.Space,
		identity: identity{id: id, name: opts.Name, kind: kindBytes, lifetime: opts.Lifetime, object: objectType},
		extent:   objectType.Size(), data: reflect.TypeFor[byte](), profile: opts.Profile,
		shape: func(i identity, _, _ bool) shape { return *bytesShape(i.lifetime) },
	}
	if err := o.check(objectType); err != nil {
		return nil, err
	}
	sizes := bytesShape(opts.Lifetime).sizes
	if f := opts.Destroy; f != nil {
		o.destroy = func(obj object, data pointer) { f(as[O](obj.pointer), sizes.in(data)) }
	}
	if f := opts.Format; f != nil {
		o.format = func(data pointer) string { return f(sizes.in(data)) }
	}
	v := new(Bytes[O])
	if err := v.handle.open(o); err != nil {
		return nil, err
	}
	return v, nil
}

// MustNewBytes is NewBytes for package variables: it panics where NewBytes fails.
func MustNewBytes[O any](id ID, opts *BytesOptions[O]) *Bytes[O] {
	b, err := NewBytes(id, opts)
	if err != nil {
		panic(err)
	}
	return b
}

// Get returns the bytes attached to obj, nil if there are none; a variable of size zero is an empty slice that is not nil. See [Var.Get].
func (b *Bytes[O]) Get(obj *O) []byte {
	return b.handle.of.sizes.in(b.handle.get(erase(obj)))
}

// Has is [Var.Has].
func (b *Bytes[O]) Has(obj *O) bool { return b.Get(obj) != nil }

// Alloc attaches size bytes to obj, the first of them a copy of data and the rest zero, and returns them. It fails
// as [Var.Alloc] does, and with [ErrSize] if size is negative, less than len(data), or more than 1 TiB, or half of the address space. As with any allocation, the
// runtime ends the process if there is no memory for it.
func (b *Bytes[O]) Alloc(obj *O, data []byte, size int) ([]byte, error) {
	p, _, err := b.attach("Alloc", obj, data, size, false)
	return p, err
}

// GetOrAlloc returns what is attached to obj, whatever its size, or attaches as Alloc does; loaded tells which. See [Var.GetOrAlloc].
func (b *Bytes[O]) GetOrAlloc(obj *O, data []byte, size int) (p []byte, loaded bool, err error) {
	if p := b.Get(obj); p != nil {
		return p, true, nil
	}
	return b.attach("GetOrAlloc", obj, data, size, true)
}

func (b *Bytes[O]) attach(op string, obj *O, data []byte, size int, waits bool) ([]byte, bool, error) {
	var a attach
	a.through(&b.handle, op, of(obj))
	switch {
	case size < 0 || size < len(data):
		return nil, false, a.fail(ErrSize)
	case obj == nil:
		return nil, false, a.fail(ErrNilObject)
	case a.c.epoch.Load().closed:
		return nil, false, a.fail(ErrClosed)
	}
	var elsewhere *byte
	if size > a.c.sizes.most {
		if !waits && b.Has(obj) {
			// What is there is found before the bytes are made: they may be many.
			return nil, false, a.fail(ErrExists)
		}
		if uint64(size) > mostBytes {
			return nil, false, a.fail(ErrSize)
		}
		elsewhere = newBytes(data, size)
	}
	p, loaded, err := attachBytes(&a, data, size, elsewhere, waits)
	keepAlive(erase(obj))
	return p, loaded, err
}

// attachBytes is attachInSteps for bytes, which point nowhere.
func attachBytes(a *attach, data []byte, size int, elsewhere *byte, waits bool) (p []byte, loaded bool, err error) {
	sizes := a.c.sizes
	a.size = sizes.slot(size)
	for {
		q, err := a.begin(waits)
		if q != nil || err != nil {
			return sizes.in(q), q != nil, err
		}
		sizes.fill(a.slot, data, size, elsewhere)
		q, loaded, again, err := a.publish(waits)
		if !again {
			return sizes.in(q), loaded, err
		}
	}
}

// Free is [Var.Free].
func (b *Bytes[O]) Free(obj *O) bool {
	freed := b.handle.class.Load().free(of(obj), nil)
	keepAlive(erase(obj))
	return freed
}

// FreeAll is [Var.FreeAll].
func (b *Bytes[O]) FreeAll() int { return b.handle.class.Load().freeAll() }

// Take is [Var.Take].
func (b *Bytes[O]) Take(obj *O) []byte {
	c := b.handle.class.Load()
	p := c.take(of(obj))
	keepAlive(erase(obj))
	return c.sizes.in(p)
}

// All is [Var.All].
func (b *Bytes[O]) All() iter.Seq2[*O, []byte] {
	return func(yield func(*O, []byte) bool) {
		c := b.handle.class.Load()
		c.each(func(o object, p pointer) bool { return yield(as[O](o.pointer), c.sizes.in(p)) })
	}
}

// Len is [Var.Len].
func (b *Bytes[O]) Len() int { return b.handle.class.Load().len() }

// ID is [Var.ID].
func (b *Bytes[O]) ID() ID { return b.handle.of.identity.id }

// Name is [Var.Name].
func (b *Bytes[O]) Name() string { return b.handle.name() }

// Close is [Var.Close].
func (b *Bytes[O]) Close() int { return b.handle.close() }
