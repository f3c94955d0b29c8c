package shadow_test

import (
	"errors"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/shadowvars/shadow"
)

func TestSecondNew(t *testing.T) {
	// Ensure (G16) that a second New of an open id is one more handle on the same class, and that only the last Close frees.
	suite(t, func(t *testing.T, e *env) {
		var first, second ended
		a := e.open(t, settings{destroy: first.destroy})
		id := a.ID()
		again := func(s settings) class {
			t.Helper()
			c, err := e.openID(id, s)
			if err != nil {
				t.Fatalf("New: %v", err)
			}
			return c
		}
		obj := new(conn)
		p := must(t)(a.Alloc(obj, nil))
		b := again(settings{})
		if b.Get(obj) != p || b.ID() != id || b.Len() != 1 || a.Name() != "" || b.Name() != "" {
			t.Fatal("not the same class")
		}
		a.Free(obj)
		first.want(t, ending{obj, p}) // a nil Destroy replaces nothing
		c := again(settings{destroy: second.destroy, name: "c"})
		p = must(t)(b.Alloc(obj, nil))
		a.Free(obj)
		first.want(t)
		second.want(t, ending{obj, p})
		if a.Name() != "c" || b.Name() != "c" {
			t.Fatal("a name given later is the class's name")
		}
		again(settings{name: "c"}).Close()
		again(settings{}).Close()
		if _, err := e.openID(id, settings{name: "d"}); !errors.Is(err, shadow.ErrConflict) {
			t.Fatalf("another name: %v", err)
		}

		p = must(t)(a.Alloc(obj, nil))
		if a.Close()+a.Close() != 0 || b.Get(obj) != p {
			t.Fatal("a Close that is not the last freed the class")
		}
		wantClosed(t, a, obj, id)
		if c.Close() != 0 || b.Close() != 1 || b.Close() != 0 || c.Close() != 0 {
			t.Fatal("the last Close")
		}
		second.want(t, ending{e.known(obj), p})
		wantClosed(t, b, obj, id)
		wantClosed(t, c, obj, id)

		// The id is free: for a class of another type, which the closed handles do not see.
		w, err := shadow.New(id, &shadow.Options[conn, string]{Space: e.space, Name: "w"})
		if err != nil {
			t.Fatal(err)
		}
		if w.Get(obj) != nil {
			t.Fatal("stale data under a used id")
		}
		w.Alloc(obj, nil)
		wantClosed(t, b, obj, id)
		if w.Close() != 1 {
			t.Fatal("Close")
		}
	})
}

// wantClosed checks that a handle answers as an empty class does, and refuses.
func wantClosed(t *testing.T, c class, obj *conn, id shadow.ID) {
	t.Helper()
	if c.Get(obj) != nil || c.Has(obj) || c.Free(obj) || c.Take(obj) != nil || c.Len() != 0 || c.FreeAll() != 0 || c.ID() != id ||
		c.FreeFunc(func(*conn, *note) bool { return true }) != 0 || c.FreeIf(obj, new(note)) {
		t.Fatal("a closed handle does not answer as an empty class")
	}
	dst := []*note{new(note)}
	if c.GetBatch([]*conn{obj}, dst) != 0 || dst[0] != nil {
		t.Fatal("GetBatch of a closed handle")
	}
	for range c.All() {
		t.Fatal("All of a closed handle")
	}
	ctor := func(*note) error { t.Error("ctor was called"); return nil }
	for op, f := range map[string]func() (*note, error){
		"Alloc":          func() (*note, error) { return c.Alloc(obj, nil) },
		"AllocFunc":      func() (*note, error) { return c.AllocFunc(obj, ctor) },
		"GetOrAlloc":     func() (*note, error) { p, _, err := c.GetOrAlloc(obj, nil); return p, err },
		"GetOrAllocFunc": func() (*note, error) { p, _, err := c.GetOrAllocFunc(obj, ctor); return p, err },
		"Copy":           func() (*note, error) { return c.Copy(new(conn), obj) },
		"Move":           func() (*note, error) { return c.Move(new(conn), obj) },
	} {
		p, err := f()
		wantErr(t, p, err, shadow.ErrClosed)
		var full *shadow.Error
		if !errors.As(err, &full) || full.Op != op || full.ID != id || full.Class != c.Name() {
			t.Fatalf("%s: %#v", op, err)
		}
	}
}

