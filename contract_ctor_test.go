package shadow_test

import (
	"errors"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/shadowvars/shadow"
)

func TestUnderConstruction(t *testing.T) {
	// Ensure (G3, G14) that a pair under construction is absent for those who look, taken for those who attach, and delays only GetOrAlloc.
	suite(t, func(t *testing.T, e *env) {
		var d ended
		c := e.open(t, settings{destroy: d.destroy})
		obj, other := new(conn), new(conn)
		foreign := must(t)(c.Alloc(other, nil))
		var waiters sync.WaitGroup
		var got [2]*note
		p := must(t)(c.AllocFunc(obj, func(p *note) error {
			if c.Get(obj) != nil || c.Take(obj) != nil {
				t.Error("Get or Take finds a pair under construction")
			}
			if c.Has(obj) || c.Free(obj) || c.FreeIf(obj, p) || c.FreeIf(obj, nil) {
				t.Error("Has, Free or FreeIf finds a pair under construction")
			}
			dst := make([]*note, 1)
			if c.GetBatch([]*conn{obj}, dst) != 0 || dst[0] != nil {
				t.Error("GetBatch finds a pair under construction")
			}
			for op, f := range map[string]func() (*note, error){
				"Alloc":     func() (*note, error) { return c.Alloc(obj, nil) },
				"AllocFunc": func() (*note, error) { return c.AllocFunc(obj, nil) },
				"Copy":      func() (*note, error) { return c.Copy(obj, other) },
				"Move":      func() (*note, error) { return c.Move(obj, other) },
			} {
				q, err := f()
				if q != nil || !errors.Is(err, shadow.ErrExists) {
					t.Errorf("%s onto a pair under construction: %v, %v", op, q, err)
				}
			}
			for op, f := range map[string]func() (*note, error){
				"Copy": func() (*note, error) { return c.Copy(e.conn(), obj) },
				"Move": func() (*note, error) { return c.Move(e.conn(), obj) },
			} {
				q, err := f()
				if q != nil || !errors.Is(err, shadow.ErrAbsent) {
					t.Errorf("%s from a pair under construction: %v, %v", op, q, err)
				}
			}
			if n := c.Len(); n != 1 {
				t.Errorf("Len = %d with one present and one under construction", n)
			}
			for _, q := range c.All() {
				if q != foreign {
					t.Error("All yields a pair under construction")
				}
			}
			if n := c.FreeFunc(func(_ *conn, q *note) bool { return q != foreign }); n != 0 {
				t.Error("FreeFunc frees a pair under construction")
			}
			if n := e.space.FreeObject(obj); n != 0 {
				t.Error("FreeObject frees a pair under construction")
			}
			for i := range got {
				waiters.Go(func() {
					q, loaded, err := c.GetOrAlloc(obj, nil)
					if i == 0 {
						q, loaded, err = c.GetOrAllocFunc(obj, func(*note) error { t.Error("a second ctor"); return nil })
					}
					if !loaded || err != nil {
						t.Errorf("a waiter got %v, %v", loaded, err)
					}
					got[i] = q
				})
			}
			for range 100 {
				runtime.Gosched()
			}
			p.n = 17
			return nil
		}))
		waiters.Wait()
		if got[0] != p || got[1] != p || c.Get(obj) != p || p.n != 17 || c.Len() != 2 || c.Get(other) != foreign {
			t.Fatalf("after construction: %p %p, want %p", got[0], got[1], p)
		}
		d.want(t)
	})
}

