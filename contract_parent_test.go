package shadow_test

import (
	"errors"
	"reflect"
	"runtime"
	"testing"
	"unsafe"

	"github.com/shadowvars/shadow"
)

func TestForeign(t *testing.T) {
	// Ensure (G17) that memory that the collector does not manage is ErrForeign but for Manual, to which it is as good as any.
	suite(t, func(t *testing.T, e *env) {
		c := e.open(t, settings{})
		alien, native := foreignConn(t), new(conn)
		must(t)(c.Alloc(native, nil))
		if c.Get(alien) != nil || c.Free(alien) || c.Take(alien) != nil {
			t.Fatal("foreign memory has a variable")
		}
		for range 2 {
			p, err := c.Alloc(alien, nil)
			if e.lifetime == shadow.Manual {
				if must(t)(p, err) != c.Get(alien) || !c.Free(alien) {
					t.Fatal("Manual on foreign memory")
				}
				continue
			}
			wantErr(t, p, err, shadow.ErrForeign)
			ctor := func(*note) error { t.Error("ctor was called"); return nil }
			p, err = c.AllocFunc(alien, ctor)
			wantErr(t, p, err, shadow.ErrForeign)
			p, _, err = c.GetOrAlloc(alien, nil)
			wantErr(t, p, err, shadow.ErrForeign)
			p, _, err = c.GetOrAllocFunc(alien, ctor)
			wantErr(t, p, err, shadow.ErrForeign)
		}
	})
}

func TestReadOnly(t *testing.T) {
	// Ensure (G17) that the bytes of a string constant and type descriptors are foreign, and good parents under Manual.
	for _, l := range lifetimes {
		s := shadow.NewSpace(nil)
		v := shadow.MustNew(1, &shadow.Options[byte, int]{Space: s, Lifetime: l})
		a, err := shadow.NewAny(2, &shadow.AnyOptions[int]{Space: s, Lifetime: l})
		if err != nil {
			t.Fatal(err)
		}
		// Safety: the constant's bytes are only the address of a parent that is refused.
		_, err1 := v.Alloc(unsafe.StringData("a string constant of some length"), nil)
		_, err2 := a.Alloc(reflect.TypeOf(0), nil)
		if l == shadow.Manual {
			if err1 != nil || err2 != nil {
				t.Fatal(err1, err2)
			}
		} else if !errors.Is(err1, shadow.ErrForeign) || !errors.Is(err2, shadow.ErrForeign) {
			t.Fatalf("%v: %v, %v", l, err1, err2)
		}
	}
}

var packageVariable conn

var pointerFree [64]byte

func TestPackageVariable(t *testing.T) {
	// Ensure (G19) that package variables are parents that live for ever, several collections long.
	suite(t, func(t *testing.T, e *env) {
		c := e.open(t, settings{})
		p := must(t)(c.Alloc(&packageVariable, nil))
		v := shadow.MustNew(1<<30, &shadow.Options[[64]byte, int]{Space: e.space, Lifetime: e.lifetime})
		q, err := v.Alloc(&pointerFree, nil)
		if err != nil {
			t.Fatal(err)
		}
		runtime.GC()
		runtime.GC()
		if n := e.space.Reap(); n != 0 {
			t.Fatalf("Reap = %d", n)
		}
		if c.Get(&packageVariable) != p || v.Get(&pointerFree) != q || c.Len() != 1 {
			t.Fatal("gone")
		}
		for obj := range c.All() {
			if obj != e.known(&packageVariable) {
				t.Fatal("All")
			}
		}
		if !c.Free(&packageVariable) || !v.Free(&pointerFree) {
			t.Fatal("Free")
		}
	})
}

func TestStackParent(t *testing.T) {
	// Ensure that an object declared as a local variable is found again after the stack has grown and moved.
	suite(t, func(t *testing.T, e *env) {
		c := e.open(t, settings{})
		done := make(chan bool)
		go func() {
			defer close(done)
			var local conn
			p, err := c.Alloc(&local, nil)
			if err != nil {
				t.Error(err)
			}
			if grow(200) == 0 {
				t.Error("the compiler is too clever")
			}
			if c.Get(&local) != p || !c.Free(&local) {
				t.Error("lost when the stack grew")
			}
		}()
		<-done
	})
}

// grow uses n KiB of stack.
func grow(n int) byte {
	var frame [1024]byte
	frame[n] = 1
	if n == 0 {
		return frame[0]
	}
	return grow(n-1) | frame[n]
}

func TestInteriorPointers(t *testing.T) {
	// Ensure (G15) that pointers to different offsets of one object are different parents, and the object and its first field the same.
	for _, l := range lifetimes {
		v := shadow.MustNew(1, &shadow.Options[int, int]{Space: shadow.NewSpace(nil), Lifetime: l})
		var objs [4]struct{ a, b, c, d int }
		n := 0
		for i := range objs {
			for _, obj := range []*int{&objs[i].a, &objs[i].b, &objs[i].c, &objs[i].d} {
				if _, err := v.Alloc(obj, &n); err != nil {
					t.Fatal(err)
				}
				n++
			}
		}
		n = 0
		for i := range objs {
			for _, obj := range []*int{&objs[i].a, &objs[i].b, &objs[i].c, &objs[i].d} {
				if p := v.Get(obj); p == nil || *p != n {
					t.Fatalf("variable %d is %v", n, p)
				}
				n++
			}
		}
		runtime.KeepAlive(&objs)
	}
}

func TestEveryAddress(t *testing.T) {
	// Ensure (G17) that no address whatever makes Manual, or any lookup, do harm.
	for _, l := range lifetimes {
		v := shadow.MustNew(1, &shadow.Options[byte, int]{Space: shadow.NewSpace(nil), Lifetime: l})
		for _, addr := range []uintptr{4096, 1 << 30, ^uintptr(0), ^uintptr(0) - 1, 1 << 31} {
			obj := pointerTo(addr)
			if v.Get(obj) != nil || v.Has(obj) || v.Free(obj) {
				t.Fatalf("address %#x has a variable", addr)
			}
			p, err := v.Alloc(obj, nil)
			if l != shadow.Manual {
				if !errors.Is(err, shadow.ErrForeign) {
					t.Fatalf("address %#x: %v", addr, err)
				}
				continue
			}
			if addr == ^uintptr(0) && unsafe.Sizeof(addr) == 8 {
				// The last byte of the address space is the one that cannot be.
				if !errors.Is(err, shadow.ErrForeign) || v.Has(obj) {
					t.Fatalf("address %#x: %v", addr, err)
				}
				continue
			}
			if err != nil || v.Get(obj) != p || v.Len() != 1 || !v.Free(obj) || v.Has(obj) {
				t.Fatalf("address %#x: %v", addr, err)
			}
		}
	}
}

func TestStackParentOfVar(t *testing.T) {
	// Ensure the same through a Var alone, where nothing but the library makes a local variable escape.
	for _, l := range lifetimes {
		v := shadow.MustNew(1, &shadow.Options[conn, note]{Space: shadow.NewSpace(nil), Lifetime: l})
		a := newAny(t, l, nil)
		done := make(chan bool)
		go func() {
			defer close(done)
			var local, other conn
			p, err := v.Alloc(&local, nil)
			q, err2 := a.Alloc(&other, nil)
			if err != nil || err2 != nil || grow(200) == 0 {
				t.Error(err, err2)
			}
			if v.Get(&local) != p || a.Get(&other) != q || !v.Free(&local) || !a.Free(&other) {
				t.Errorf("%v: lost when the stack grew", l)
			}
		}()
		<-done
	}
}