func TestConflict(t *testing.T) {
	// Ensure (G16) that an open id cannot be opened as anything else, that the refusal names both sides, and that it leaves the class as it was.
	const id = 77
	type other struct{ a, b int }
	s := shadow.NewSpace(nil)
	v := shadow.MustNew(id, &shadow.Options[conn, note]{Space: s, Name: "mine"})
	obj := new(conn)
	v.Alloc(obj, nil)
	open := func(name string, l shadow.Lifetime) map[string]func() error {
		return map[string]func() error{
			"parent": func() error {
				_, err := shadow.New(id, &shadow.Options[other, note]{Space: s, Name: name, Lifetime: l})
				return err
			},
			"data": func() error {
				_, err := shadow.New(id, &shadow.Options[conn, other]{Space: s, Name: name, Lifetime: l})
				return err
			},
			"Any": func() error {
				_, err := shadow.NewAny(id, &shadow.AnyOptions[note]{Space: s, Name: name, Lifetime: l})
				return err
			},
			"Bytes": func() error {
				_, err := shadow.NewBytes(id, &shadow.BytesOptions[conn]{Space: s, Name: name, Lifetime: l})
				return err
			},
			"lifetime": func() error {
				_, err := shadow.New(id, &shadow.Options[conn, note]{Space: s, Name: name, Lifetime: shadow.Pinned})
				return err
			},
			"name": func() error {
				_, err := shadow.New(id, &shadow.Options[conn, note]{Space: s, Name: "yours"})
				return err
			},
		}
	}
	asked := map[string]string{
		"parent": "Var[shadow_test.other, shadow_test.note]", "data": "Var[shadow_test.conn, shadow_test.other]",
		"Any": "Any[shadow_test.note]", "Bytes": "Bytes[shadow_test.conn]", "lifetime": "Pinned", "name": "yours",
	}
	for what, f := range open("mine", shadow.Collected) {
		err := f()
		var full *shadow.Error
		if !errors.Is(err, shadow.ErrConflict) || !errors.As(err, &full) || full.ID != id {
			t.Fatalf("%s: %v", what, err)
		}
		for _, part := range []string{"Var[shadow_test.conn, shadow_test.note]", "Collected", "mine", asked[what]} {
			if !strings.Contains(err.Error(), part) {
				t.Errorf("%s: %q does not name %s", what, err, part)
			}
		}
	}
	if !v.Has(obj) || v.Close() != 1 {
		t.Fatal("a refused New changed the class")
	}
	for what, f := range open("", shadow.Collected) {
		if err := f(); err != nil && what == "parent" {
			t.Errorf("%s, with the id free: %v", what, err)
		}
		s.Close()
	}
	if _, err := shadow.New[conn, note](id, &shadow.Options[conn, note]{Space: shadow.NewSpace(nil), Name: "x"}); err != nil {
		t.Fatalf("the same id in another space: %v", err)
	}
}

func TestNewRefused(t *testing.T) {
	// Ensure that parents without identity are refused when the class is opened, under every lifetime.
	for _, l := range lifetimes {
		s := shadow.NewSpace(nil)
		_, err := shadow.New(1, &shadow.Options[struct{}, int]{Space: s, Lifetime: l})
		_, err2 := shadow.NewBytes(1, &shadow.BytesOptions[[0]int]{Space: s, Lifetime: l})
		if !errors.Is(err, shadow.ErrZeroSize) || !errors.Is(err2, shadow.ErrZeroSize) {
			t.Fatalf("zero-size parent: %v, %v", err, err2)
		}
		_, err = shadow.New(1, &shadow.Options[any, int]{Space: s, Lifetime: l})
		_, err2 = shadow.NewBytes(1, &shadow.BytesOptions[error]{Space: s, Lifetime: l})
		if !errors.Is(err, shadow.ErrKind) || !errors.Is(err2, shadow.ErrKind) {
			t.Fatalf("interface parent: %v, %v", err, err2)
		}
		for range s.Classes() {
			t.Fatal("a refused class is open")
		}
	}
	defer func() {
		if err, ok := recover().(error); !ok || !errors.Is(err, shadow.ErrZeroSize) {
			t.Fatalf("MustNew panicked with %v", err)
		}
	}()
	shadow.MustNew[struct{}, int](1, nil)
}

