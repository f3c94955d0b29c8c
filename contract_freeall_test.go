package shadow_test

import (
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
)

func TestFreeAll(t *testing.T) {
	// Ensure (G7, G10) that FreeAll ends every variable of its class, destroys each once, touches no other class, and counts right.
	suite(t, func(t *testing.T, e *env) {
		var d ended
		c, other := e.open(t, settings{destroy: d.destroy}), e.open(t, settings{})
		objs := parents(150)
		for range 3 {
			if n := c.FreeAll(); n != 0 {
				t.Fatalf("FreeAll of an empty class = %d", n)
			}
			var want []ending
			for _, obj := range objs {
				want = append(want, ending{e.known(obj), must(t)(c.Alloc(obj, nil))})
				if _, _, err := other.GetOrAlloc(obj, nil); err != nil {
					t.Fatal(err)
				}
			}
			c.Free(objs[7])
			d.drain()
			want = append(want[:7], want[8:]...)
			if n := c.FreeAll(); n != len(want) || c.Len() != 0 || other.Len() != len(objs) {
				t.Fatalf("FreeAll = %d, left %d, of the other class %d", n, c.Len(), other.Len())
			}
			d.want(t, want...)
			for _, obj := range objs {
				if c.Has(obj) || !other.Has(obj) {
					t.Fatal("FreeAll")
				}
			}
		}
	})
}

func TestFreeAllAtOnce(t *testing.T) {
	// Ensure (G10) that once somebody has seen the class emptied, nobody after that finds a variable attached before: Destroy runs one by one, the end is one.
	suite(t, func(t *testing.T, e *env) {
		c := e.open(t, settings{destroy: func(*conn, *note) { runtime.Gosched() }})
		objs := parents(40)
		var floor atomic.Int64 // generations up to here were seen ended by somebody
		var stop atomic.Bool
		var readers sync.WaitGroup
		for i := range 3 {
			readers.Go(func() {
				seen := make([]int64, len(objs))
				for j := i; !stop.Load(); j++ {
					if j%32 == 0 {
						runtime.Gosched()
					}
					k := (j * 7) % len(objs)
					least := floor.Load()
					p := c.Get(objs[k])
					now := int64(0)
					if p != nil {
						now = int64(p.n)
						if now <= least {
							t.Errorf("found generation %d after %d was seen ended", now, least)
							return
						}
					}
					if before := seen[k]; before != 0 && now != before {
						for old := floor.Load(); old < before && !floor.CompareAndSwap(old, before); old = floor.Load() {
						}
					}
					seen[k] = now
				}
			})
		}
		total := 0
		for g := 1; g <= 10; g++ {
			for _, obj := range objs {
				must(t)(c.Alloc(obj, &note{n: g}))
			}
			runtime.Gosched()
			total += c.FreeAll()
			for _, obj := range objs {
				if c.Has(obj) {
					t.Fatal("found after FreeAll")
				}
			}
		}
		stop.Store(true)
		readers.Wait()
		if total != 10*len(objs) {
			t.Fatalf("FreeAll counted %d", total)
		}
	})
}

func TestFreeAllOverlapped(t *testing.T) {
	// Ensure (G7, G10) that attachments that overlap FreeAll and Close succeed or are refused as closed, and that each variable is destroyed once or present at the end.
	suite(t, func(t *testing.T, e *env) {
		for _, closes := range []bool{false, true} {
			var attached, destroyed, counted, moved atomic.Int64
			c := e.open(t, settings{destroy: func(_ *conn, data *note) {
				if data.n != 1 {
					t.Error("destroyed twice")
				}
				data.n = 2
				destroyed.Add(1)
			}})
			objs := parents(200)
			run(5, func(i int) {
				if i == 0 {
					for range 20 {
						counted.Add(int64(c.FreeAll()))
						runtime.Gosched()
					}
					if closes {
						counted.Add(int64(c.Close()))
					}
					return
				}
				for j := i - 1; j < len(objs); j += 4 {
					var err error
					switch j % 3 {
					case 0:
						_, err = c.Alloc(objs[j], &note{n: 1})
					case 1:
						_, err = c.AllocFunc(objs[j], func(p *note) error { p.n = 1; return nil })
					default:
						_, _, err = c.GetOrAlloc(objs[j], &note{n: 1})
					}
					if err == nil {
						attached.Add(1)
					} else if !closes {
						t.Errorf("attaching: %v", err)
					}
					if j >= 8 && j%5 == 0 {
						if _, err := c.Move(objs[j-4], objs[j]); err == nil {
							moved.Add(1)
						}
					}
				}
			})
			left := int64(c.Len())
			if attached.Load() != destroyed.Load()+left || counted.Load() > destroyed.Load() {
				t.Fatalf("%d attached, %d destroyed (%d by sweeps), %d left", attached.Load(), destroyed.Load(), counted.Load(), left)
			}
			if n := int64(c.FreeAll()); n != left || closes && left != 0 {
				t.Fatalf("%d left, FreeAll = %d", left, n)
			}
		}
	})
}

