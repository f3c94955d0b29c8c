package shadow_test

import (
	"runtime"
	"slices"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/shadowvars/shadow"
)

func TestFree(t *testing.T) {
	// Ensure (G7, G9) that Free, FreeIf and Take end exactly what they name, once, and that only Take spares it the destructor.
	suite(t, func(t *testing.T, e *env) {
		var d ended
		c := e.open(t, settings{destroy: d.destroy})
		obj, other := new(conn), new(conn)
		kept := must(t)(c.Alloc(other, nil))
		for range 20 {
			if c.Free(obj) || c.Take(obj) != nil || c.FreeIf(obj, kept) {
				t.Fatal("freed an absent pair")
			}
			p := must(t)(c.Alloc(obj, &note{n: 1}))
			if !c.Free(obj) || c.Has(obj) || c.Free(obj) {
				t.Fatal("Free")
			}
			d.want(t, ending{obj, p})
			if p.n != 1 {
				t.Fatal("the data changed at its end")
			}

			p2 := must(t)(c.Alloc(obj, nil))
			if p2 == p {
				t.Fatal("the same memory again, while the pointer is held")
			}
			if c.FreeIf(obj, p) || c.FreeIf(obj, kept) || c.FreeIf(obj, nil) || c.FreeIf(other, p2) || !c.Has(obj) {
				t.Fatal("FreeIf freed other data than it was given")
			}
			if !c.FreeIf(obj, p2) || c.Has(obj) || c.FreeIf(obj, p2) {
				t.Fatal("FreeIf")
			}
			d.want(t, ending{obj, p2})

			p3 := must(t)(c.Alloc(obj, &note{n: 3}))
			if c.Take(obj) != p3 || c.Has(obj) || c.Take(obj) != nil || c.Free(obj) || p3.n != 3 {
				t.Fatal("Take")
			}
			d.want(t)
			runtime.KeepAlive(p)
		}
		if c.Get(other) != kept || c.Len() != 1 {
			t.Fatal("another pair was touched")
		}
	})
}

func TestDestroyAfterGet(t *testing.T) {
	// Ensure (G7) that when Destroy runs, Get can no longer find the variable, and that Destroy may use the library, its own pair included.
	suite(t, func(t *testing.T, e *env) {
		obj, other := new(conn), new(conn)
		var c class
		again, calls := false, 0
		c = e.open(t, settings{destroy: func(_ *conn, data *note) {
			calls++
			if c.Get(obj) == data {
				t.Error("Get finds it in Destroy")
			}
			for _, p := range c.All() {
				if p == data {
					t.Error("All finds it in Destroy")
				}
			}
			if again {
				again = false
				must(t)(c.Alloc(obj, nil))
				if _, _, err := c.GetOrAllocFunc(other, func(*note) error { return nil }); err != nil {
					t.Error(err)
				}
				c.Free(other)
			}
		}})
		for _, end := range []func() bool{
			func() bool { return c.Free(obj) },
			func() bool { return c.FreeIf(obj, c.Get(obj)) },
			func() bool { return c.FreeAll() == 1 },
			func() bool { return c.FreeFunc(func(*conn, *note) bool { return true }) >= 1 },
			func() bool { return e.space.FreeObject(obj) == 1 },
		} {
			must(t)(c.Alloc(obj, nil))
			again, calls = true, 0
			if !end() || again || calls < 2 {
				t.Fatalf("again %v, %d calls of Destroy", again, calls)
			}
			c.FreeAll()
		}
	})
}

func TestDestroyObj(t *testing.T) {
	// Ensure (G7, G8) that Destroy is told the parent whenever it is known: always, but under Manual only by the calls that name it.
	suite(t, func(t *testing.T, e *env) {
		var d ended
		c := e.open(t, settings{destroy: d.destroy})
		obj := new(conn)
		for _, end := range []struct {
			name  string
			named bool
			f     func(p *note) bool
		}{
			{"Free", true, func(*note) bool { return c.Free(obj) }},
			{"FreeIf", true, func(p *note) bool { return c.FreeIf(obj, p) }},
			{"FreeObject", true, func(*note) bool { return e.space.FreeObject(obj) == 1 }},
			{"FreeAll", false, func(*note) bool { return c.FreeAll() == 1 }},
			{"FreeFunc", false, func(p *note) bool {
				return c.FreeFunc(func(o *conn, q *note) bool {
					if o != e.known(obj) || q != p {
						t.Errorf("FreeFunc asks about %p, %p", o, q)
					}
					return true
				}) == 1
			}},
			{"Close", false, func(*note) bool { return c.Close() == 1 }},
		} {
			p := must(t)(c.Alloc(obj, nil))
			if !end.f(p) {
				t.Fatalf("%s did not end the variable", end.name)
			}
			want := e.known(obj)
			if end.named {
				want = obj
			}
			got := d.drain()
			if len(got) != 1 || got[0] != (ending{want, p}) {
				t.Fatalf("%s: Destroy calls %v, want %v", end.name, got, ending{want, p})
			}
		}
		c = e.open(t, settings{destroy: d.destroy})
		p := must(t)(c.Alloc(obj, nil))
		if e.space.Close() != 1 {
			t.Fatal("Space.Close")
		}
		d.want(t, ending{e.known(obj), p})
	})
}