func TestSpaces(t *testing.T) {
	// Ensure that spaces are apart, that nil means the default one, and that Close ends all classes of a space whatever their handles.
	if s := shadow.Default(); s == nil || s != shadow.Default() {
		t.Fatal("Default")
	}
	byDefault := shadow.MustNew[conn, note](shadow.NameID("TestSpaces"), nil)
	obj := new(conn)
	byDefault.Alloc(obj, nil)
	if shadow.Default().FreeObject(obj) != 1 || byDefault.Close() != 0 {
		t.Fatal("nil options are not the default space")
	}
	each(t, func(t *testing.T, e *env) {
		var d ended
		a, b := e.open(t, settings{destroy: d.destroy, name: "a"}), e.open(t, settings{destroy: d.destroy})
		a2, err := e.openID(a.ID(), settings{})
		if err != nil {
			t.Fatal(err)
		}
		objs := parents(20)
		for i, obj := range objs {
			must(t)(a.Alloc(obj, nil))
			if i < 5 {
				must(t)(b.Alloc(obj, nil))
			}
		}
		names := 0
		for st := range e.space.Classes() {
			if st.ID == a.ID() && (st.Name != "a" || st.Live != 20) || st.ID == b.ID() && st.Live != 5 || st.Lifetime != e.lifetime {
				t.Fatalf("Classes yields %+v", st)
			}
			names++
		}
		if st := e.space.Stats(); st.Live != 25 || st.Classes != 2 || names != 2 {
			t.Fatalf("Stats = %+v", st)
		}
		if n := e.space.Close(); n != 25 || len(d.drain()) != 25 {
			t.Fatalf("Space.Close = %d", n)
		}
		for _, c := range []class{a, b, a2} {
			wantClosed(t, c, objs[0], c.ID())
			if c.Close() != 0 {
				t.Fatal("Close after Space.Close")
			}
		}
		if e.space.Close() != 0 {
			t.Fatal("second Space.Close")
		}
		again, err := e.openID(a.ID(), settings{name: "other"})
		if err != nil || again.Len() != 0 {
			t.Fatalf("New after Space.Close: %v", err)
		}
	})
}

func TestOpenAndCloseRace(t *testing.T) {
	// Ensure (G7, G16) that with handles opened and closed at the same time every variable is ended by exactly one Close, also if conflicting openings come between.
	for _, l := range lifetimes {
		s := shadow.NewSpace(nil)
		var attached, closed atomic.Int64
		run(4, func(i int) {
			for range 300 {
				if i == 3 {
					if v, err := shadow.New(1, &shadow.Options[conn, string]{Space: s, Lifetime: l}); err == nil {
						v.Close()
					}
					continue
				}
				v, err := shadow.New(1, &shadow.Options[conn, note]{Space: s, Lifetime: l})
				if err != nil {
					continue
				}
				obj := new(conn)
				if _, err := v.Alloc(obj, nil); err == nil {
					attached.Add(1)
				}
				closed.Add(int64(v.Close()))
				if l == shadow.Manual && v.Has(obj) {
					t.Error("found through a closed handle")
				}
			}
		})
		if attached.Load() < closed.Load() || l == shadow.Pinned && attached.Load() != closed.Load() {
			t.Fatalf("%v: %d attached, %d ended by Close", l, attached.Load(), closed.Load())
		}
	}
}

func TestNameID(t *testing.T) {
	// Ensure that ids of names are XXH64 with seed 0, by its published test vectors.
	for name, want := range map[string]shadow.ID{
		"":                           0xef46db3751d8e999,
		"a":                          0xd24ec4f1a98c6e5b,
		"abc":                        0x44bc2cf5ad770999,
		"abcdefghijklmnopqrstuvwxyz": 0xcfe1f278fa89835c,
	} {
		if got := shadow.NameID(name); got != want {
			t.Errorf("NameID(%q) = %#x, want %#x", name, got, want)
		}
	}
}

func TestFormatOption(t *testing.T) {
	// Ensure that the class keeps the Format it was opened with.
	v := shadow.MustNew(1, &shadow.Options[conn, note]{Space: shadow.NewSpace(nil), Format: func(p *note) string { return p.text }})
	if got := v.Format(&note{text: "hello"}); got != "hello" {
		t.Fatal(got)
	}
}
