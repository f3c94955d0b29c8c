//go:build explore

package shadow

import (
	"fmt"
	"strings"
	"testing"

	"github.com/shadowvars/shadow/internal/explore"
)

func (p program) String() string {
	return fmt.Sprintf("%v, hash %#x: %s", p.lifetime, p.hash, p.text)
}

// exchange swaps the two objects in a program. With all pairs at one home it changes nothing but names.
func exchange(text string) string {
	return strings.NewReplacer("0", "1", "1", "0").Replace(text)
}

// Words of the enumerated programs.
const (
	onePair  = "g0 a0 o0 x0 e0 y0 u0 v0 f0 i0 t0 F l q C"
	twoPairs = "g0 a0 o0 x0 u0 f0 t0 g1 a1 o1 x1 u1 f1 t1 m0 m1 F l"
)

// short visits the programs of the short lane: two threads, two operations each, on one pair and on two pairs that share
// a home, from a class in which nothing is attached, one or both.
func short(visit func(program)) {
	for _, l := range []Lifetime{Manual, Pinned, Collected} {
		for _, before := range []string{"", "a0"} {
			explore.Pairings(explore.Sequences(strings.Fields(onePair), 2), nil, func(a, b string) {
				visit(program{l, 0, before + "; " + a + " | " + b})
			})
		}
	}
	for _, before := range []string{"", "a0", "a0 a1"} {
		swap := exchange
		if before == "a0" {
			swap = nil
		}
		explore.Pairings(explore.Sequences(strings.Fields(twoPairs), 2), swap, func(a, b string) {
			visit(program{Manual, 0, before + "; " + a + " | " + b})
		})
	}
}

func TestLane(t *testing.T) {
	// Ensure that all two-thread, two-operation programs on one pair and on two are right under every schedule with two preemptions.
	l := explore.NewLane(t, 997)
	c := explore.NewChecker[classState, event](specification{})
	short(func(p program) {
		if l.Takes() {
			l.Add(t, p, p.explore(c, explore.Options{Preemptions: 2}))
		}
	})
	l.Log(t, "classes")
}
