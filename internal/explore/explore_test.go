//go:build explore

package explore

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/shadowvars/shadow/internal/atomic"
)

// lostUpdate is a counter that loads and stores.
func lostUpdate(w *World) {
	var n atomic.Uint64
	for range 2 {
		w.Go(func() { n.Store(n.Load() + 1) })
	}
	w.Check(func() error {
		if got := n.Load(); got != 2 {
			return fmt.Errorf("count is %d", got)
		}
		return nil
	})
}

func TestLostUpdate(t *testing.T) {
	// Ensure one preemption is enough, and needed, to lose an update, and that the schedule replays.
	if r := Exhaust(Options{}, lostUpdate); r.Err != nil || !r.Exhausted || r.Schedules != 2 {
		t.Fatal(r)
	}
	r := Exhaust(Options{Preemptions: 1}, lostUpdate)
	if r.Err == nil {
		t.Fatal("not found: ", r)
	}
	again := Replay(Options{}, r.Schedule, lostUpdate)
	if again.Err == nil || again.Err.Error() != r.Err.Error() || again.Schedule != r.Schedule {
		t.Fatalf("%v\nreplays as\n%v", r, again)
	}
	if r := Random(Options{Preemptions: -1}, 1, lostUpdate); r.Err == nil {
		t.Fatal("not found at random: ", r)
	}
	if r := PCT(Options{}, 1, 2, lostUpdate); r.Err == nil {
		t.Fatal("not found by priorities: ", r)
	}
}

func TestBinomial(t *testing.T) {
	// Ensure the full exploration runs every interleaving, and no more: (2n over n) for two threads of n steps.
	want := 1
	for n := 1; n <= 6; n++ {
		want = want * 2 * (2*n - 1) / n
		same := func(w *World) {
			var x atomic.Uint32
			for range 2 {
				w.Go(func() {
					for range n {
						x.Add(1)
					}
				})
			}
		}
		if r := Exhaust(Options{Preemptions: -1, Full: true}, same); r.Schedules != want || !r.Exhausted {
			t.Fatalf("n = %d: %d schedules, want %d", n, r.Schedules, want)
		}
		if r := Exhaust(Options{Preemptions: -1}, same); r.Schedules != want {
			t.Fatalf("n = %d: reduced to %d of %d, though all accesses conflict", n, r.Schedules, want)
		}
		apart := func(w *World) {
			for range 2 {
				w.Go(func() {
					var x atomic.Uint32
					for range n {
						x.Add(1)
					}
				})
			}
		}
		r := Exhaust(Options{Preemptions: -1}, apart)
		if n > 1 && (r.Schedules == 0 || r.Schedules >= want) {
			t.Fatalf("n = %d: %d of %d, though no accesses conflict", n, r.Schedules, want)
		}
		t.Log(r)
	}
}

func TestSpinLock(t *testing.T) {
	// Ensure a thread that waits in a loop for a suspended one is found.
	spin := func(w *World) {
		var lock atomic.Bool
		for range 2 {
			w.Go(func() {
				for !lock.CompareAndSwap(false, true) {
				}
				lock.Store(false)
			})
		}
	}
	if r := Exhaust(Options{}, spin); r.Err != nil {
		t.Fatal(r)
	}
	r := Exhaust(Options{Kill: true}, spin)
	if r.Err == nil || !strings.Contains(r.Schedule, "!") {
		t.Fatal("not found: ", r)
	}
	if again := Replay(Options{}, r.Schedule, spin); again.Err == nil || again.Err.Error() != r.Err.Error() {
		t.Fatalf("%v\nreplays as\n%v", r, again)
	}
	counter := func(w *World) {
		var n atomic.Uint64
		for range 3 {
			w.Go(func() {
				for {
					if old := n.Load(); n.CompareAndSwap(old, old+1) {
						return
					}
				}
			})
		}
	}
	if r := Exhaust(Options{Preemptions: 3, Kill: true}, counter); r.Err != nil || !r.Exhausted {
		t.Fatal(r)
	}
}

func TestPanic(t *testing.T) {
	// Ensure a panic in a thread is a failure of its schedule and ends the exploration in good order.
	r := Exhaust(Options{Preemptions: 1}, func(w *World) {
		var n atomic.Uint64
		w.Go(func() {
			if n.Load() == 1 {
				panic("seen")
			}
		})
		w.Go(func() { n.Store(1); n.Store(2) })
	})
	if r.Err == nil || !strings.Contains(r.Err.Error(), "seen") || r.Schedule != "b1a" {
		t.Fatal(r)
	}
	if atomic.Step != nil || atomic.OnPlain != nil {
		t.Fatal("the hooks are still set")
	}
	if r := Exhaust(Options{}, func(w *World) {
		w.Go(func() {})
		w.Check(func() error { return errors.New("check") })
	}); r.Err == nil {
		t.Fatal("the check's error is lost")
	}
	if r := Exhaust(Options{}, func(w *World) {
		var n atomic.Uint64
		w.Go(func() {})
		w.Check(func() error {
			for n.Load() == 0 {
			}
			return nil
		})
	}); r.Err == nil || !strings.Contains(r.Err.Error(), "no end") {
		t.Fatal("a check without end: ", r)
	}
}

func TestFollow(t *testing.T) {
	// Ensure that any bytes are a schedule, that some of them lose an update, that the schedule replays, and that without any nobody is stopped.
	if r := Follow(Options{Preemptions: -1}, nil, lostUpdate); r.Err != nil || r.Schedules != 1 {
		t.Fatal(r)
	}
	lost := 0
	for a := range 256 {
		for _, b := range []byte{0, 1, 7, 8, 9, 255} {
			r := Follow(Options{Preemptions: -1}, []byte{byte(a), b}, lostUpdate)
			if r.Err == nil {
				continue
			}
			lost++
			again := Replay(Options{}, r.Schedule, lostUpdate)
			if again.Err == nil || again.Err.Error() != r.Err.Error() {
				t.Fatalf("%v\nreplays as\n%v", r, again)
			}
		}
	}
	if lost == 0 || lost == 256*6 {
		t.Errorf("%d of %d schedules lose an update", lost, 256*6)
	}
}

func TestBeginAndEnd(t *testing.T) {
	// Ensure that a call that calls back is two operations, each with its own interval: what comes between them is after the one and before the other.
	c := NewChecker[PairsState, PairOp](Pairs{})
	for _, late := range []bool{false, true} {
		r := Exhaust(Options{}, func(w *World) {
			h := c.History(w)
			var word atomic.Uint64
			w.Go(func() {
				first := PairOp{Kind: PairInsert, New: 1}
				i := h.Begin(first)
				word.Store(1)
				first.Got, first.OK = 1, true
				if !late {
					h.End(i, first)
				}
				h.Do(PairOp{Kind: PairDelete}, func(o *PairOp) { o.Got, o.OK = word.Swap(0), true })
				if late {
					h.End(i, first)
				}
			})
			w.Check(func() error {
				e := h.Events()
				if e[0].Return < e[1].Call == late {
					return fmt.Errorf("%v", e)
				}
				return h.Check()
			})
		})
		if r.Err != nil {
			t.Error(r)
		}
	}
}