func TestAll(t *testing.T) {
	// Ensure (G8, G12) that All yields each variable once with its parent, stops when told, and lets its body use the library.
	suite(t, func(t *testing.T, e *env) {
		c := e.open(t, settings{})
		for range c.All() {
			t.Fatal("All of an empty class")
		}
		objs := parents(300)
		for i, obj := range objs {
			must(t)(c.Alloc(obj, &note{n: i}))
		}
		seen := make([]bool, len(objs))
		for obj, p := range c.All() {
			if seen[p.n] || obj != e.known(objs[p.n]) || c.Get(objs[p.n]) != p {
				t.Fatalf("All yields %p, %v", obj, p)
			}
			seen[p.n] = true
		}
		for i, was := range seen {
			if !was {
				t.Fatalf("All left out %d", i)
			}
		}
		n := 0
		for range c.All() {
			if n++; n == 10 {
				break
			}
		}
		if n != 10 {
			t.Fatal("break")
		}
		// The body frees what it sees and what it has not seen yet, and attaches more: what stays is yielded.
		extra := parents(100)
		yielded := make(map[int]int)
		for _, p := range c.All() {
			yielded[p.n]++
			if p.n < len(objs) && p.n%2 == 0 {
				c.Free(objs[p.n])
				c.Free(objs[(p.n+150)/2*2%300])
			}
			if p.n < len(extra) {
				c.GetOrAlloc(extra[p.n], &note{n: 1000 + p.n})
			}
		}
		for i := range 300 {
			if yielded[i] > 1 || i%2 == 1 && yielded[i] != 1 {
				t.Fatalf("variable %d was yielded %d times", i, yielded[i])
			}
		}
		for range c.All() {
			c.FreeAll()
		}
		if c.Len() != 0 {
			t.Fatal("FreeAll in All")
		}
	})
}

func TestAllConcurrent(t *testing.T) {
	// Ensure (G12) that what is attached throughout a loop over All is yielded, once, while other variables come and go.
	suite(t, func(t *testing.T, e *env) {
		c := e.open(t, settings{})
		fixed, fleeting := parents(100), parents(50)
		for i, obj := range fixed {
			must(t)(c.Alloc(obj, &note{n: i}))
		}
		var stop atomic.Bool
		var writers sync.WaitGroup
		writers.Go(func() {
			for i := 0; !stop.Load(); i++ {
				obj := fleeting[i%len(fleeting)]
				if !c.Free(obj) {
					c.Alloc(obj, &note{n: -1})
				}
			}
		})
		for range 50 {
			seen := make(map[*note]bool)
			count := 0
			for obj, p := range c.All() {
				if seen[p] {
					t.Fatal("yielded twice")
				}
				seen[p] = true
				if p.n >= 0 {
					count++
					if obj != e.known(fixed[p.n]) {
						t.Fatal("another parent")
					}
				}
			}
			if count != len(fixed) {
				t.Fatalf("%d of %d yielded", count, len(fixed))
			}
		}
		stop.Store(true)
		writers.Wait()
		runtime.KeepAlive(fleeting)
	})
}
