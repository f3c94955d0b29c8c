package shadow_test

import (
	"errors"
	"io"
	"os"
	"reflect"
	"testing"
	"unsafe"

	"github.com/shadowvars/shadow"
)

func newAny(t testing.TB, l shadow.Lifetime, destroy func(any, *note)) *shadow.Any[note] {
	t.Helper()
	v, err := shadow.NewAny(1, &shadow.AnyOptions[note]{Space: shadow.NewSpace(nil), Lifetime: l, Destroy: destroy})
	if err != nil {
		t.Fatal(err)
	}
	return v
}

type plug struct{ a, b, c int }

func TestAnyParents(t *testing.T) {
	// Ensure (G16) that pointers, maps, channels and unsafe.Pointers are parents, and come back as the same interface values.
	for _, l := range lifetimes {
		var destroyed []any
		v := newAny(t, l, func(obj any, _ *note) { destroyed = append(destroyed, obj) })
		objs := []any{
			// Safety: an address that is carried as a parent, or converted between types of one layout; nobody follows it as another type.
			new(conn), new(*conn), map[string]int{}, make(chan int), make(<-chan string), unsafe.Pointer(new(conn)),
			io.Reader(os.Stdin), errors.New("an error"), new(func()), new([3]int), new(any), (*namedPointer)(new(plug)),
		}
		for i, obj := range objs {
			p, err := v.Alloc(obj, &note{n: i})
			if err != nil || v.Get(obj) != p || !v.Has(obj) {
				t.Fatalf("%T: %v", obj, err)
			}
		}
		for obj, p := range v.All() {
			if l != shadow.Manual && !sameInterface(obj, objs[p.n]) || l == shadow.Manual && obj != nil {
				t.Fatalf("All yields %T for %T", obj, objs[p.n])
			}
		}
		dst := make([]*note, len(objs)+1)
		if n := v.GetBatch(append([]any{5}, objs...), dst); n != len(objs) || dst[0] != nil || dst[1] != v.Get(objs[0]) {
			t.Fatalf("GetBatch = %d", n)
		}
		for i, obj := range objs {
			destroyed = nil
			if !v.Free(obj) || len(destroyed) != 1 || !sameInterface(destroyed[0], objs[i]) {
				t.Fatalf("%T destroyed as %v", obj, destroyed)
			}
		}
	}
}

type namedPointer plug

// sameInterface tells whether two interface values are the same pointer of the same type; maps cannot be compared by ==.
func sameInterface(a, b any) bool {
	return reflect.TypeOf(a) == reflect.TypeOf(b) && a != nil && reflect.ValueOf(a).Pointer() == reflect.ValueOf(b).Pointer()
}

func TestAnyIdentity(t *testing.T) {
	// Ensure that identity is the pointer word alone, whatever the dynamic type, and that the type attached with is the one given back; Move brings the new one.
	for _, l := range lifetimes {
		var destroyed []any
		v := newAny(t, l, func(obj any, _ *note) { destroyed = append(destroyed, obj) })
		p := new(plug)
		// Safety: the converted types have p's layout, and are parents only.
		ways := []any{p, &p.a, unsafe.Pointer(p), (*namedPointer)(p)}
		for _, as := range ways {
			for _, by := range ways {
				data, err := v.Alloc(as, nil)
				if err != nil || v.Get(by) != data {
					t.Fatalf("attached as %T, not found as %T: %v", as, by, err)
				}
				if _, err := v.Alloc(by, nil); !errors.Is(err, shadow.ErrExists) {
					t.Fatal(err)
				}
				if _, err := v.Move(by, as); !errors.Is(err, shadow.ErrExists) {
					t.Fatal(err)
				}
				destroyed = nil
				if !v.Free(by) || len(destroyed) != 1 || destroyed[0] != as {
					t.Fatalf("attached as %T, freed as %T, destroyed as %T", as, by, destroyed[0])
				}
			}
		}
		if _, err := v.Alloc(p, nil); err != nil {
			t.Fatal(err)
		}
		m := map[int]int{}
		if _, err := v.Move(m, p); err != nil {
			t.Fatal(err)
		}
		for obj := range v.All() {
			if _, is := obj.(map[int]int); !is && l != shadow.Manual {
				t.Fatalf("All yields a %T after Move to a map", obj)
			}
		}
		destroyed = nil
		if v.Free(p) || !v.Free(m) {
			t.Fatal("Free after Move")
		}
		if _, is := destroyed[0].(map[int]int); !is {
			t.Fatalf("destroyed as %T", destroyed[0])
		}
	}
}

func TestAnyOtherKinds(t *testing.T) {
	// Ensure that values that are no pointers answer as absent and cannot be attached to, also those that look like pointers inside.
	for _, l := range lifetimes {
		v := newAny(t, l, nil)
		p := new(conn)
		if _, err := v.Alloc(p, nil); err != nil {
			t.Fatal(err)
		}
		f := func() {}
		for _, test := range []struct {
			obj  any
			want error
		}{
			{nil, shadow.ErrNilObject},
			// Safety: nil has every type.
			{(*conn)(nil), shadow.ErrNilObject},
			{map[int]int(nil), shadow.ErrNilObject},
			{(chan int)(nil), shadow.ErrNilObject},
			{unsafe.Pointer(nil), shadow.ErrNilObject},
			{struct{ *conn }{p}, shadow.ErrKind},
			{[1]*conn{p}, shadow.ErrKind},
			{struct{ f func() }{f}, shadow.ErrKind},
			{f, shadow.ErrKind},
			{1, shadow.ErrKind},
			{"string", shadow.ErrKind},
			{[]int{1}, shadow.ErrKind},
			{*p, shadow.ErrKind},
			{address(p), shadow.ErrKind},
			{new(struct{}), shadow.ErrZeroSize},
			{new([0]int), shadow.ErrZeroSize},
		} {
			o := test.obj
			if v.Get(o) != nil || v.Has(o) || v.Free(o) || v.Take(o) != nil || v.FreeIf(o, v.Get(p)) {
				t.Fatalf("%T has a variable", o)
			}
			ctor := func(*note) error { t.Error("ctor was called"); return nil }
			_, err1 := v.Alloc(o, nil)
			_, err2 := v.AllocFunc(o, ctor)
			_, _, err3 := v.GetOrAlloc(o, nil)
			_, _, err4 := v.GetOrAllocFunc(o, ctor)
			_, err5 := v.Move(o, p)
			_, err6 := v.Copy(o, p)
			for i, err := range []error{err1, err2, err3, err4, err5, err6} {
				if !errors.Is(err, test.want) {
					t.Fatalf("attaching to %T, operation %d: %v, want %v", o, i, err, test.want)
				}
			}
			if _, err := v.Move(new(conn), o); !errors.Is(err, shadow.ErrAbsent) {
				t.Fatalf("Move from %T: %v", o, err)
			}
		}
		if !v.Has(p) || v.Len() != 1 {
			t.Fatal("a refused attachment changed something")
		}
	}
}