func TestDestroyOnce(t *testing.T) {
	// Ensure (G7) that a variable that many try to end is ended by one of them, and destroyed once or taken, never both.
	suite(t, func(t *testing.T, e *env) {
		var destroyed, taken, freed, attached atomic.Int64
		c := e.open(t, settings{destroy: func(_ *conn, data *note) {
			if data.n != 1 {
				t.Error("Destroy of data that was destroyed or taken before")
			}
			data.n = 2
			destroyed.Add(1)
		}})
		objs := parents(4)
		run(6, func(i int) {
			for j := range 200 {
				obj := objs[(i+j)%len(objs)]
				switch {
				case i < 2:
					if _, err := c.Alloc(obj, &note{n: 1}); err == nil {
						attached.Add(1)
					}
				case i == 2:
					if c.Free(obj) {
						freed.Add(1)
					}
				case i == 3:
					if p := c.Take(obj); p != nil {
						if p.n != 1 {
							t.Error("took what was destroyed")
						}
						p.n = 3
						taken.Add(1)
					}
				case i == 4 && j%8 == 0:
					c.FreeAll()
				case i == 4:
					if p := c.Get(obj); p != nil && c.FreeIf(obj, p) {
						freed.Add(1)
					}
				case j%4 == 0:
					freed.Add(int64(e.space.FreeObject(obj)))
				default:
					freed.Add(int64(c.FreeFunc(func(*conn, *note) bool { return j%3 == 0 })))
				}
			}
		})
		left := c.Len()
		if n := c.FreeAll(); n != left {
			t.Fatalf("FreeAll = %d, Len was %d", n, left)
		}
		if attached.Load() != destroyed.Load()+taken.Load() || freed.Load() > destroyed.Load() {
			t.Fatalf("%d attached, %d destroyed, %d freed, %d taken", attached.Load(), destroyed.Load(), freed.Load(), taken.Load())
		}
	})
}

func TestDestroyBlocks(t *testing.T) {
	// Ensure (G7, G14) that a destructor that blocks holds up nobody else: all operations work, on the same pair, too.
	suite(t, func(t *testing.T, e *env) {
		blocked, release := make(chan struct{}), make(chan struct{})
		var entered atomic.Bool
		c := e.open(t, settings{destroy: func(*conn, *note) {
			if entered.CompareAndSwap(false, true) {
				close(blocked)
				<-release
			}
		}})
		objs := parents(50)
		for _, obj := range objs {
			must(t)(c.Alloc(obj, nil))
		}
		var done sync.WaitGroup
		done.Go(func() { c.Free(objs[0]) })
		<-blocked
		must(t)(c.Alloc(objs[0], nil))
		c.FreeFunc(func(_ *conn, p *note) bool { return p == c.Get(objs[1]) })
		if c.Has(objs[1]) || c.Len() != len(objs)-1 || !c.Free(objs[2]) {
			t.Fatal("held up")
		}
		if n := c.FreeAll(); n != len(objs)-2 {
			t.Fatalf("FreeAll = %d", n)
		}
		must(t)(c.Alloc(objs[0], nil))
		if c.Close() != 1 {
			t.Fatal("Close")
		}
		close(release)
		done.Wait()
	})
}

func TestDestroyPanics(t *testing.T) {
	// Ensure (G7) that destructors that panic or exit do not keep FreeAll, FreeFunc, FreeObject and Close from destroying the rest, and that the first panic goes on.
	suite(t, func(t *testing.T, e *env) {
		obj := new(conn)
		for name, end := range map[string]func(c class){
			"FreeAll":     func(c class) { c.FreeAll() },
			"FreeFunc":    func(c class) { c.FreeFunc(func(*conn, *note) bool { return true }) },
			"Close":       func(c class) { c.Close() },
			"Space.Close": func(class) { e.space.Close() },
			"FreeObject":  func(class) { e.space.FreeObject(obj) },
		} {
			for _, exit := range []bool{false, true} {
				if exit && name == "FreeFunc" {
					continue // after an exit there is nobody left to ask
				}
				var first any
				calls := 0
				destroy := func(*conn, *note) {
					calls++
					if calls%2 == 1 {
						return
					}
					if exit {
						runtime.Goexit()
					}
					if first == nil {
						first = calls
					}
					panic(calls)
				}
				// Five variables: in one class of five parents, but for FreeObject in five classes of one parent.
				var classes []class
				for i := range 5 {
					if i == 0 || name == "FreeObject" || name == "Space.Close" {
						classes = append(classes, e.open(t, settings{destroy: destroy}))
					}
					o := obj
					if name != "FreeObject" {
						o = e.conn()
					}
					must(t)(classes[len(classes)-1].Alloc(o, nil))
				}
				if exit {
					if !exits(func() { end(classes[0]) }) {
						t.Errorf("%s: Goexit in Destroy did not go on", name)
					}
				} else {
					func() {
						defer func() {
							if r := recover(); r == nil || r != first {
								t.Errorf("%s: recovered %v, want %v", name, r, first)
							}
						}()
						end(classes[0])
					}()
				}
				if calls != 5 {
					t.Errorf("%s, exit %v: %d of 5 destroyed", name, exit, calls)
				}
				calls = 0
				for _, c := range classes {
					if c.Len() != 0 {
						t.Errorf("%s, exit %v: %d left", name, exit, c.Len())
					}
					c.Close()
				}
			}
		}
		c := e.open(t, settings{destroy: func(*conn, *note) { panic("free") }})
		must(t)(c.Alloc(obj, nil))
		wantPanic(t, "free", func() { c.Free(obj) })
		if c.Has(obj) {
			t.Error("Free whose Destroy panicked left the variable")
		}
	})
}

