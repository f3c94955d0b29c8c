package shadow_test

import (
	"runtime"
	"sync/atomic"
	"testing"

	"github.com/shadowvars/shadow"
)

func TestMove(t *testing.T) {
	// Ensure (G9) that Move takes the same data at the same address to another parent, with nothing destroyed, and back again.
	suite(t, func(t *testing.T, e *env) {
		var d ended
		c := e.open(t, settings{destroy: d.destroy})
		objs := parents(30)
		p := must(t)(c.Alloc(objs[0], &note{n: 5}))
		for i := range 100 {
			src, dst := objs[i%len(objs)], objs[(i+1)%len(objs)]
			if q := must(t)(c.Move(dst, src)); q != p || q.n != 5 {
				t.Fatal("Move changed the data or its address")
			}
			if c.Has(src) || c.Get(dst) != p || c.Len() != 1 || c.Free(src) {
				t.Fatal("not at its destination alone")
			}
			for obj, q := range c.All() {
				if obj != e.known(dst) || q != p {
					t.Fatal("All yields the former parent")
				}
			}
			c.FreeFunc(func(obj *conn, _ *note) bool {
				if obj != e.known(dst) {
					t.Error("FreeFunc asks with the former parent")
				}
				return false
			})
		}
		if c.FreeAll() != 1 {
			t.Fatal("FreeAll after Move")
		}
		d.want(t, ending{e.known(objs[100%len(objs)]), p})
	})
}

func TestCopy(t *testing.T) {
	// Ensure that Copy attaches a second variable that holds what the first holds now, and leaves the first alone.
	suite(t, func(t *testing.T, e *env) {
		c := e.open(t, settings{})
		src, dst := new(conn), new(conn)
		p := must(t)(c.Alloc(src, &note{n: 1}))
		p.text = "later"
		q := must(t)(c.Copy(dst, src))
		if q == p || *q != *p || c.Get(src) != p || c.Get(dst) != q || c.Len() != 2 {
			t.Fatal("Copy")
		}
		q.n = 9
		if p.n != 1 {
			t.Fatal("the copy shares the original's memory")
		}
	})
}

func TestMoveAndCopyRefused(t *testing.T) {
	// Ensure (G9) that a Move or Copy that is refused changes nothing.
	suite(t, func(t *testing.T, e *env) {
		var d ended
		c := e.open(t, settings{destroy: d.destroy})
		a, b, empty, alien := new(conn), new(conn), new(conn), foreignConn(t)
		p, q := must(t)(c.Alloc(a, &note{n: 1})), must(t)(c.Alloc(b, &note{n: 2}))
		for _, op := range []func(dst, src *conn) (*note, error){c.Move, c.Copy} {
			for _, refused := range []struct {
				dst, src *conn
				want     error
			}{
				{b, a, shadow.ErrExists},
				{a, a, shadow.ErrExists},
				{empty, empty, shadow.ErrExists},
				{empty, new(conn), shadow.ErrAbsent},
				{empty, nil, shadow.ErrAbsent},
				{nil, a, shadow.ErrNilObject},
				{alien, a, shadow.ErrForeign},
			} {
				if refused.want == shadow.ErrForeign && e.lifetime == shadow.Manual {
					continue
				}
				r, err := op(refused.dst, refused.src)
				wantErr(t, r, err, refused.want)
				if c.Get(a) != p || c.Get(b) != q || c.Has(empty) || c.Len() != 2 || p.n != 1 || q.n != 2 || c.Has(alien) {
					t.Fatalf("%v changed something", refused.want)
				}
			}
		}
		d.want(t)
	})
}

func TestMoveRaces(t *testing.T) {
	// Ensure that a variable that many move, take and free is at one place at a time and ends once.
	suite(t, func(t *testing.T, e *env) {
		var alive atomic.Int64
		c := e.open(t, settings{destroy: func(_ *conn, data *note) {
			if data.n != 1 {
				t.Error("destroyed twice")
			}
			data.n = 2
			alive.Add(-1)
		}})
		objs := parents(5)
		run(5, func(i int) {
			for j := range 300 {
				dst, src := objs[(i+j)%5], objs[(i*2+j*3)%5]
				switch (i + j) % 5 {
				case 0:
					if _, loaded, err := c.GetOrAlloc(dst, &note{n: 1}); err != nil {
						t.Error(err)
					} else if !loaded {
						alive.Add(1)
					}
				case 1, 2:
					if p, err := c.Move(dst, src); err == nil && p == nil || err != nil && p != nil {
						t.Error("Move returned neither or both")
					}
				case 3:
					c.Free(src)
				default:
					if p := c.Take(src); p != nil {
						if p.n != 1 {
							t.Error("took what has ended")
						}
						p.n = 3
						alive.Add(-1)
					}
				}
			}
		})
		found := 0
		for _, obj := range objs {
			if c.Has(obj) {
				found++
			}
		}
		if int64(found) != alive.Load() || c.Len() != found {
			t.Fatalf("%d found, %d should live, Len = %d", found, alive.Load(), c.Len())
		}
		if n := c.FreeAll(); n != found {
			t.Fatalf("FreeAll = %d of %d", n, found)
		}
		runtime.KeepAlive(objs)
	})
}
