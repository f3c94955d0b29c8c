//go:build explore

package shadow

import (
	"fmt"
	"testing"

	"github.com/shadowvars/shadow/internal/explore"
)

// meeting are two different stacks of one bucket.
func meeting() (a, b []uintptr) {
	a = []uintptr{1}
	for c := uintptr(2); ; c++ {
		if b = []uintptr{c}; hash(a)%1024 == hash(b)%1024 {
			return a, b
		}
	}
}

func TestExploreStacks(t *testing.T) {
	// Ensure that a stack has one number whoever asks, and two stacks of one bucket have two, in every interleaving and with anybody stopped for ever.
	a, b := meeting()
	explore.Run(t, explore.Options{Preemptions: 3, Kill: true}, func(w *explore.World) {
		var s stacks
		var numbers [4]uint32
		ask := func(i int, counters []uintptr) { numbers[i] = s.number(counters) }
		w.Go(func() { ask(0, a); ask(1, b) })
		w.Go(func() { ask(2, b) })
		w.Go(func() { ask(3, a) })
		w.Check(func() error {
			for i, n := range numbers {
				for j, m := range numbers {
					same := (i == 0 || i == 3) == (j == 0 || j == 3)
					if n != 0 && m != 0 && (n == m) != same {
						return fmt.Errorf("the numbers are %v", numbers)
					}
				}
			}
			return nil
		})
	})
}

func TestExploreMarks(t *testing.T) {
	// Ensure that marks of slots that share nodes of the tree are all kept, in every interleaving and with anybody stopped for ever.
	explore.Run(t, explore.Options{Preemptions: 2, Kill: true}, func(w *explore.World) {
		var m marks
		var set [3]bool
		put := func(i int, index uint32) {
			m.set(index, mark(i)+1)
			set[i] = true
		}
		indices := [3]uint32{0x01020304, 0x01020305, 0x01030304}
		for i := range indices {
			w.Go(func() { put(i, indices[i]) })
		}
		w.Check(func() error {
			for i, index := range indices {
				if got := m.get(index); set[i] && got != mark(i)+1 {
					return fmt.Errorf("the mark of %#x is %d", index, got)
				}
			}
			if got := m.get(0x01020306); got != 0 {
				return fmt.Errorf("a slot that nobody marked has the mark %d", got)
			}
			return nil
		})
	})
}
