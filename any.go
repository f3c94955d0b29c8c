package shadow

import (
	"iter"
	"reflect"
)

// AnyOptions are the options of a class whose parents are interface values; see [Options].
type AnyOptions[T any] struct {
	Space    *Space
	Name     string
	Lifetime Lifetime
	Destroy  func(obj any, data *T)
	Format   func(data *T) string
	Isolate  bool
	Profile  int
}

// Any is [Var] for parents that are known only as interface values, such as net.Conn or ast.Node, and for maps and channels. The
// dynamic value must be a pointer, map, channel or unsafe.Pointer; its identity is the pointer word alone, so the same pointer in
// another interface type is the same parent. The dynamic type is kept beside the data: All and Destroy
// give back the interface value that was attached to. A nil pointer in an interface counts as nil. What Var's methods promise, these do.
type Any[T any] struct {
	handle handle
	_      [0]*T
}

// NewAny opens the class of an id, as [New] does.
func NewAny[T any](id ID, opts *AnyOptions[T]) (*Any[T], error) {
	if opts == nil {
		opts = new(AnyOptions[T])
	}
	dataType := reflect.TypeFor[T]()
	o := &opening{
		space:    opts.Space,
		identity: identity{id: id, name: opts.Name, kind: kindAny, lifetime: opts.Lifetime, data: dataType},
		isolate:  opts.Isolate, data: dataType, shape: shapeOf[T], profile: opts.Profile,
	}
	if err := o.check(nil); err != nil {
		return nil, err
	}
	if f := opts.Destroy; f != nil {
		o.destroy = func(obj object, data pointer) { f(join(obj), as[T](data)) }
	}
	if f := opts.Format; f != nil {
		o.format = func(data pointer) string { return f(as[T](data)) }
	}
	v := new(Any[T])
	if err := v.handle.open(o); err != nil {
		return nil, err
	}
	return v, nil
}

// MustNewAny is NewAny for package variables: it panics where NewAny fails.
func MustNewAny[T any](id ID, opts *AnyOptions[T]) *Any[T] {
	v, err := NewAny(id, opts)
	if err != nil {
		panic(err)
	}
	return v
}

// pointerShaped tells whether v is of a kind that can be a parent. Structs, arrays and functions may have the same
// representation as a pointer; they are not what they point to.
func pointerShaped(v any) bool {
	switch reflect.TypeOf(v).Kind() {
	case reflect.Pointer, reflect.Map, reflect.Chan, reflect.UnsafePointer:
		return true
	}
	return false
}

// lookup gives the object of an interface value, nil if no such value can be a parent.
func lookup(v any) object {
	if v == nil || !pointerShaped(v) {
		return object{}
	}
	return words(v)
}

// isDirect tells whether the second word of v is the pointer itself. Pointers to types that are never in Go's heap (structs with a
// cgo.Incomplete) are put into a box instead, which is nobody's identity.
func isDirect(v any, o object) (direct bool) {
	defer func() {
		if recover() != nil { // of reflect, which found such a pointer to lead into Go's heap
			direct = false
		}
	}()
	return reflect.ValueOf(v).Pointer() == o.address()
}

// objectOf gives the object of an interface value to attach to, or says why there is none.
func objectOf(v any) (object, error) {
	if v == nil {
		return object{}, ErrNilObject
	}
	if !pointerShaped(v) {
		return object{}, ErrKind
	}
	o := words(v)
	if o.pointer == nil {
		return object{}, ErrNilObject
	}
	if !isDirect(v, o) {
		return object{}, ErrKind
	}
	if t := reflect.TypeOf(v); t.Kind() == reflect.Pointer && t.Elem().Size() == 0 {
		return object{}, ErrZeroSize
	}
	return o, nil
}

// throughAny is through for an interface value.
func (a *attach) throughAny(h *handle, op string, obj any) error {
	o, err := objectOf(obj)
	a.through(h, op, o)
	if err != nil {
		return a.fail(err)
	}
	return nil
}

// Get is [Var.Get].
func (v *Any[T]) Get(obj any) *T {
	return as[T](v.handle.get(lookup(obj).pointer))
}

// Has is [Var.Has].
func (v *Any[T]) Has(obj any) bool { return v.Get(obj) != nil }

// GetBatch is [Var.GetBatch].
func (v *Any[T]) GetBatch(objs []any, dst []*T) int {
	if len(dst) < len(objs) {
		panic("shadow: GetBatch: dst is shorter than objs")
	}
	hits := 0
	for i, obj := range objs {
		dst[i] = v.Get(obj)
		if dst[i] != nil {
			hits++
		}
	}
	return hits
}

