package gctest

import (
	"errors"
	"reflect"
	"runtime"
	"testing"
	"unsafe"

	"github.com/shadowvars/shadow"
)

// What becomes of a variable whose parent nobody points to any more.
type fate uint8

const (
	dies    fate = iota // under Collected it ends by itself
	mayLive             // it may, and may live as long as its neighbours do
	lives               // its parent is never collected
)

// row is one kind of pointer.
type row struct {
	name string
	make func(t *testing.T) unsafe.Pointer // a parent that nothing but the result keeps alive
	err  error                             // of attaching, under Collected and Pinned; Manual takes every address
	fate fate
}

var (
	packageVariable object
	packageArray    [4096]byte
	linkerAllocated = &object{number: 1}
)

// Safety: a pointer loses its type.
//
//go:noinline
func at[T any](p *T) unsafe.Pointer { return unsafe.Pointer(p) }

// word is the one pointer word of a map, channel or function.
// Safety: T is pointer-shaped, one word.
func word[T any](v T) unsafe.Pointer { return *(*unsafe.Pointer)(unsafe.Pointer(&v)) }

// addressed is a pointer to an address that is not Go's; as a number it never becomes a pointer in checkptr's eyes.
// Safety: the word is no address of memory that anybody follows; it is what a foreign parent's pointer is.
func addressed(addr uintptr) unsafe.Pointer { return *(*unsafe.Pointer)(unsafe.Pointer(&addr)) }

var rows = append(platformRows, []row{
	{"heap object", func(*testing.T) unsafe.Pointer { return at(new(object)) }, nil, dies},
	{"interior, field", func(*testing.T) unsafe.Pointer { return at(&new(object).rest[2]) }, nil, dies},
	{"interior, first field", func(*testing.T) unsafe.Pointer { return at(&new(object).number) }, nil, dies},
	// Safety: inside the object, and carried only.
	{"interior, odd offset", func(*testing.T) unsafe.Pointer { return unsafe.Add(at(new(object)), 13) }, nil, dies},
	{"last byte", func(*testing.T) unsafe.Pointer { return unsafe.Add(at(new(object)), unsafe.Sizeof(object{})-1) }, nil, dies},
	{"slice element", func(*testing.T) unsafe.Pointer { return at(&make([]object, 9)[7]) }, nil, dies},
	{"object with pointers", func(*testing.T) unsafe.Pointer { return at(&box{new(object)}) }, nil, dies},
	{"more than 512 bytes with pointers", func(*testing.T) unsafe.Pointer { return at(new([100]*byte)) }, nil, dies},
	{"megabytes", func(*testing.T) unsafe.Pointer { return at(&make([]byte, 9<<20)[8<<20]) }, nil, dies},
	{"tiny", func(*testing.T) unsafe.Pointer { return at(new(byte)) }, nil, mayLive},
	{"tiny, 8 bytes", func(*testing.T) unsafe.Pointer { return at(new(uint64)) }, nil, mayLive},
	{"map", func(*testing.T) unsafe.Pointer { return word(map[int]int{1: 1, 2: 2}) }, nil, dies},
	{"channel", func(*testing.T) unsafe.Pointer { return word(make(chan int, 3)) }, nil, dies},
	{"closure", func(*testing.T) unsafe.Pointer { o := new(object); return word(func() { o.number++ }) }, nil, dies},
	{"bytes of a string made at run time", func(*testing.T) unsafe.Pointer {
		// Safety: the bytes are the string's own; they are carried only.
		return at(unsafe.StringData(string(make([]byte, 100))))
	}, nil, dies},
	{"package variable", func(*testing.T) unsafe.Pointer { return at(&packageVariable) }, nil, lives},
	{"inside a package variable", func(*testing.T) unsafe.Pointer { return at(&packageVariable.rest[2]) }, nil, lives},
	{"package array", func(*testing.T) unsafe.Pointer { return at(&packageArray[4095]) }, nil, lives},
	{"linker-allocated", func(*testing.T) unsafe.Pointer { return at(linkerAllocated) }, nil, lives},
	// Safety: the address is carried only.
	{"string constant", func(*testing.T) unsafe.Pointer { return at(unsafe.StringData("a constant")) }, shadow.ErrForeign, lives},
	{"reflect.Type", func(*testing.T) unsafe.Pointer {
		t := reflect.TypeFor[object]()
		// Safety: an interface value is two words, the second is the pointer.
		return (*[2]unsafe.Pointer)(unsafe.Pointer(&t))[1]
	}, shadow.ErrForeign, lives},
	{"function's code", func(*testing.T) unsafe.Pointer { return word(deepen) }, shadow.ErrForeign, lives},
	{"first page", func(*testing.T) unsafe.Pointer { return addressed(4096) }, shadow.ErrForeign, lives},
	{"high address", func(*testing.T) unsafe.Pointer { return addressed(^uintptr(0) - 4095) }, shadow.ErrForeign, lives},
}...)

