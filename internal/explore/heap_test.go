//go:build explore

package explore

import (
	"errors"
	"strings"
	"testing"

	"github.com/shadowvars/shadow/internal/atomic"
)

type link struct {
	next atomic.Pointer[link]
	dead bool
}

// unlinked is a list whose head a thread replaces and watches, while another
// holds what it found there.
func unlinked(hold, early, kill bool) Scenario {
	return func(w *World) {
		var head atomic.Pointer[link]
		first := &link{}
		head.Store(first)
		Root(w, head.Load)
		Chain(w, func(l *link) *link { return l.next.Load() })
		stale := errors.New("a held object was collected")
		w.Go(func() {
			l := head.Load()
			if hold {
				atomic.Hold(l)
			}
			head.Load()
			if early {
				atomic.Keep(l)
				head.Load()
			}
			if l.dead {
				w.Fail(stale)
			}
			if !early {
				atomic.Keep(l)
			}
		})
		w.Go(func() {
			second := &link{}
			first.next.Store(second)
			head.Store(second)
			atomic.WhenUnreachable(first, func(l *link) { l.dead = true }, first)
			w.Collect()
		})
		w.Check(func() error {
			w.Collect()
			if !first.dead && w.killed == nil {
				return errors.New("nobody holds it, and it was not collected")
			}
			return nil
		})
	}
}

func TestCollectSparesHeld(t *testing.T) {
	// Ensure cleanups run only when no thread holds the object, and that a Hold that is missing, or a Keep that is early, is found.
	for _, o := range []Options{{Preemptions: -1}, {Preemptions: -1, Kill: true}, {Preemptions: 2, Full: true}} {
		Run(t, o, unlinked(true, false, o.Kill))
		for _, broken := range []Scenario{unlinked(false, false, o.Kill), unlinked(true, true, o.Kill)} {
			if r := Exhaust(o, broken); r.Err == nil || !strings.Contains(r.Err.Error(), "collected") {
				t.Fatal("not found: ", r)
			}
		}
	}
}

func TestCollectFollowsChains(t *testing.T) {
	// Ensure what a held object reaches is reachable, that a suspended thread goes on holding, and that the end of a chain is not.
	for held := range 3 {
		Run(t, Options{Kill: true}, func(w *World) {
			Chain(w, func(l *link) *link { return l.next.Load() })
			var list [3]link
			var gone [3]int
			for i := range list {
				if i > 0 {
					list[i-1].next.Store(&list[i])
				}
				atomic.WhenUnreachable(&list[i], func(i int) { gone[i]++ }, i)
			}
			ended := false
			w.Go(func() {
				atomic.Hold(&list[held])
				list[held].next.Load()
				list[held].next.Load()
				atomic.Keep(&list[held])
				ended = true
			})
			w.Check(func() error {
				w.Collect()
				w.Collect()
				for i := range list {
					want := 1
					if !ended && i >= held {
						want = 0
					}
					if gone[i] != want {
						return errors.New("a wrong set was collected")
					}
				}
				return nil
			})
		})
	}
}

func TestRootsAreReachable(t *testing.T) {
	// Ensure what a root names, and what that reaches, is reachable as long as the root names it.
	Run(t, Options{}, func(w *World) {
		var root atomic.Pointer[link]
		Root(w, root.Load)
		Chain(w, func(l *link) *link { return l.next.Load() })
		first, second := &link{}, &link{}
		first.next.Store(second)
		root.Store(first)
		for _, l := range []*link{first, second} {
			atomic.WhenUnreachable(l, func(l *link) { l.dead = true }, l)
		}
		w.Check(func() error {
			if w.Collect() != 0 || first.dead || second.dead {
				return errors.New("a root was ignored")
			}
			root.Store(second)
			if w.Collect() != 1 || !first.dead || second.dead {
				return errors.New("a root was not read again")
			}
			return nil
		})
	})
}

func TestHoldIsEnded(t *testing.T) {
	// Ensure a Hold without Keep is a failure: the explored program would be kinder than the real one.
	r := Exhaust(Options{}, func(w *World) { w.Go(func() { atomic.Hold(&link{}) }) })
	if r.Err == nil || !strings.Contains(r.Err.Error(), "Hold") {
		t.Fatal(r)
	}
}
