package shadow_test

import (
	"fmt"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/shadowvars/shadow"
)

func TestAttach(t *testing.T) {
	// Ensure (G1, G2) that an attached variable is a copy of what was given, found by every way of looking, and that its pair can have no second one.
	suite(t, func(t *testing.T, e *env) {
		c := e.open(t, settings{})
		objs := parents(50)
		before := *objs[3]
		for i, obj := range objs {
			if c.Get(obj) != nil || c.Has(obj) {
				t.Fatal("a variable before it was attached")
			}
			given := note{n: i, text: "x"}
			p := must(t)(c.Alloc(obj, &given))
			if p == &given || *p != given {
				t.Fatalf("attached %v, want a copy of %v", p, given)
			}
			if c.Get(obj) != p || !c.Has(obj) || c.Len() != i+1 {
				t.Fatalf("Get %p Has %v Len %d after attaching %p as number %d", c.Get(obj), c.Has(obj), c.Len(), p, i+1)
			}
			q, err := c.Alloc(obj, nil)
			wantErr(t, q, err, shadow.ErrExists)
			q, err = c.AllocFunc(obj, func(*note) error { t.Fatal("ctor for a present pair"); return nil })
			wantErr(t, q, err, shadow.ErrExists)
			q, loaded, err := c.GetOrAlloc(obj, &note{n: -1})
			if q != p || !loaded || err != nil || q.n != i {
				t.Fatalf("GetOrAlloc of a present pair: %p %v %v", q, loaded, err)
			}
			q, loaded, err = c.GetOrAllocFunc(obj, func(*note) error { t.Fatal("ctor for a present pair"); return nil })
			if q != p || !loaded || err != nil {
				t.Fatalf("GetOrAllocFunc of a present pair: %p %v %v", q, loaded, err)
			}
		}
		if *objs[3] != before {
			t.Fatal("the parent was modified")
		}
	})
}

func TestZeroed(t *testing.T) {
	// Ensure (G2) that data is zero if none is given, and when a ctor gets it, also in memory that was used before.
	suite(t, func(t *testing.T, e *env) {
		c := e.open(t, settings{})
		objs := parents(100)
		for range 3 {
			for i, obj := range objs {
				var p *note
				if i%2 == 0 {
					q, loaded, err := c.GetOrAlloc(obj, nil)
					if loaded {
						t.Fatal("loaded from an absent pair")
					}
					p = must(t)(q, err)
				} else {
					p = must(t)(c.AllocFunc(obj, func(p *note) error {
						if *p != (note{}) {
							t.Fatalf("ctor got %v", *p)
						}
						p.n = 4
						return nil
					}))
					if *p != (note{n: 4}) {
						t.Fatalf("built %v", *p)
					}
					*p = note{}
				}
				if *p != (note{}) {
					t.Fatalf("not zero: %v", *p)
				}
				*p = note{1, "used", p}
			}
			if n := c.FreeAll(); n != len(objs) {
				t.Fatalf("FreeAll = %d", n)
			}
		}
	})
}

func TestOneWinner(t *testing.T) {
	// Ensure (G1) that of concurrent attachments of one pair exactly one succeeds, and that all GetOrAlloc get the same pointer.
	suite(t, func(t *testing.T, e *env) {
		c := e.open(t, settings{})
		for round := range 30 {
			obj := e.conn()
			var winners, built atomic.Int32
			var news atomic.Int32
			var seen sync.Map
			run(8, func(i int) {
				var p *note
				var err error
				var loaded bool
				switch ctor := func(p *note) error { built.Add(1); p.n = i; return nil }; {
				case round%3 == 0 && i%2 == 0:
					p, err = c.Alloc(obj, &note{n: i})
				case round%3 == 0:
					p, err = c.AllocFunc(obj, ctor)
				case i%2 == 0:
					p, loaded, err = c.GetOrAlloc(obj, &note{n: i})
				default:
					p, loaded, err = c.GetOrAllocFunc(obj, ctor)
				}
				switch {
				case err == nil && round%3 == 0:
					winners.Add(1)
					seen.Store(p, true)
				case err == nil:
					if !loaded {
						news.Add(1)
					}
					seen.Store(p, true)
					if c.Get(obj) != p {
						t.Error("Get after GetOrAlloc finds another")
					}
				case round%3 != 0:
					t.Errorf("GetOrAlloc: %v", err)
				default:
					if p != nil {
						t.Error("data with an error")
					}
				}
			})
			pointers := 0
			seen.Range(func(p, _ any) bool {
				pointers++
				if c.Get(obj) != p.(*note) {
					t.Error("not what is attached")
				}
				return true
			})
			if pointers != 1 || winners.Load()+news.Load() != 1 || built.Load() > 1 {
				t.Fatalf("round %d: %d pointers, %d winners, %d news, %d built", round, pointers, winners.Load(), news.Load(), built.Load())
			}
		}
	})
}