func TestFreeFunc(t *testing.T) {
	// Ensure (G8, G12) that FreeFunc asks once about every variable and ends those, and only those, for which the answer is yes.
	suite(t, func(t *testing.T, e *env) {
		var d ended
		c := e.open(t, settings{destroy: d.destroy})
		if c.FreeFunc(func(*conn, *note) bool { t.Error("asked about nothing"); return true }) != 0 {
			t.Fatal("freed nothing")
		}
		objs := parents(200)
		for i, obj := range objs {
			must(t)(c.Alloc(obj, &note{n: i}))
		}
		asked := make(map[int]bool)
		n := c.FreeFunc(func(obj *conn, data *note) bool {
			if asked[data.n] || obj != e.known(objs[data.n]) {
				t.Errorf("asked about %d with %p", data.n, obj)
			}
			asked[data.n] = true
			return data.n%3 == 0
		})
		if n != 67 || len(asked) != 200 || c.Len() != 133 || len(d.drain()) != 67 {
			t.Fatalf("freed %d, asked about %d, left %d", n, len(asked), c.Len())
		}
		for i, obj := range objs {
			if c.Has(obj) != (i%3 != 0) {
				t.Fatalf("variable %d: Has %v", i, c.Has(obj))
			}
		}
		// f may call the library: what it frees itself, FreeFunc does not count.
		n = c.FreeFunc(func(_ *conn, data *note) bool { return c.Free(objs[data.n]) })
		if n != 0 || c.Len() != 0 || len(d.drain()) != 133 {
			t.Fatalf("counted %d, left %d", n, c.Len())
		}
	})
}

func TestFreeObject(t *testing.T) {
	// Ensure (G12) that FreeObject frees what one object has in all classes of the space, and nothing of other objects and spaces.
	suite(t, func(t *testing.T, e *env) {
		var d ended
		a, b := e.open(t, settings{destroy: d.destroy}), e.open(t, settings{destroy: d.destroy})
		elsewhere := &env{space: shadow.NewSpace(nil), lifetime: e.lifetime, kind: e.kind}
		x := elsewhere.open(t, settings{destroy: d.destroy})
		obj, other := new(conn), new(conn)
		p, q := must(t)(a.Alloc(obj, nil)), must(t)(b.Alloc(obj, nil))
		must(t)(a.Alloc(other, nil))
		must(t)(x.Alloc(obj, nil))
		bytes, err := shadow.NewBytes[conn](1000, &shadow.BytesOptions[conn]{Space: e.space, Lifetime: e.lifetime})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := bytes.Alloc(obj, nil, 3); err != nil {
			t.Fatal(err)
		}
		for _, no := range []any{nil, 1, "s", conn{}, (*conn)(nil), struct{ *conn }{obj}, func() {}, new(int)} {
			if e.space.FreeObject(no) != 0 {
				t.Fatalf("FreeObject(%T)", no)
			}
		}
		// The address of the first field is the object's.
		if n := e.space.FreeObject(&obj.first); n != 3 {
			t.Fatalf("FreeObject = %d", n)
		}
		d.want(t, ending{obj, p}, ending{obj, q})
		if a.Has(obj) || b.Has(obj) || bytes.Has(obj) || !a.Has(other) || !x.Has(obj) || e.space.FreeObject(obj) != 0 {
			t.Fatal("FreeObject")
		}
	})
}

func TestFreeFuncMoves(t *testing.T) {
	// Ensure that FreeFunc ends what f was asked about and nothing else: here f moves every variable to another parent, about whose variable nobody asked.
	suite(t, func(t *testing.T, e *env) {
		if e.lifetime == shadow.Manual {
			t.Skip("f is told no parent")
		}
		var d ended
		c := e.open(t, settings{destroy: d.destroy})
		objs := parents(20)
		for i, obj := range objs[:10] {
			must(t)(c.Alloc(obj, &note{n: i}))
		}
		n := c.FreeFunc(func(obj *conn, data *note) bool {
			if slices.Index(objs, obj) < 10 {
				must(t)(c.Move(objs[10+data.n], obj))
				return true
			}
			return false
		})
		if n != 0 || c.Len() != 10 {
			t.Fatalf("FreeFunc = %d, Len = %d", n, c.Len())
		}
		for i, obj := range objs[10:] {
			if p := c.Get(obj); p == nil || p.n != i {
				t.Fatalf("parent %d has %v", i, p)
			}
		}
		d.want(t)
	})
}