func TestCtorFails(t *testing.T) {
	// Ensure (G3) that a ctor's error comes back unchanged, attaches nothing, destroys nothing, and that the pair can be constructed again.
	suite(t, func(t *testing.T, e *env) {
		var d ended
		c := e.open(t, settings{destroy: d.destroy})
		mine := errors.New("mine")
		for _, op := range []func(*conn, func(*note) error) (*note, error){
			c.AllocFunc,
			func(obj *conn, ctor func(*note) error) (*note, error) {
				p, loaded, err := c.GetOrAllocFunc(obj, ctor)
				if loaded {
					t.Error("loaded from an absent pair")
				}
				return p, err
			},
		} {
			obj := new(conn)
			p, err := op(obj, func(p *note) error { p.n = 3; return mine })
			if p != nil || err != mine {
				t.Fatalf("got %v, %v", p, err)
			}
			p, err = op(obj, func(*note) error { return shadow.ErrExists })
			if p != nil || err != shadow.ErrExists {
				t.Fatalf("got %v, %v", p, err)
			}
			wantPanic(t, "boom", func() { op(obj, func(*note) error { panic("boom") }) })
			if !exits(func() { op(obj, func(*note) error { runtime.Goexit(); return nil }) }) {
				t.Fatal("Goexit in a ctor did not go on")
			}
			if c.Has(obj) || c.Len() != 0 || c.Free(obj) {
				t.Fatal("a failed ctor attached something")
			}
			for range c.All() {
				t.Fatal("All yields what a failed ctor left")
			}
			p = must(t)(op(obj, func(p *note) error {
				if *p != (note{}) {
					t.Errorf("ctor after a failed one gets %v", *p)
				}
				return nil
			}))
			if c.Take(obj) != p {
				t.Fatal("not attached")
			}
		}
		d.want(t)
	})
}

func TestWaiterTakesOver(t *testing.T) {
	// Ensure (G3) that after a ctor's error, panic or exit one of those who wait constructs, with a ctor of its own, and the others get its result.
	each(t, func(t *testing.T, e *env) {
		c := e.open(t, settings{})
		for _, failure := range []func() error{
			func() error { return errors.New("no") },
			func() error { panic("no") },
			func() error { runtime.Goexit(); return nil },
		} {
			obj := e.conn()
			var waiters sync.WaitGroup
			var built, news atomic.Int32
			first := make(chan struct{})
			go func() {
				defer func() { recover(); close(first) }()
				c.GetOrAllocFunc(obj, func(*note) error {
					for range 10 {
						waiters.Go(func() {
							p, loaded, err := c.GetOrAllocFunc(obj, func(*note) error { built.Add(1); return nil })
							if err != nil || p == nil {
								t.Errorf("a waiter got %v, %v", p, err)
							}
							if !loaded {
								news.Add(1)
							}
							if c.Get(obj) != p {
								t.Error("waiters got different variables")
							}
						})
					}
					for range 50 {
						runtime.Gosched()
					}
					return failure()
				})
			}()
			<-first
			waiters.Wait()
			if built.Load() != 1 || news.Load() != 1 || c.Len() == 0 {
				t.Fatalf("%d ctors ran, %d say so", built.Load(), news.Load())
			}
		}
	})
}

func TestCtorUsesLibrary(t *testing.T) {
	// Ensure (G3) that a ctor can attach, find, move and free other pairs, construct others, open classes and free its own class.
	suite(t, func(t *testing.T, e *env) {
		var d ended
		c := e.open(t, settings{destroy: d.destroy})
		a, b, x, y := e.conn(), e.conn(), e.conn(), e.conn()
		old := must(t)(c.Alloc(x, nil))
		var inner *note
		p := must(t)(c.AllocFunc(a, func(p *note) error {
			if !c.Free(x) {
				t.Error("ctor could not free another pair")
			}
			q, _, err := c.GetOrAllocFunc(b, func(q *note) error {
				_, err := c.Alloc(x, nil)
				q.n = 2
				return err
			})
			inner = q
			p.next = q
			if _, err := c.Move(y, x); err != nil {
				t.Error(err)
			}
			e2 := &env{space: e.space, lifetime: e.lifetime, kind: e.kind}
			sub, err2 := e2.openID(1<<40, settings{})
			if err2 != nil {
				t.Error(err2)
			}
			must(t)(sub.Alloc(a, nil))
			if sub.Close() != 1 {
				t.Error("Close within ctor")
			}
			return err
		}))
		d.want(t, ending{x, old})
		if c.Get(a) != p || c.Get(b) != inner || c.Has(x) || !c.Has(y) || c.Len() != 3 {
			t.Fatal("what the ctor did is not there")
		}
		// FreeAll from within a ctor comes before or after the variable that is built; either way it is destroyed or present, not both.
		z := new(conn)
		q := must(t)(c.AllocFunc(z, func(*note) error {
			if n := c.FreeAll(); n != 3 {
				t.Errorf("FreeAll in a ctor = %d", n)
			}
			return nil
		}))
		calls := d.drain()
		destroyed := false
		for _, call := range calls {
			destroyed = destroyed || call.data == q
		}
		if destroyed == c.Has(z) || len(calls) != 3+map[bool]int{true: 1}[destroyed] {
			t.Fatalf("after FreeAll in the ctor: destroyed %v, present %v, %d calls", destroyed, c.Has(z), len(calls))
		}
	})
}