// run runs f in n goroutines that start together, and waits for them.
func run(n int, f func(i int)) {
	var ready, done sync.WaitGroup
	ready.Add(n)
	for i := range n {
		done.Go(func() {
			ready.Done()
			ready.Wait()
			f(i)
		})
	}
	done.Wait()
}

func TestNothingHalfBuilt(t *testing.T) {
	// Ensure (G2, G11) that no reader sees data before it is complete: both ends of a wide value agree, however it was attached.
	type wide struct{ a, _, _, _, _, _, _, _, z int }
	for _, l := range lifetimes {
		t.Run(l.String(), func(t *testing.T) {
			v := shadow.MustNew(1, &shadow.Options[conn, wide]{Space: shadow.NewSpace(nil), Lifetime: l})
			objs := parents(4)
			var stop atomic.Bool
			var readers sync.WaitGroup
			for range 2 {
				readers.Go(func() {
					for !stop.Load() {
						for _, obj := range objs {
							if p := v.Get(obj); p != nil && (p.a == 0 || p.a != p.z) {
								t.Errorf("half-built: %v", *p)
								return
							}
						}
					}
				})
			}
			for i := 1; i < 3000; i++ {
				obj := objs[i%len(objs)]
				var err error
				switch i % 3 {
				case 0:
					_, err = v.Alloc(obj, &wide{a: i, z: i})
				case 1:
					_, err = v.AllocFunc(obj, func(p *wide) error { p.a = i; p.z = i; return nil })
				default:
					_, _, err = v.GetOrAlloc(obj, &wide{a: i, z: i})
				}
				if err != nil {
					t.Fatal(err)
				}
				if !v.Free(obj) {
					t.Fatal("not freed")
				}
			}
			stop.Store(true)
			readers.Wait()
		})
	}
}

func TestNilParent(t *testing.T) {
	// Ensure (G18) that looking at nil finds nothing and that attaching to it is ErrNilObject.
	suite(t, func(t *testing.T, e *env) {
		c := e.open(t, settings{})
		src := new(conn)
		must(t)(c.Alloc(src, nil))
		if c.Get(nil) != nil || c.Has(nil) || c.Free(nil) || c.Take(nil) != nil || c.FreeIf(nil, c.Get(src)) || c.FreeIf(nil, nil) {
			t.Fatal("nil has a variable")
		}
		never := func(*note) error { t.Error("ctor was called"); return nil }
		for op, f := range map[string]func() (*note, error){
			"Alloc":          func() (*note, error) { return c.Alloc(nil, nil) },
			"AllocFunc":      func() (*note, error) { return c.AllocFunc(nil, never) },
			"GetOrAlloc":     func() (*note, error) { p, _, err := c.GetOrAlloc(nil, nil); return p, err },
			"GetOrAllocFunc": func() (*note, error) { p, _, err := c.GetOrAllocFunc(nil, never); return p, err },
			"Copy":           func() (*note, error) { return c.Copy(nil, src) },
			"Move":           func() (*note, error) { return c.Move(nil, src) },
		} {
			p, err := f()
			wantErr(t, p, err, shadow.ErrNilObject)
			if got := err.(*shadow.Error).Op; got != op {
				t.Errorf("%s fails as %s", op, got)
			}
		}
		dst := new(conn)
		p, err := c.Copy(dst, nil)
		wantErr(t, p, err, shadow.ErrAbsent)
		p, err = c.Move(dst, nil)
		wantErr(t, p, err, shadow.ErrAbsent)
		if c.Len() != 1 || c.Has(dst) || e.space.FreeObject(nil) != 0 || e.space.FreeObject((*conn)(nil)) != 0 {
			t.Fatal("a refused attachment changed something")
		}
	})
}

