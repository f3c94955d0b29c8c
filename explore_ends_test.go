//go:build explore

package shadow

import (
	"fmt"
	"testing"

	"github.com/shadowvars/shadow/internal/atomic"
	"github.com/shadowvars/shadow/internal/explore"
	"github.com/shadowvars/shadow/internal/parent"
)

// conserved are programs, as in explore_small_test.go, in which ends race. Nobody is suspended for ever in them, so in the end the books must balance.
var conserved = []struct {
	lifetime Lifetime
	program  string
}{
	{Manual, "; a0 g0 | F g0"},
	{Manual, "; o0 g0 | F a0"},
	{Manual, "; x0 g0 | F g0"},
	{Manual, "; x0 | F F"},
	{Manual, "; a0 | a0 | F g0"},
	{Manual, "a0; f0 a0 | F g0"},
	{Manual, "a0; f0 | f0 | F"},
	{Manual, "a0; F p | a0 g0"},
	{Manual, "a0; F p c | o0 g0"},
	{Manual, "a0 a1; F a1 | f1 a0 g1"},
	{Manual, "a0; i0 | f0 a0 c | F"},
	{Manual, "a0; f0 a1 f1 c a0 | g0 i0"},
	{Manual, "a0; f0 c a0 | g0 i0"},
	{Manual, "a0; f0 a1 f1 c a0 | f0"},
	{Pinned, "; a0 f0 | F g0"},
	{Pinned, "a0; F | a0 f0"},
	{Pinned, "; a0 | a0 | F g0"},
	{Pinned, "; o0 g0 | F a0"},
	{Pinned, "a0; F p c | o0 g0"},
	{Collected, "a0; F | a0 f0 g0"},
}

// balance tells whether each variable that was attached was destroyed once, or is there and was not.
func balance(events []explore.Event[smallStep], c *class, destroyed map[uint64]int) error {
	present := 0
	for n := range uint8(smallObjects) {
		if p := as[uint64](c.get(fakeObject(n).pointer)); p != nil {
			destroyed[*p]++
			present++
		}
	}
	for _, e := range events {
		attached := e.Op.ok
		switch e.Op.kind {
		case 'a', 'x':
		case 'o':
			attached = e.Op.out == e.Op.in
		default:
			continue
		}
		if n := destroyed[e.Op.in]; n != 0 != attached || n > 1 {
			return fmt.Errorf("the variable of %v was destroyed or is there %d times", e.Op, n)
		}
	}
	if n := c.len(); n != present {
		return fmt.Errorf("Len is %d, %d are there", n, present)
	}
	return nil
}

func TestExploreEnds(t *testing.T) {
	// Ensure that under every schedule with two preemptions each attached variable is destroyed exactly once or still there, and counted if it is, whichever way it was attached.
	for i := range 2 * len(conserved) {
		e := conserved[i/2]
		var destroyed map[uint64]int
		p := smallProgram{text: e.program, steps: i%2 != 0}
		p.class = func(w *explore.World) *class {
			c := exploredIn(w, NewSpace(nil), e.lifetime)
			destroyed = map[uint64]int{}
			d := destructor(func(_ object, data pointer) {
				atomic.PlainRead(as[uint64](data))
				w.Touch()
				destroyed[*as[uint64](data)]++
			})
			c.destroy.Store(&d)
			return c
		}
		p.check = func(c *class, h *explore.History[[smallObjects]uint64, smallStep]) error {
			return balance(h.Events(), c, destroyed)
		}
		explore.Run(t, explore.Options{Preemptions: 2}, p.scenario())
	}
}

func TestExploreAll(t *testing.T) {
	// Ensure that a walk over a class whose pair two attach to sees the one that won, at most once, or nothing; and always what is attached throughout.
	for _, lifetime := range []Lifetime{Manual, Pinned, Collected} {
		explore.Run(t, explore.Options{Preemptions: 2}, func(w *explore.World) {
			parent.ResetFakes()
			for n := range uint8(smallObjects) {
				parent.NewFake(fakeObject(n).address())
			}
			c := exploredIn(w, NewSpace(nil), lifetime)
			alloc := func(n uint8, tag uint64) {
				attachCopy(c, c, "explored", fakeObject(n), &tag, false)
			}
			alloc(1, 1)
			var seen [smallObjects][]uint64
			w.Go(func() { alloc(0, 2) })
			w.Go(func() { alloc(0, 3) })
			w.Go(func() {
				c.each(func(o object, p pointer) bool {
					atomic.PlainRead(as[uint64](p))
					n := 0
					if *as[uint64](p) == 1 {
						n = 1
					}
					if lifetime != Manual && o != fakeObject(uint8(n)) {
						w.Fail(fmt.Errorf("the data of object %d comes with %v", n, o))
					}
					seen[n] = append(seen[n], *as[uint64](p))
					return true
				})
			})
			w.Check(func() error {
				won := *as[uint64](c.get(fakeObject(0).pointer))
				if len(seen[1]) != 1 || len(seen[0]) > 1 || len(seen[0]) == 1 && seen[0][0] != won {
					return fmt.Errorf("the walk saw %v, there is %d", seen, won)
				}
				return nil
			})
		})
	}
}
