package shadow_test

import (
	"errors"
	"fmt"
	"math"
	"runtime"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/shadowvars/shadow"
)

func TestErrors(t *testing.T) {
	// Ensure that every error carries its operation, class, id, address and sentinel, and that its text names them.
	type tied struct{ parent *conn }
	const id = 0xBEEF
	s := shadow.NewSpace(nil)
	v := shadow.MustNew(id, &shadow.Options[conn, tied]{Space: s, Name: "ties"})
	a, err := shadow.NewAny(id+1, &shadow.AnyOptions[note]{Space: s, Name: "any"})
	if err != nil {
		t.Fatal(err)
	}
	b, err := shadow.NewBytes(id+2, &shadow.BytesOptions[conn]{Space: s, Name: "bytes"})
	if err != nil {
		t.Fatal(err)
	}
	closed := shadow.MustNew(id+3, &shadow.Options[conn, note]{Space: s, Name: "closed"})
	closed.Close()
	obj, absent, alien := new(conn), new(conn), foreignConn(t)
	if _, err := v.Alloc(obj, nil); err != nil {
		t.Fatal(err)
	}
	second := func(_ any, err error) error { return err }
	for i, test := range []struct {
		err    error
		want   error
		op     string
		class  string
		id     shadow.ID
		object *conn
	}{
		{second(v.Alloc(obj, nil)), shadow.ErrExists, "Alloc", "ties", id, obj},
		{second(v.AllocFunc(obj, nil)), shadow.ErrExists, "AllocFunc", "ties", id, obj},
		{second(v.Copy(obj, absent)), nil, "Copy", "ties", id, obj},
		{second(v.Move(obj, obj)), shadow.ErrExists, "Move", "ties", id, obj},
		{second(v.Copy(absent, obj)), nil, "", "", 0, nil},
		{second(v.Move(absent, new(conn))), nil, "Move", "ties", id, absent},
		{second(v.Alloc(nil, nil)), shadow.ErrNilObject, "Alloc", "ties", id, nil},
		{second(v.Alloc(alien, nil)), shadow.ErrForeign, "Alloc", "ties", id, alien},
		{third(v.GetOrAlloc(alien, nil)), shadow.ErrForeign, "GetOrAlloc", "ties", id, alien},
		{third(v.GetOrAllocFunc(alien, nil)), shadow.ErrForeign, "GetOrAllocFunc", "ties", id, alien},
		{second(closed.Alloc(obj, nil)), shadow.ErrClosed, "Alloc", "closed", id + 3, obj},
		{second(a.Alloc(7, nil)), shadow.ErrKind, "Alloc", "any", id + 1, nil},
		{second(a.Alloc(new(struct{}), nil)), shadow.ErrZeroSize, "Alloc", "any", id + 1, nil},
		{second(b.Alloc(obj, nil, -1)), shadow.ErrSize, "Alloc", "bytes", id + 2, obj},
		{second(v.Alloc(a1, &tied{a1})), shadow.ErrSelf, "Alloc", "ties", id, a1},
		{third(v.GetOrAllocFunc(a1, func(p *tied) error { p.parent = a1; return nil })), shadow.ErrSelf, "GetOrAllocFunc", "ties", id, a1},
		{second(shadow.New(id, &shadow.Options[conn, note]{Space: s})), shadow.ErrConflict, "New", "", id, nil},
		{second(shadow.New(id+9, &shadow.Options[struct{}, note]{Space: s, Name: "z"})), shadow.ErrZeroSize, "New", "z", id + 9, nil},
		{second(shadow.New(id+9, &shadow.Options[conn, note]{Space: s, Name: "z", Lifetime: shadow.Manual + 1})), shadow.ErrLifetime, "New", "z", id + 9, nil},
		{second(shadow.NewAny(id+9, &shadow.AnyOptions[note]{Space: s, Name: "z", Lifetime: shadow.Manual + 1})), shadow.ErrLifetime, "New", "z", id + 9, nil},
		{second(b.Alloc(nil, nil, math.MaxInt-7)), shadow.ErrNilObject, "Alloc", "bytes", id + 2, nil},
		{second(b.Alloc(absent, nil, math.MaxInt-7)), shadow.ErrSize, "Alloc", "bytes", id + 2, absent},
		{third(b.GetOrAlloc(absent, nil, math.MaxInt-7)), shadow.ErrSize, "GetOrAlloc", "bytes", id + 2, absent},
		{second(shadow.New(id+9, &shadow.Options[any, note]{Space: s, Name: "z"})), shadow.ErrKind, "New", "z", id + 9, nil},
	} {
		if test.op == "" {
			if test.err != nil {
				t.Errorf("%d: %v", i, test.err)
			}
			continue
		}
		var e *shadow.Error
		if !errors.As(test.err, &e) {
			t.Errorf("%d: %v (%T) is no *Error", i, test.err, test.err)
			continue
		}
		if test.want != nil && (!errors.Is(test.err, test.want) || e.Err != test.want || e.Unwrap() != test.want) {
			t.Errorf("%d: %v is not %v", i, test.err, test.want)
		}
		if e.Op != test.op || e.Class != test.class || e.ID != test.id || e.Addr != address(test.object) && !errors.Is(e, shadow.ErrZeroSize) {
			t.Errorf("%d: %#v", i, e)
		}
		text := test.err.Error()
		for _, part := range []string{"shadow", e.Op, e.Class, fmt.Sprintf("%x", uint64(e.ID)), e.Err.Error()} {
			if !strings.Contains(text, part) {
				t.Errorf("%d: %q does not contain %q", i, text, part)
			}
		}
		if test.object != nil && !strings.Contains(text, fmt.Sprintf("%x", address(test.object))) {
			t.Errorf("%d: %q does not name %p", i, text, test.object)
		}
	}
	if v.Len() != 2 {
		t.Fatalf("a refused attachment changed something: Len = %d", v.Len())
	}
}

