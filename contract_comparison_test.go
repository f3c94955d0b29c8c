package shadow_test

import (
	"errors"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/shadowvars/shadow"
	shared "github.com/shadowvars/shadow/internal/atomic"
)

// otherSizes is why some tests are left out of explorations.
const otherSizes = "in an exploration tables and slabs are of other sizes"

// The tests of this file show rows of docs/comparison.md that no other contract test is about.

func TestParentIsUntouched(t *testing.T) {
	// Ensure that attaching, finding, moving and freeing change no bit of the parents: they need no slot for it and get none.
	suite(t, func(t *testing.T, e *env) {
		c := e.open(t, settings{})
		objs := parents(20)
		before := make([]conn, len(objs))
		for i, obj := range objs {
			before[i] = *obj
		}
		same := func(when string) {
			t.Helper()
			for i, obj := range objs {
				if *obj != before[i] {
					t.Fatalf("%s, parent %d is %+v", when, i, *obj)
				}
			}
		}
		for _, obj := range objs[:19] {
			must(t)(c.Alloc(obj, &note{n: 7}))
			c.Get(obj).n++
		}
		same("attached")
		must(t)(c.Move(objs[19], objs[0]))
		must(t)(c.Copy(objs[0], objs[19]))
		same("moved and copied")
		c.Free(objs[1])
		c.FreeAll()
		same("freed")
	})
}

func TestReplaceValue(t *testing.T) {
	// Ensure that a value can be set whether or not there is one, and the former one had back: with data that is an atomic pointer, in one step for everybody,
	// and each of the values is somebody's former one exactly once.
	type value struct{ n int }
	for _, l := range lifetimes {
		t.Run(l.String(), func(t *testing.T) {
			v := shadow.MustNew(1, &shadow.Options[conn, atomic.Pointer[value]]{Space: shadow.NewSpace(nil), Lifetime: l})
			set := func(obj *conn, x *value) (former *value) {
				p, _, err := v.GetOrAlloc(obj, nil)
				if err != nil {
					t.Error(err)
					return nil
				}
				return p.Swap(x)
			}
			obj := new(conn)
			const workers, each = 4, 200
			var formers [workers * each]atomic.Int32
			var work sync.WaitGroup
			for w := range workers {
				work.Go(func() {
					for i := range each {
						if former := set(obj, &value{w*each + i}); former != nil {
							formers[former.n].Add(1)
						}
					}
				})
			}
			work.Wait()
			last := v.Take(obj).Load()
			formers[last.n].Add(1)
			for n := range formers {
				if got := formers[n].Load(); got != 1 {
					t.Fatalf("value %d was had back %d times", n, got)
				}
			}
			if v.Has(obj) {
				t.Fatal("Take")
			}
		})
	}
}

func TestSuccessor(t *testing.T) {
	// Ensure that data outlives who attached it as long as there is any user of its id: a successor takes it over, with a destructor of its own, and the last
	// to close ends it. Nobody counts users by hand.
	suite(t, func(t *testing.T, e *env) {
		var first, second ended
		one := e.open(t, settings{name: "patch", destroy: first.destroy})
		objs := parents(5)
		var want []ending
		for _, obj := range objs {
			want = append(want, ending{e.known(obj), must(t)(one.Alloc(obj, &note{n: 3}))})
		}
		two, err := e.openID(one.ID(), settings{name: "patch", destroy: second.destroy})
		if err != nil {
			t.Fatal(err)
		}
		if n := one.Close(); n != 0 {
			t.Fatalf("the predecessor's end ended %d variables", n)
		}
		for i, obj := range objs {
			if two.Get(obj) != want[i].data || two.Get(obj).n != 3 {
				t.Fatal("the successor does not find what its predecessor attached")
			}
		}
		if n := two.Close(); n != len(objs) {
			t.Fatalf("the last Close = %d", n)
		}
		first.want(t)
		second.want(t, want...)
		three, err := e.openID(one.ID(), settings{name: "another"})
		if err != nil || three.Len() != 0 || three.Has(objs[0]) {
			t.Fatalf("the next user of the id finds what was there before: %v", err)
		}
	})
}

// sharedState is what parentless data is attached to: its address is its name.
var sharedState struct{ _ byte }

