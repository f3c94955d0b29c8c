package shadow_test

import (
	"errors"
	"math/rand/v2"
	"sync/atomic"
	"testing"

	"github.com/shadowvars/shadow"
)

// modelled is a class beside the plain map that says what must be in it.
type modelled struct {
	class
	e    *env
	want map[*conn]*note // what is attached
	text map[*note]note  // what it holds
	d    *ended
}

func newModelled(t *testing.T, e *env) *modelled {
	d := new(ended)
	return &modelled{e.open(t, settings{destroy: d.destroy}), e, make(map[*conn]*note), make(map[*note]note), d}
}

var errModel = errors.New("the ctor of the model fails")

func TestModel(t *testing.T) {
	// Ensure (G1, G7, G9, G12) that random programs over parents, classes and operations do what a plain map does.
	suite(t, func(t *testing.T, e *env) {
		seed := rand.Uint64()
		t.Logf("seed %#x", seed)
		rng := rand.New(rand.NewPCG(seed, 0))
		objs := parents(12)
		classes := make([]*modelled, 10) // more than the eight that share a home
		for i := range classes {
			classes[i] = newModelled(t, e)
		}
		for i := range 3000 {
			m := classes[rng.IntN(len(classes))]
			m.step(t, rng, objs, i)
			if t.Failed() {
				return
			}
			if i%500 == 0 {
				for _, m := range classes {
					m.same(t, objs)
				}
			}
			if rng.IntN(40) == 0 {
				freeObject(t, e, classes, objs[rng.IntN(len(objs))])
			}
		}
		total := 0
		for _, m := range classes {
			m.same(t, objs)
			total += len(m.want)
		}
		if n := e.space.Close(); n != total {
			t.Fatalf("Space.Close = %d, want %d", n, total)
		}
	})
}

func freeObject(t *testing.T, e *env, classes []*modelled, obj *conn) {
	n := 0
	for _, m := range classes {
		if m.want[obj] != nil {
			n++
		}
	}
	if got := e.space.FreeObject(obj); got != n {
		t.Fatalf("FreeObject = %d, want %d", got, n)
	}
	for _, m := range classes {
		m.ended(t, obj, obj)
	}
}

// ended takes obj's variable out of the model, if there is one, and checks that it was destroyed with the parent as told.
func (m *modelled) ended(t *testing.T, obj, told *conn) {
	t.Helper()
	p := m.want[obj]
	delete(m.want, obj)
	if p == nil {
		m.d.want(t)
	} else {
		m.d.want(t, ending{told, p})
	}
}

// attached notes that obj has p now, which holds x.
func (m *modelled) attached(t *testing.T, obj *conn, p *note, err error, x note) {
	t.Helper()
	if err != nil || p == nil || *p != x {
		t.Fatalf("attaching: %v, %v, want %v", p, err, x)
	}
	for _, q := range m.want {
		if p == q {
			t.Fatal("two variables at one address")
		}
	}
	m.want[obj], m.text[p] = p, x
}