var a1 = new(conn)

func third[A, B any](_ A, _ B, err error) error { return err }

func TestErrSelf(t *testing.T) {
	// Ensure (G15) that Collected data that leads into its own parent is refused before a ctor and destroyed after one, and accepted where it does no harm.
	type tied struct {
		n      int
		parent *conn
		name   *string
	}
	for _, l := range lifetimes {
		destroyed := 0
		v := shadow.MustNew(1, &shadow.Options[conn, tied]{Space: shadow.NewSpace(nil), Lifetime: l, Destroy: func(_ *conn, p *tied) {
			destroyed++
			if p.n != 3 {
				t.Error("destroyed other data")
			}
		}})
		obj, other := new(conn), new(conn)
		_, err1 := v.Alloc(obj, &tied{n: 3, parent: obj})
		v.Take(obj)
		_, _, err2 := v.GetOrAlloc(obj, &tied{n: 3, name: &obj.name})
		v.Take(obj)
		if l != shadow.Collected {
			if err1 != nil || err2 != nil {
				t.Fatal(err1, err2)
			}
			continue
		}
		if !errors.Is(err1, shadow.ErrSelf) || !errors.Is(err2, shadow.ErrSelf) || destroyed != 0 || v.Has(obj) {
			t.Fatal(err1, err2, destroyed)
		}
		_, err1 = v.AllocFunc(obj, func(p *tied) error { p.n = 3; p.parent = obj; return nil })
		_, _, err2 = v.GetOrAllocFunc(obj, func(p *tied) error { p.n = 3; p.name = &obj.name; return nil })
		if !errors.Is(err1, shadow.ErrSelf) || !errors.Is(err2, shadow.ErrSelf) || destroyed != 2 || v.Has(obj) {
			t.Fatal(err1, err2, destroyed)
		}
		if _, err := v.Alloc(other, &tied{n: 3, parent: obj}); err != nil {
			t.Fatalf("pointing to another object: %v", err)
		}
		if _, err := v.Move(obj, other); !errors.Is(err, shadow.ErrSelf) || !v.Has(other) || v.Has(obj) {
			t.Fatalf("Move to what the data points to: %v", err)
		}
		if _, err := v.Copy(obj, other); !errors.Is(err, shadow.ErrSelf) || destroyed != 2 {
			t.Fatalf("Copy to what the data points to: %v", err)
		}
	}
}

func TestErrSelfComesLast(t *testing.T) {
	// Ensure that GetOrAlloc finds what is there, and waits for what is being constructed, whatever data it was given.
	type tied struct{ parent *conn }
	synctest.Test(t, func(t *testing.T) {
		v := shadow.MustNew(1, &shadow.Options[conn, tied]{Space: shadow.NewSpace(nil)})
		obj := new(conn)
		var got *tied
		var loaded, returned bool
		var err error
		p, _ := v.AllocFunc(obj, func(*tied) error {
			go func() {
				got, loaded, err = v.GetOrAlloc(obj, &tied{obj})
				returned = true
			}()
			synctest.Wait()
			if returned {
				t.Errorf("GetOrAlloc did not wait: %v", err)
			}
			return nil
		})
		synctest.Wait()
		if got != p || p == nil || !loaded || err != nil {
			t.Errorf("GetOrAlloc returned %p, %t, %v, want %p", got, loaded, err, p)
		}
		if got, loaded, err := v.GetOrAlloc(obj, &tied{obj}); got != p || !loaded || err != nil {
			t.Errorf("GetOrAlloc of what is there returned %p, %t, %v", got, loaded, err)
		}
		runtime.KeepAlive(obj)
	})
}