func TestParentlessData(t *testing.T) {
	// Ensure that data can be attached to no object in particular, is shared by all who ask for it, has room for what later versions add, and ends with its last user.
	for _, l := range lifetimes {
		t.Run(l.String(), func(t *testing.T) {
			s := shadow.NewSpace(nil)
			var freed int
			open := func() *shadow.Bytes[struct{ _ byte }] {
				b, err := shadow.NewBytes(1, &shadow.BytesOptions[struct{ _ byte }]{
					Space: s, Lifetime: l, Destroy: func(*struct{ _ byte }, []byte) { freed++ },
				})
				if err != nil {
					t.Fatal(err)
				}
				return b
			}
			one := open()
			p, loaded, err := one.GetOrAlloc(&sharedState, []byte{1, 'a'}, 64) // the version, what it has, and room
			if err != nil || loaded {
				t.Fatal(loaded, err)
			}
			two := open()
			q, loaded, err := two.GetOrAlloc(&sharedState, []byte{2}, 64)
			if err != nil || !loaded || &q[0] != &p[0] || q[0] != 1 || q[1] != 'a' || len(q) != 64 {
				t.Fatal(q, loaded, err)
			}
			q[0], q[2] = 2, 'b' // the later version uses the room
			if one.Close() != 0 || freed != 0 {
				t.Fatal("it ended with its first user")
			}
			if got := two.Get(&sharedState); got[0] != 2 || got[1] != 'a' || got[2] != 'b' {
				t.Fatal(got)
			}
			if two.Close() != 1 || freed != 1 {
				t.Fatal("it did not end with its last user")
			}
		})
	}
}

func TestOrderedEnd(t *testing.T) {
	// Ensure that who wants variables destroyed in an order of his own can have it: each is destroyed before the call that frees it returns.
	suite(t, func(t *testing.T, e *env) {
		var order []int
		c := e.open(t, settings{destroy: func(_ *conn, data *note) { order = append(order, data.n) }})
		objs := parents(30)
		for i, obj := range objs {
			must(t)(c.Alloc(obj, &note{n: (i * 7) % len(objs)}))
		}
		slices.SortFunc(objs, func(a, b *conn) int { return c.Get(b).n - c.Get(a).n })
		for _, obj := range objs {
			c.Free(obj)
		}
		if len(order) != len(objs) || !slices.IsSortedFunc(order, func(a, b int) int { return b - a }) {
			t.Fatalf("destroyed in the order %v", order)
		}
	})
}

func TestDestroyAfterReaders(t *testing.T) {
	// Ensure that a destructor can wait for those who still read: a lock in the data is enough, because Destroy may block and the data stays good for who holds it.
	type guarded struct {
		sync.RWMutex
		closed bool
		value  [4]int
	}
	for _, l := range lifetimes {
		t.Run(l.String(), func(t *testing.T) {
			v := shadow.MustNew(1, &shadow.Options[conn, guarded]{
				Space: shadow.NewSpace(nil), Lifetime: l,
				Destroy: func(_ *conn, g *guarded) {
					g.Lock()
					defer g.Unlock()
					g.closed = true
					clear(g.value[:])
				},
			})
			obj := new(conn)
			var stop atomic.Bool
			var readers sync.WaitGroup
			for range 3 {
				readers.Go(func() {
					for !stop.Load() {
						g := v.Get(obj)
						if g == nil {
							continue
						}
						g.RLock()
						if !g.closed && g.value != [4]int{1, 2, 3, 4} {
							t.Errorf("read %v of what is not closed", g.value)
						}
						g.RUnlock()
					}
				})
			}
			for range 300 {
				if _, err := v.AllocFunc(obj, func(g *guarded) error { g.value = [4]int{1, 2, 3, 4}; return nil }); err != nil {
					t.Error(err)
				}
				v.Free(obj)
			}
			stop.Store(true)
			readers.Wait()
		})
	}
}

