package shadow

import (
	"reflect"
	"time"

	"github.com/shadowvars/shadow/alloc"
	"github.com/shadowvars/shadow/internal/atomic"
	"github.com/shadowvars/shadow/internal/parent"
)

// opening is what the three kinds of New have in common: the options, their types erased.
type opening struct {
	space    *Space
	identity identity
	isolate  bool
	extent   uintptr // size of the parent type, 0 if the dynamic type tells
	data     reflect.Type
	shape    func(i identity, holdsPointers, isolate bool) shape
	profile  int
	destroy  destructor
	format   func(data pointer) string
}

// check refuses lifetimes that do not exist and parent types that cannot have identity; object is nil for Any.
func (o *opening) check(object reflect.Type) error {
	err := error(nil)
	switch {
	case o.identity.lifetime > Manual:
		err = ErrLifetime
	case object == nil:
		return nil
	case object.Kind() == reflect.Interface:
		err = ErrKind
	case object.Size() == 0:
		err = ErrZeroSize
	default:
		return nil
	}
	return &Error{Op: "New", Class: o.identity.name, ID: o.identity.id, Err: err}
}

// handle is one opening of a class: what Var, Any and Bytes are made of. Closing it replaces the class by one
// that is empty for ever, so that no operation has to ask whether its handle is open.
type handle struct {
	class atomic.Pointer[class]
	of    *class // the class that was opened, for its name
}

// open opens the class and points the handle to it.
func (h *handle) open(o *opening) error {
	if o.space == nil {
		o.space = Default()
	}
	c, err := o.space.open(o.identity, o.build)
	if err != nil {
		return err
	}
	if o.destroy != nil {
		c.destroy.Store(&o.destroy)
	}
	if o.format != nil {
		c.format.Store(&o.format)
	}
	h.of = c
	h.class.Store(c)
	return nil
}

// build makes the class, with one handle. Its destructor is in place before anybody else can open or use it.
func (o *opening) build() *class {
	holdsPointers := parent.HasPointers(o.data)
	s := o.shape(o.identity, holdsPointers, o.isolate)
	c := &class{
		table: o.space.table, space: o.space, identity: o.identity, lifetime: o.identity.lifetime,
		layout: s.layout, meta: s.meta, dynamic: s.dynamic, sizes: s.sizes, extent: o.extent,
		ledger: newLedger(),
	}
	if c.lifetime == Collected && holdsPointers {
		c.self = parent.SelfPointers(o.data)
	}
	if o.profile > 0 {
		c.profile = &profile{rate: o.profile, began: time.Now()}
	}
	c.name.Store(&o.identity.name)
	if o.destroy != nil {
		c.destroy.Store(&o.destroy)
	}
	c.handles.Store(1)
	c.epoch.Store(c.newEpoch())
	return c
}

// close ends this handle. The second time, and for all but the last handle, it returns 0.
func (h *handle) close() int {
	c := h.class.Swap(closedClass)
	if c == closedClass {
		return 0
	}
	return c.drop()
}

// through makes a, which is zero, an attachment through a handle. Its errors name the class the handle was opened for, also when it is closed. As the result of a function, it
// would be copied from words that have just been written, which the processor waits for.
func (a *attach) through(h *handle, op string, o object) {
	a.c, a.of, a.op, a.o = h.class.Load(), h.of, op, o
}

func (h *handle) name() string { return *h.of.name.Load() }

// closedClass is the class of closed handles: nothing is in it, and nothing can be attached.
var closedClass = newClosedClass()

func newClosedClass() *class {
	s := NewSpace(nil)
	c := &class{table: s.table, space: s, lifetime: Manual, identity: identity{lifetime: Manual}}
	c.name.Store(&c.identity.name)
	s2 := shapeWith[struct{}, addressMeta](alloc.LayoutOptions{}, false)
	c.layout, c.meta = s2.layout, s2.meta
	c.epoch.Store(c.closedEpoch())
	return c
}