// Alloc is [Var.Alloc]. It can also fail with [ErrKind] and [ErrZeroSize].
func (v *Any[T]) Alloc(obj any, data *T) (*T, error) {
	var a attach
	if err := a.throughAny(&v.handle, "Alloc", obj); err != nil {
		return nil, err
	}
	p, _, err := attachCopy(a.c, a.of, a.op, a.o, data, false)
	keepAlive(a.o.pointer)
	return p, err
}

// AllocFunc is [Var.AllocFunc]. It can also fail with [ErrKind] and [ErrZeroSize].
func (v *Any[T]) AllocFunc(obj any, ctor func(*T) error) (*T, error) {
	var a attach
	if err := a.throughAny(&v.handle, "AllocFunc", obj); err != nil {
		return nil, err
	}
	p, _, err := a.construct(func(p pointer) error { return ctor(as[T](p)) }, false)
	keepAlive(a.o.pointer)
	return as[T](p), err
}

// GetOrAlloc is [Var.GetOrAlloc]. It can also fail with [ErrKind] and [ErrZeroSize].
func (v *Any[T]) GetOrAlloc(obj any, data *T) (p *T, loaded bool, err error) {
	if p := v.Get(obj); p != nil {
		return p, true, nil
	}
	var a attach
	if err := a.throughAny(&v.handle, "GetOrAlloc", obj); err != nil {
		return nil, false, err
	}
	p, loaded, err = attachCopy(a.c, a.of, a.op, a.o, data, true)
	keepAlive(a.o.pointer)
	return p, loaded, err
}

// GetOrAllocFunc is [Var.GetOrAllocFunc]. It can also fail with [ErrKind] and [ErrZeroSize].
func (v *Any[T]) GetOrAllocFunc(obj any, ctor func(*T) error) (p *T, loaded bool, err error) {
	if p := v.Get(obj); p != nil {
		return p, true, nil
	}
	var a attach
	if err := a.throughAny(&v.handle, "GetOrAllocFunc", obj); err != nil {
		return nil, false, err
	}
	q, loaded, err := a.construct(func(p pointer) error { return ctor(as[T](p)) }, true)
	keepAlive(a.o.pointer)
	return as[T](q), loaded, err
}

// Free is [Var.Free].
func (v *Any[T]) Free(obj any) bool {
	o := lookup(obj)
	freed := v.handle.class.Load().free(o, nil)
	keepAlive(o.pointer)
	return freed
}

// FreeIf is [Var.FreeIf].
func (v *Any[T]) FreeIf(obj any, data *T) bool {
	if data == nil {
		return false
	}
	o := lookup(obj)
	freed := v.handle.class.Load().free(o, erase(data))
	keepAlive(o.pointer)
	return freed
}

// Take is [Var.Take].
func (v *Any[T]) Take(obj any) *T {
	o := lookup(obj)
	p := v.handle.class.Load().take(o)
	keepAlive(o.pointer)
	return as[T](p)
}

// FreeAll is [Var.FreeAll].
func (v *Any[T]) FreeAll() int { return v.handle.class.Load().freeAll() }

// FreeFunc is [Var.FreeFunc].
func (v *Any[T]) FreeFunc(f func(obj any, data *T) bool) int {
	return v.handle.class.Load().freeFunc(func(o object, p pointer) bool { return f(join(o), as[T](p)) })
}

// Copy is [Var.Copy].
func (v *Any[T]) Copy(dst, src any) (*T, error) {
	var a attach
	if err := a.throughAny(&v.handle, "Copy", dst); err != nil {
		return nil, err
	}
	from := lookup(src)
	p, err := copyData[T](&a, from)
	keepAlive(from.pointer)
	keepAlive(a.o.pointer)
	return p, err
}

// Move is [Var.Move].
func (v *Any[T]) Move(dst, src any) (*T, error) {
	var a attach
	if err := a.throughAny(&v.handle, "Move", dst); err != nil {
		return nil, err
	}
	from := lookup(src)
	p, err := a.move(from)
	keepAlive(from.pointer)
	keepAlive(a.o.pointer)
	return as[T](p), err
}

// All is [Var.All].
func (v *Any[T]) All() iter.Seq2[any, *T] {
	return func(yield func(any, *T) bool) {
		v.handle.class.Load().each(func(o object, p pointer) bool { return yield(join(o), as[T](p)) })
	}
}

// Len is [Var.Len].
func (v *Any[T]) Len() int { return v.handle.class.Load().len() }

// ID is [Var.ID].
func (v *Any[T]) ID() ID { return v.handle.of.identity.id }

// Name is [Var.Name].
func (v *Any[T]) Name() string { return v.handle.name() }

// Close is [Var.Close].
func (v *Any[T]) Close() int { return v.handle.close() }