// handle is what the matrix needs of Var and Any.
type handle interface {
	alloc(p unsafe.Pointer, tag uint64) error
	get(p unsafe.Pointer) *uint64
	free(p unsafe.Pointer) bool
	len() int
}

type varHandle struct{ *shadow.Var[byte, uint64] }

func (v varHandle) alloc(p unsafe.Pointer, tag uint64) error {
	// Safety: a parent's type is its user's claim; the library does not follow it.
	_, err := v.Alloc((*byte)(p), &tag)
	return err
}

// Safety: as for alloc.
func (v varHandle) get(p unsafe.Pointer) *uint64 { return v.Get((*byte)(p)) }

// Safety: as for alloc.
func (v varHandle) free(p unsafe.Pointer) bool { return v.Free((*byte)(p)) }
func (v varHandle) len() int                   { return v.Len() }

// named is another type of pointer for the same parent.
type named byte

type anyHandle struct{ *shadow.Any[uint64] }

func (v anyHandle) alloc(p unsafe.Pointer, tag uint64) error {
	_, err := v.Alloc(p, &tag)
	return err
}

// Safety: as for varHandle.
func (v anyHandle) get(p unsafe.Pointer) *uint64 { return v.Get((*byte)(p)) }

// Safety: as for varHandle.
func (v anyHandle) free(p unsafe.Pointer) bool { return v.Free((*named)(p)) }
func (v anyHandle) len() int                   { return v.Len() }

func TestPointerKinds(t *testing.T) {
	// Ensure (G15, G17) that each kind of pointer is the parent, or is refused as a parent, that the contract says, in each
	// lifetime, for Var and Any, and that its variable lives exactly as long.
	inLifetimes(t, func(t *testing.T, l shadow.Lifetime) {
		for _, r := range rows {
			t.Run(r.name, func(t *testing.T) {
				s := space(t)
				t.Run("Var", func(t *testing.T) {
					v := shadow.MustNew(1, &shadow.Options[byte, uint64]{Space: s, Lifetime: l})
					r.check(t, l, varHandle{v})
				})
				t.Run("Any", func(t *testing.T) {
					v := shadow.MustNewAny(2, &shadow.AnyOptions[uint64]{Space: s, Lifetime: l})
					r.check(t, l, anyHandle{v})
				})
				runtime.KeepAlive(s)
			})
		}
	})
}

func (r row) check(t *testing.T, l shadow.Lifetime, v handle) {
	attached := false
	var at uintptr // the address, not a pointer
	apart(func() {
		p := r.make(t)
		at = uintptr(p)
		if v.get(p) != nil || v.free(p) {
			t.Error("it has a variable at first")
		}
		err := v.alloc(p, 7)
		want := r.err
		if l == shadow.Manual {
			want = nil
		}
		if !errors.Is(err, want) {
			t.Errorf("attaching: %v, want %v", err, want)
		}
		if attached = err == nil; !attached {
			if v.get(p) != nil || v.len() != 0 {
				t.Error("it is attached nevertheless")
			}
			return
		}
		deepen(200) // moves the stack
		runtime.GC()
		runtime.GC()
		if q := v.get(p); q == nil || *q != 7 {
			t.Error("the variable is lost while the parent is held")
		}
		if err := v.alloc(p, 8); !errors.Is(err, shadow.ErrExists) {
			t.Errorf("attaching again: %v", err)
		}
		if !v.free(p) || v.get(p) != nil || v.alloc(p, 9) != nil {
			t.Error("freeing and attaching again failed")
		}
		runtime.KeepAlive(p)
	})
	if !attached {
		return
	}
	if l == shadow.Collected && r.fate == dies {
		eventually(t, "the variable ends", func() bool { return v.len() == 0 })
		return
	}
	runtime.GC()
	runtime.GC()
	if l == shadow.Collected && r.fate == mayLive {
		return
	}
	if v.len() != 1 {
		t.Fatal("the variable has ended by itself")
	}
	if l == shadow.Pinned || r.fate == lives {
		if q := v.get(addressed(at)); q == nil || *q != 9 {
			t.Error("the variable is not found")
		}
		if !v.free(addressed(at)) {
			t.Error("it cannot be freed")
		}
	}
}

//go:noinline
func deepen(depth int) byte {
	var space [1024]byte
	if depth > 0 {
		space[depth] = deepen(depth - 1)
	}
	return space[depth]
}

