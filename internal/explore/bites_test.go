//go:build explore

package explore

import (
	"errors"
	"runtime"
	"strings"
	"testing"

	"github.com/shadowvars/shadow/internal/atomic"
)

// stack is a stack of numbered nodes. It is wrong: a node that is popped and
// pushed again between a pop's load and its CAS goes unnoticed.
type stack struct {
	top  atomic.Uint32
	next [4]atomic.Uint32
}

func (s *stack) push(n uint32) {
	for {
		top := s.top.Load()
		s.next[n].Store(top)
		if s.top.CompareAndSwap(top, n) {
			return
		}
	}
}

func (s *stack) pop() uint32 {
	for {
		top := s.top.Load()
		if top == 0 {
			return 0
		}
		if s.top.CompareAndSwap(top, s.next[top].Load()) {
			return top
		}
	}
}

// stackOp pushes Node, or pops it.
type stackOp struct {
	Push bool
	Node uint32
}

type stackModel struct{}

func (stackModel) Init() [4]uint32 { return [4]uint32{} }
func (stackModel) Step(s [4]uint32, o stackOp, pending bool) ([4]uint32, bool) {
	if o.Push {
		return [4]uint32{o.Node, s[0], s[1], s[2]}, true
	}
	return [4]uint32{s[1], s[2], s[3]}, pending || o.Node == s[0]
}

func abaStack(c *Checker[[4]uint32, stackOp]) Scenario {
	return func(w *World) {
		s := &stack{}
		h := c.History(w)
		push := func(n uint32) { h.Do(stackOp{Push: true, Node: n}, func(o *stackOp) { s.push(o.Node) }) }
		pop := func() (n uint32) {
			h.Do(stackOp{}, func(o *stackOp) { o.Node = s.pop(); n = o.Node })
			return n
		}
		push(2)
		push(1)
		w.Go(func() { pop() })
		w.Go(func() {
			first := pop()
			pop()
			if first != 0 {
				push(first)
			}
		})
		w.Check(func() error {
			for pop() != 0 {
			}
			return h.Check()
		})
	}
}

func TestABA(t *testing.T) {
	// Ensure the history check finds the ABA error of a stack, with and without the reduction.
	for _, full := range []bool{false, true} {
		r := Exhaust(Options{Preemptions: 1, Full: full}, abaStack(NewChecker(stackModel{})))
		if r.Err == nil || !strings.Contains(r.Err.Error(), "not linearizable") {
			t.Fatal("not found: ", r)
		}
		again := Replay(Options{}, r.Schedule, abaStack(NewChecker(stackModel{})))
		if again.Err == nil || again.Err.Error() != r.Err.Error() {
			t.Fatalf("%v\nreplays as\n%v", r, again)
		}
	}
}

func TestPendingOperation(t *testing.T) {
	// Ensure the operation of a suspended thread may have taken effect or not.
	c := NewChecker(Pairs{})
	r := Run(t, Options{Preemptions: 2, Kill: true}, func(w *World) {
		var word atomic.Uint64
		h := c.History(w)
		for v := uint64(1); v <= 2; v++ {
			w.Go(func() {
				h.Do(PairOp{Kind: PairInsert, New: v}, func(o *PairOp) {
					word.Load()
					o.OK = word.CompareAndSwap(0, v)
					o.Got = word.Load()
				})
			})
		}
		w.Go(func() {
			h.Do(PairOp{Kind: PairGet}, func(o *PairOp) { o.Got = word.Load(); o.OK = o.Got != 0 })
		})
		w.Check(h.Check)
	})
	if !r.Exhausted {
		t.Fatal(r)
	}
}

func TestCheckerTellsPendingFromReturned(t *testing.T) {
	// Ensure a history that was good because its operation was pending does not vouch for the one in which it returned.
	c := NewChecker(Pairs{})
	wrong := func(w *World) {
		var word atomic.Uint64
		h := c.History(w)
		h.Do(PairOp{Kind: PairInsert, New: 1}, func(o *PairOp) { o.Got, o.OK = 1, true })
		w.Go(func() { h.Do(PairOp{Kind: PairGet}, func(*PairOp) { word.Load(); word.Load() }) })
		w.Check(h.Check)
	}
	if r := Replay(Options{}, "a1!", wrong); r.Err != nil {
		t.Fatal(r)
	}
	if r := Exhaust(Options{}, wrong); r.Err == nil {
		t.Fatal("not found: ", r)
	}
}