func TestGetBatch(t *testing.T) {
	// Ensure that dst[i] = Get(objs[i]) for every i, nil objects included, and that a short dst panics.
	suite(t, func(t *testing.T, e *env) {
		c := e.open(t, settings{})
		for _, n := range []int{0, 1, 2, 7, 8, 9, 63, 64, 65, 300} {
			objs := parents(n)
			want, hits := make([]*note, n), 0
			for i, obj := range objs {
				switch i % 3 {
				case 0:
					want[i] = must(t)(c.Alloc(obj, nil))
					hits++
				case 1:
					objs[i] = nil
				}
			}
			dst := make([]*note, n+2)
			for i := range dst {
				dst[i] = new(note)
			}
			last := dst[n]
			if got := c.GetBatch(objs, dst); got != hits {
				t.Fatalf("GetBatch of %d = %d, want %d", n, got, hits)
			}
			for i := range want {
				if dst[i] != want[i] {
					t.Fatalf("dst[%d] = %p, want %p", i, dst[i], want[i])
				}
			}
			if dst[n] != last {
				t.Fatal("GetBatch wrote beyond len(objs)")
			}
			if n > 0 {
				panicked := func() (r any) {
					defer func() { r = recover() }()
					c.GetBatch(objs, dst[:n-1])
					return nil
				}()
				if panicked == nil {
					t.Fatal("GetBatch with a short dst did not panic")
				}
			}
			if c.FreeAll() != hits { // before the parents go, as Manual asks
				t.Fatal("FreeAll")
			}
			runtime.KeepAlive(objs)
		}
	})
}

func TestManyIDs(t *testing.T) {
	// Ensure that a thousand classes on one parent do not disturb one another.
	for _, table := range tables {
		t.Run(table.name, func(t *testing.T) {
			e := &env{space: table.space(), kind: "Var"}
			if table.restless {
				defer migrate(e.space)()
			}
			n := 1000
			if instrumented {
				n = 200
			}
			obj, other := new(conn), new(conn)
			classes := make([]class, n)
			for i := range classes {
				e.lifetime, e.kind = lifetimes[i%3], []string{"Var", "Any"}[i%2]
				classes[i] = e.open(t, settings{})
				must(t)(classes[i].Alloc(obj, &note{n: i}))
			}
			for i, c := range classes {
				if p := c.Get(obj); p == nil || p.n != i || c.Has(other) {
					t.Fatalf("class %d has %v", i, p)
				}
			}
			for i, c := range classes {
				if i%2 == 0 && !c.Free(obj) {
					t.Fatalf("class %d: not freed", i)
				}
			}
			for i, c := range classes {
				if c.Has(obj) != (i%2 == 1) {
					t.Fatalf("class %d: Has = %v", i, c.Has(obj))
				}
			}
			if freed := e.space.FreeObject(obj); freed != n/2 {
				t.Fatalf("FreeObject = %d", freed)
			}
		})
	}
}

func TestDataOfAllSizes(t *testing.T) {
	// Ensure (G4) that data of size zero has addresses of its own, and that small, pointerful and huge data is kept as it was given.
	for _, l := range lifetimes {
		t.Run(l.String(), func(t *testing.T) {
			s := shadow.NewSpace(nil)
			checkData(t, s, l, struct{}{})
			checkData(t, s, l, [0]int64{})
			checkData(t, s, l, byte(7))
			checkData(t, s, l, "text")
			checkData(t, s, l, [3]any{1, "two", new(int)})
			checkData(t, s, l, [5]uint16{1, 2, 3, 4, 5})
			checkData(t, s, l, complex(1, 2))
			large := [1 << 20]byte{0: 1, 1<<20 - 1: 2}
			v := shadow.MustNew(99, &shadow.Options[conn, [1 << 20]byte]{Space: s, Lifetime: l})
			for _, obj := range parents(3) {
				p, err := v.Alloc(obj, &large)
				if err != nil || p[0] != 1 || p[1<<20-1] != 2 || v.Get(obj) != p {
					t.Fatalf("1 MiB: %v", err)
				}
			}
		})
	}
}

func checkData[T comparable](t *testing.T, s *shadow.Space, l shadow.Lifetime, x T) {
	t.Helper()
	v := shadow.MustNew(shadow.NameID(fmt.Sprintf("%T", x)), &shadow.Options[conn, T]{Space: s, Lifetime: l})
	defer v.Close()
	seen := make(map[uintptr]bool)
	objs := parents(100)
	for _, obj := range objs {
		p, err := v.Alloc(obj, &x)
		if err != nil || *p != x || v.Get(obj) != p || !v.Has(obj) {
			t.Fatalf("%T: %v", x, err)
		}
		if seen[address(p)] {
			t.Fatalf("%T: two variables at %p", x, p)
		}
		seen[address(p)] = true
	}
	for obj, p := range v.All() {
		if l != shadow.Manual && v.Get(obj) != p {
			t.Fatalf("%T: All yields %p, %p", x, obj, p)
		}
		delete(seen, address(p))
	}
	if len(seen) != 0 {
		t.Fatalf("%T: All left out %d", x, len(seen))
	}
	for _, obj := range objs {
		if q := v.Get(obj); !v.FreeIf(obj, q) || v.Has(obj) {
			t.Fatalf("%T: not freed", x)
		}
	}
}