// step does one random thing to the class and to the model.
func (m *modelled) step(t *testing.T, rng *rand.Rand, objs []*conn, i int) {
	obj, other := objs[rng.IntN(len(objs))], objs[rng.IntN(len(objs))]
	p, q := m.want[obj], m.want[other]
	x := note{n: i, text: "model"}
	ctor := func(p *note) error { *p = x; return nil }
	fail := func(p *note) error { *p = x; return errModel }
	switch rng.IntN(16) {
	case 0, 1:
		got, err := m.Alloc(obj, &x)
		m.refusedOrAttached(t, obj, got, err, x)
	case 2:
		got, err := m.AllocFunc(obj, ctor)
		m.refusedOrAttached(t, obj, got, err, x)
	case 3, 4:
		got, loaded, err := m.GetOrAlloc(obj, &x)
		m.loadedOrAttached(t, obj, got, loaded, err, x)
	case 5:
		got, loaded, err := m.GetOrAllocFunc(obj, ctor)
		m.loadedOrAttached(t, obj, got, loaded, err, x)
	case 6:
		got, err := m.AllocFunc(obj, fail)
		if p != nil {
			wantErr(t, got, err, shadow.ErrExists)
		} else if err != errModel || got != nil {
			t.Fatalf("failing ctor: %v, %v", got, err)
		}
	case 7, 8:
		if m.Free(obj) != (p != nil) {
			t.Fatal("Free")
		}
		m.ended(t, obj, obj)
	case 9:
		if m.Take(obj) != p {
			t.Fatal("Take")
		}
		delete(m.want, obj)
		m.d.want(t)
	case 10:
		if m.FreeIf(obj, q) != (q != nil && p == q) {
			t.Fatal("FreeIf")
		}
		if p == q {
			m.ended(t, obj, obj)
		}
	case 11:
		m.moveOrCopy(t, other, obj, m.Copy, false)
	case 12:
		m.moveOrCopy(t, other, obj, m.Move, true)
	case 13:
		if rng.IntN(20) != 0 {
			break
		}
		var want []ending
		for obj, p := range m.want {
			want = append(want, ending{m.e.known(obj), p})
		}
		if n := m.FreeAll(); n != len(want) {
			t.Fatalf("FreeAll = %d, want %d", n, len(want))
		}
		m.d.want(t, want...)
		clear(m.want)
	case 14:
		var want []ending
		for obj, p := range m.want {
			if p.n%5 == i%5 {
				want = append(want, ending{m.e.known(obj), p})
				delete(m.want, obj)
			}
		}
		if n := m.FreeFunc(func(_ *conn, p *note) bool { return p.n%5 == i%5 }); n != len(want) {
			t.Fatalf("FreeFunc = %d, want %d", n, len(want))
		}
		m.d.want(t, want...)
	default:
		if m.Get(obj) != p || m.Has(other) != (q != nil) || m.Len() != len(m.want) {
			t.Fatalf("Get %p, want %p; Has %v; Len %d of %d", m.Get(obj), p, m.Has(other), m.Len(), len(m.want))
		}
	}
}

func (m *modelled) refusedOrAttached(t *testing.T, obj *conn, got *note, err error, x note) {
	t.Helper()
	if m.want[obj] != nil {
		wantErr(t, got, err, shadow.ErrExists)
		return
	}
	m.attached(t, obj, got, err, x)
}

func (m *modelled) loadedOrAttached(t *testing.T, obj *conn, got *note, loaded bool, err error, x note) {
	t.Helper()
	p := m.want[obj]
	if loaded != (p != nil) || p != nil && (got != p || err != nil) {
		t.Fatalf("GetOrAlloc = %p, %v, %v, want %p", got, loaded, err, p)
	}
	if p == nil {
		m.attached(t, obj, got, err, x)
	}
}

func (m *modelled) moveOrCopy(t *testing.T, dst, src *conn, op func(dst, src *conn) (*note, error), moves bool) {
	t.Helper()
	p, q := m.want[src], m.want[dst]
	got, err := op(dst, src)
	switch {
	case dst == src || p != nil && q != nil:
		wantErr(t, got, err, shadow.ErrExists)
	case p == nil && q != nil:
		if got != nil || !errors.Is(err, shadow.ErrAbsent) && !errors.Is(err, shadow.ErrExists) {
			t.Fatalf("from nothing onto something: %v, %v", got, err)
		}
	case p == nil:
		wantErr(t, got, err, shadow.ErrAbsent)
	case moves:
		if got != p || err != nil {
			t.Fatalf("Move = %p, %v, want %p", got, err, p)
		}
		delete(m.want, src)
		m.want[dst] = p
	default:
		m.attached(t, dst, got, err, m.text[p])
	}
	m.d.want(t)
}