func TestCtorRefused(t *testing.T) {
	// Ensure that ctor is not called where nothing can be attached.
	each(t, func(t *testing.T, e *env) {
		c := e.open(t, settings{})
		c.Close()
		never := func(*note) error { t.Error("ctor was called"); return nil }
		p, err := c.AllocFunc(new(conn), never)
		wantErr(t, p, err, shadow.ErrClosed)
		p, _, err = c.GetOrAllocFunc(new(conn), never)
		wantErr(t, p, err, shadow.ErrClosed)
	})
}

func TestConstructionOvertaken(t *testing.T) {
	// Ensure (G3, G10) that construction that FreeAll or Close overtakes succeeds, that its variable ends at once, and is destroyed once.
	suite(t, func(t *testing.T, e *env) {
		for _, end := range []func(class) int{class.FreeAll, class.Close} {
			var d ended
			c := e.open(t, settings{destroy: d.destroy})
			obj := new(conn)
			p := must(t)(c.AllocFunc(obj, func(*note) error {
				if n := end(c); n != 0 {
					t.Errorf("ended %d variables", n)
				}
				return nil
			}))
			calls := d.drain()
			if len(calls) != 1 || calls[0].data != p || calls[0].obj != obj && calls[0].obj != nil {
				t.Fatalf("Destroy calls: %v", calls)
			}
			if c.Has(obj) || c.Len() != 0 {
				t.Fatal("still attached")
			}
		}
	})
}

func TestParallelCtors(t *testing.T) {
	// Ensure (G3, G14) that ctors of different pairs run at the same time: each waits until all others run, too.
	each(t, func(t *testing.T, e *env) {
		c := e.open(t, settings{})
		const n = 100
		var all sync.WaitGroup
		all.Add(n)
		run(n, func(int) {
			_, err := c.AllocFunc(e.conn(), func(*note) error {
				all.Done()
				all.Wait()
				return nil
			})
			if err != nil {
				t.Error(err)
			}
		})
	})
}

func TestFailuresLeaveNothing(t *testing.T) {
	// Ensure that failed ctors and refused attachments give back what they have claimed.
	each(t, func(t *testing.T, e *env) {
		c := e.open(t, settings{})
		present, absent := e.conn(), e.conn()
		must(t)(c.Alloc(present, nil))
		before := e.space.Stats()
		for range 2000 {
			if _, err := c.AllocFunc(absent, func(*note) error { return errModel }); err != errModel {
				t.Fatal(err)
			}
			c.Alloc(present, nil)
			c.Move(present, absent)
			c.Copy(present, absent)
		}
		after := e.space.Stats()
		if after.Live != 1 || after.BytesHeld > before.BytesHeld+64*(before.BytesHeld+64) {
			t.Fatalf("%d live, %d bytes held before, %d after", after.Live, before.BytesHeld, after.BytesHeld)
		}
	})
}