func TestStackVariables(t *testing.T) {
	// Ensure that a local variable that was attached to is the same parent after its goroutine's stack has moved.
	for i, l := range lifetimes {
		s := space(t)
		v := shadow.MustNew(shadow.ID(i), &shadow.Options[object, uint64]{Space: s, Lifetime: l})
		apart(func() {
			var o, other object
			if v.Has(&o) {
				t.Error("it has a variable at first")
			}
			must(v.Alloc(&o, nil))
			must(v.AllocFunc(&other, func(*uint64) error { return nil }))
			deepen(500)
			if !v.Has(&o) || !v.Has(&other) {
				t.Errorf("%v: a variable is lost when the stack has moved", l)
			}
			v.Free(&o)
			v.Free(&other)
		})
		apart(func() {
			var src, dst, last object
			must(v.Alloc(&src, nil))
			must(v.Copy(&dst, &src))
			must(v.Move(&last, &src))
			deepen(500)
			if v.Has(&src) || !v.Has(&dst) || !v.Has(&last) {
				t.Errorf("%v: Copy or Move does not know a variable when the stack has moved", l)
			}
			v.Free(&dst)
			v.Free(&last)
		})
		runtime.KeepAlive(s)
	}
}

func TestKindsWithoutIdentity(t *testing.T) {
	// Ensure that what has no identity is refused where its type or value shows it, and that nil is an absent parent.
	s := space(t)
	if _, err := shadow.New(1, &shadow.Options[struct{}, int]{Space: s}); !errors.Is(err, shadow.ErrZeroSize) {
		t.Error(err)
	}
	if _, err := shadow.New(1, &shadow.Options[[0]object, int]{Space: s}); !errors.Is(err, shadow.ErrZeroSize) {
		t.Error(err)
	}
	if _, err := shadow.New(1, &shadow.Options[any, int]{Space: s}); !errors.Is(err, shadow.ErrKind) {
		t.Error(err)
	}
	for i, l := range lifetimes {
		v := shadow.MustNewAny(shadow.ID(10+i), &shadow.AnyOptions[int]{Space: s, Lifetime: l})
		var none *object
		var noMap map[int]int
		for _, c := range []struct {
			value any
			err   error
		}{
			{nil, shadow.ErrNilObject},
			{none, shadow.ErrNilObject},
			{noMap, shadow.ErrNilObject},
			{unsafe.Pointer(nil), shadow.ErrNilObject},
			{&struct{}{}, shadow.ErrZeroSize},
			{new([0]int), shadow.ErrZeroSize},
			{object{}, shadow.ErrKind},
			{7, shadow.ErrKind},
			{"text", shadow.ErrKind},
			{[]int{1}, shadow.ErrKind},
			{func() {}, shadow.ErrKind},
			{struct{ p *object }{new(object)}, shadow.ErrKind},
			{[1]*object{new(object)}, shadow.ErrKind},
		} {
			if _, err := v.Alloc(c.value, nil); !errors.Is(err, c.err) {
				t.Errorf("%v, %T: %v, want %v", l, c.value, err, c.err)
			}
			if v.Get(c.value) != nil || v.Has(c.value) || v.Free(c.value) || v.Take(c.value) != nil {
				t.Errorf("%v, %T: it has a variable", l, c.value)
			}
		}
		w := shadow.MustNew(shadow.ID(20+i), &shadow.Options[object, int]{Space: s, Lifetime: l})
		if _, err := w.Alloc(nil, nil); !errors.Is(err, shadow.ErrNilObject) || w.Has(nil) || w.Free(nil) || w.Take(nil) != nil {
			t.Errorf("%v, nil: %v", l, err)
		}
	}
	runtime.KeepAlive(s)
}

func TestOneObjectManyParents(t *testing.T) {
	// Ensure that an object and its first field are one parent, and its other fields are parents of their own, each with variables of its own.
	inLifetimes(t, func(t *testing.T, l shadow.Lifetime) {
		s := space(t)
		v := shadow.MustNewAny(1, &shadow.AnyOptions[int]{Space: s, Lifetime: l})
		o := new(object)
		p := must(v.Alloc(o, nil))
		if v.Get(&o.number) != p || v.Get(&o.rest) != nil {
			t.Error("the first field is another parent, or the second is the same")
		}
		q := must(v.Alloc(&o.rest, nil))
		if q == p || v.Get(&o.rest[0]) != q || v.Get(o) != p {
			t.Error("the second field has not its own variable")
		}
		if l == shadow.Collected {
			inner := &o.rest[3] // keeps the whole object
			o = nil
			runtime.GC()
			runtime.GC()
			if n := v.Len(); n != 2 {
				t.Errorf("%d variables while a part of the object is held", n)
			}
			runtime.KeepAlive(inner)
			eventually(t, "both end with the object", func() bool { return v.Len() == 0 })
		}
		runtime.KeepAlive(s)
	})
}