func TestChurnOfOnePair(t *testing.T) {
	// Ensure that attaching and freeing one object's data again and again, among many others', neither grows nor rebuilds anything.
	if shared.Exploring {
		t.Skip(otherSizes)
	}
	for _, l := range lifetimes {
		t.Run(l.String(), func(t *testing.T) {
			s := shadow.NewSpace(nil)
			v := shadow.MustNew(1, &shadow.Options[conn, int]{Space: s, Lifetime: l})
			objs := parents(2000) // half of a table of 4096: nothing is about to grow or shrink
			for _, obj := range objs {
				if _, err := v.Alloc(obj, nil); err != nil {
					t.Fatal(err)
				}
			}
			before := s.Stats()
			for range 20_000 {
				v.Free(objs[0])
				if _, err := v.Alloc(objs[0], nil); err != nil {
					t.Fatal(err)
				}
			}
			after := s.Stats()
			if after.TableMigrations != before.TableMigrations || after.TableSlots != before.TableSlots || after.Migrating {
				t.Errorf("before %+v, after %+v", before, after)
			}
			if after.BytesHeld > before.BytesHeld+before.BytesHeld/8 || after.Live != len(objs) {
				t.Errorf("held %d bytes before and %d after, %d variables", before.BytesHeld, after.BytesHeld, after.Live)
			}
		})
	}
}

func TestShrinkAfterPeak(t *testing.T) {
	// Ensure that after a peak the table shrinks, and the slabs give their chunks back, while a part of the variables lives on.
	if shared.Exploring {
		t.Skip(otherSizes)
	}
	for _, l := range lifetimes {
		t.Run(l.String(), func(t *testing.T) {
			s := shadow.NewSpace(nil)
			v := shadow.MustNew(1, &shadow.Options[conn, int]{Space: s, Lifetime: l})
			objs := parents(20_000)
			for _, obj := range objs {
				if _, err := v.Alloc(obj, nil); err != nil {
					t.Fatal(err)
				}
			}
			peak := s.Stats()
			for _, obj := range objs[100:] {
				v.Free(obj)
			}
			after := s.Stats()
			if after.TableSlots > peak.TableSlots/16 || after.BytesHeld > peak.BytesHeld/16 || after.Live != 100 {
				t.Errorf("at the peak %+v, after it %+v", peak, after)
			}
			for i, obj := range objs {
				if v.Has(obj) != (i < 100) {
					t.Fatalf("object %d", i)
				}
			}
		})
	}
}

func TestCounts(t *testing.T) {
	// Ensure that Len, the class's figures and the space's agree about what is there and what became of the rest.
	suite(t, func(t *testing.T, e *env) {
		c, other := e.open(t, settings{name: "counted"}), e.open(t, settings{name: "other"})
		objs := parents(40)
		for i, obj := range objs {
			must(t)(c.Alloc(obj, nil))
			if i < 10 {
				must(t)(other.Alloc(obj, nil))
			}
		}
		c.Take(objs[0])
		c.Take(objs[1])
		c.Free(objs[2])
		classes := 0
		for st := range e.space.Classes() {
			classes++
			want, taken := 37, int64(2)
			if st.Name == "other" {
				want, taken = 10, 0
			}
			if st.Live != want || st.Taken != taken || st.Collected != 0 || st.BytesLive == 0 || st.BytesHeld < st.BytesLive || st.Lifetime != e.lifetime {
				t.Errorf("%+v", st)
			}
		}
		st := e.space.Stats()
		if classes != 2 || st.Classes != 2 || st.Live != 47 || st.Taken != 2 || c.Len() != 37 || other.Len() != 10 {
			t.Errorf("%d classes, %+v, Len %d and %d", classes, st, c.Len(), other.Len())
		}
		if n := c.FreeAll(); n != 37 || e.space.Stats().Live != 10 {
			t.Errorf("FreeAll = %d, %+v", n, e.space.Stats())
		}
		runtime.KeepAlive(objs)
	})
}

func TestReasonsAreTold(t *testing.T) {
	// Ensure that a duplicate, a constructor's error and a closed handle are told apart.
	suite(t, func(t *testing.T, e *env) {
		c, obj, mine := e.open(t, settings{}), new(conn), errors.New("mine")
		if _, err := c.AllocFunc(obj, func(*note) error { return mine }); err != mine {
			t.Errorf("the constructor's error: %v", err)
		}
		must(t)(c.Alloc(obj, nil))
		if _, err := c.AllocFunc(obj, func(*note) error { return mine }); !errors.Is(err, shadow.ErrExists) {
			t.Errorf("a duplicate: %v", err)
		}
		c.Close()
		if _, err := c.AllocFunc(obj, func(*note) error { return mine }); !errors.Is(err, shadow.ErrClosed) {
			t.Errorf("a closed handle: %v", err)
		}
	})
}