// same compares everything that can be seen of the class with the model.
func (m *modelled) same(t *testing.T, objs []*conn) {
	t.Helper()
	dst := make([]*note, len(objs))
	if n := m.GetBatch(objs, dst); n != len(m.want) || m.Len() != n {
		t.Fatalf("GetBatch = %d, Len = %d, want %d", n, m.Len(), len(m.want))
	}
	for i, obj := range objs {
		if dst[i] != m.want[obj] || dst[i] != nil && *dst[i] != m.text[dst[i]] {
			t.Fatalf("GetBatch: %p, want %p", dst[i], m.want[obj])
		}
	}
	left := make(map[*note]*conn)
	for obj, p := range m.want {
		left[p] = m.e.known(obj)
	}
	for obj, p := range m.All() {
		if was, ok := left[p]; !ok || was != obj {
			t.Fatalf("All yields %p, %p", obj, p)
		}
		delete(left, p)
	}
	if len(left) != 0 {
		t.Fatalf("All left out %d", len(left))
	}
}

func TestEverythingAtOnce(t *testing.T) {
	// Ensure (G7) that with all operations at the same time variables are conserved: each one attached ends once, by destruction or by Take, or is there at the end.
	suite(t, func(t *testing.T, e *env) {
		var born, destroyed, taken atomic.Int64
		const alive, dead = 1, 2
		end := func(data *note, count *atomic.Int64) {
			if data.n != alive {
				t.Errorf("ended what was %d", data.n)
			}
			data.n = dead
			count.Add(1)
		}
		var classes [3]class
		for i := range classes {
			classes[i] = e.open(t, settings{destroy: func(_ *conn, data *note) { end(data, &destroyed) }})
		}
		objs := parents(10)
		run(4, func(worker int) {
			rng := rand.New(rand.NewPCG(rand.Uint64(), uint64(worker)))
			for range 1500 {
				c, obj, other := classes[rng.IntN(3)], objs[rng.IntN(10)], objs[rng.IntN(10)]
				err, loaded := error(nil), true
				switch rng.IntN(14) {
				case 0:
					_, failed := c.Alloc(obj, &note{n: alive})
					loaded = failed != nil
				case 1:
					_, failed := c.AllocFunc(obj, func(p *note) error { p.n = alive; return nil })
					loaded = failed != nil
				case 2:
					_, loaded, _ = c.GetOrAlloc(obj, &note{n: alive})
				case 3, 4:
					_, loaded, err = c.GetOrAllocFunc(obj, func(p *note) error {
						p.n = alive
						if rng.IntN(4) == 0 {
							return errModel
						}
						return nil
					})
					loaded = loaded || err != nil
				case 5, 6:
					c.Free(obj)
				case 7:
					if p := c.Take(obj); p != nil {
						end(p, &taken)
					}
				case 8:
					c.FreeIf(obj, c.Get(other))
				case 9:
					if p, err := c.Move(other, obj); (p == nil) != (err != nil) {
						t.Error("Move returned both or neither")
					}
				case 10:
					e.space.FreeObject(obj)
				case 11:
					if rng.IntN(20) == 0 {
						c.FreeAll()
					}
				case 12:
					n := 0
					for range c.All() {
						n++
					}
					if n > 2*len(objs)+100 {
						t.Errorf("All yields %d", n)
					}
				default:
					c.FreeFunc(func(*conn, *note) bool { return rng.IntN(10) == 0 })
				}
				if !loaded {
					born.Add(1)
				}
			}
		})
		left := 0
		for _, c := range classes {
			n := 0
			for _, obj := range objs {
				if p := c.Get(obj); p != nil {
					if p.n != alive {
						t.Error("found what has ended")
					}
					n++
				}
			}
			if c.Len() != n {
				t.Errorf("Len = %d, found %d", c.Len(), n)
			}
			left += n
		}
		if born.Load() != destroyed.Load()+taken.Load()+int64(left) {
			t.Fatalf("%d born, %d destroyed, %d taken, %d left", born.Load(), destroyed.Load(), taken.Load(), left)
		}
	})
}