func TestCallIsStrict(t *testing.T) {
	// Ensure an operation is dated from its first step, or as late if it takes none, so that a result that is stale by then is found.
	for _, step := range []bool{true, false} {
		c := NewChecker(Pairs{})
		r := Exhaust(Options{Preemptions: 1}, func(w *World) {
			var word, other atomic.Uint64
			var cached uint64 // what the thread saw before, answered again without a look
			h := c.History(w)
			w.Go(func() {
				h.Do(PairOp{Kind: PairGet}, func(o *PairOp) {
					cached = word.Load()
					o.Got, o.OK = cached, cached != 0
					other.Load()
				})
				h.Do(PairOp{Kind: PairGet}, func(o *PairOp) {
					if step {
						word.Load()
					}
					o.Got, o.OK = cached, cached != 0
				})
			})
			w.Go(func() {
				h.Do(PairOp{Kind: PairInsert, New: 1}, func(o *PairOp) { o.OK = word.CompareAndSwap(0, 1); o.Got = 1 })
			})
			w.Check(h.Check)
		})
		if r.Err == nil {
			t.Fatal("not found: ", r)
		}
	}
}

func TestMutex(t *testing.T) {
	// Ensure waiting for a lock or a channel is no failure unless nobody is left to end it.
	crossed := func(cross bool) Scenario {
		return func(w *World) {
			var locks [2]atomic.Mutex
			var n int
			done := make(chan struct{})
			for i := range 2 {
				w.Go(func() {
					a, b := 0, 1
					if cross {
						a, b = i, 1-i
					}
					locks[a].Lock()
					locks[b].Lock()
					n++
					if n == 2 {
						close(done)
					}
					locks[b].Unlock()
					locks[a].Unlock()
					atomic.Wait(done)
				})
			}
			w.Check(func() error {
				if n != 2 && w.killed == nil {
					return errors.New("both were in")
				}
				return nil
			})
		}
	}
	if r := Run(t, Options{Preemptions: -1}, crossed(false)); !r.Exhausted {
		t.Fatal(r)
	}
	for _, o := range []Options{{Preemptions: 1}, {Kill: true}} {
		r := Exhaust(o, crossed(!o.Kill))
		if r.Err == nil || !strings.Contains(r.Err.Error(), "deadlock") {
			t.Fatal("not found: ", r)
		}
	}
	Run(t, Options{Preemptions: 1, Kill: true, Blocking: true}, crossed(false))
}

func TestDeparture(t *testing.T) {
	// Ensure a scenario that is not deterministic is a failure.
	runs := 0
	r := Exhaust(Options{Preemptions: -1}, func(w *World) {
		var x atomic.Uint32
		runs++
		for range 2 {
			w.Go(func() {
				for range 2 + runs%2 {
					x.Add(1)
				}
			})
		}
	})
	if !errors.Is(r.Err, errDeparts) {
		t.Fatal(r)
	}
	for _, bad := range []string{"z", "a9b9c", "1a", "a1c"} {
		if r := Replay(Options{}, bad, lostUpdate); !errors.Is(r.Err, errScript) {
			t.Errorf("%q: %v", bad, r)
		}
	}
}

func TestNoLeak(t *testing.T) {
	// Ensure coroutines end with their exploration, suspended, failed and unfinished ones too.
	before := runtime.NumGoroutine()
	Exhaust(Options{Preemptions: 2, Kill: true, MaxSchedules: 10}, abaStack(NewChecker(stackModel{})))
	Exhaust(Options{Preemptions: 1}, lostUpdate)
	func() {
		defer func() {
			if recover() == nil {
				t.Error("a panic of the set-up is swallowed")
			}
		}()
		Exhaust(Options{}, func(w *World) { w.Go(func() {}); panic("set-up") })
	}()
	if after := runtime.NumGoroutine(); after > before {
		t.Fatalf("%d goroutines, %d before", after, before)
	}
	if atomic.Step != nil || atomic.OnPlain != nil {
		t.Fatal("the hooks are still set")
	}
}

// BenchmarkExhaust explores three increments by CAS, with their history; it reports the time of a schedule.
func BenchmarkExhaust(b *testing.B) {
	c := NewChecker(Pairs{})
	for done := 0; done < b.N; {
		r := Exhaust(Options{Preemptions: 3, Kill: true, MaxSchedules: b.N - done}, func(w *World) {
			var word atomic.Uint64
			h := c.History(w)
			for v := uint64(1); v <= 3; v++ {
				w.Go(func() {
					h.Do(PairOp{Kind: PairInsert, New: v}, func(o *PairOp) {
						word.Load()
						o.OK = word.CompareAndSwap(0, v)
						o.Got = word.Load()
					})
					h.Do(PairOp{Kind: PairGet}, func(o *PairOp) { o.Got = word.Load(); o.OK = o.Got != 0 })
				})
			}
			w.Check(h.Check)
		})
		if r.Err != nil {
			b.Fatal(r)
		}
		done += r.Schedules + r.Redundant
	}
}
