//go:build explore

package shadow

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/shadowvars/shadow/internal/explore"
)

func (p program) String() string {
	sized := ""
	if p.sized {
		sized = ", slots of two sizes"
	}
	return fmt.Sprintf("%v, homes %d%s: %s", p.lifetime, p.homes, sized, p.text)
}

// exchange swaps the two objects in a program. With all pairs at one home it changes nothing but names.
func exchange(text string) string {
	return strings.NewReplacer("0", "1", "1", "0").Replace(text)
}

// enumeration is all programs of two threads with two of the words each.
type enumeration struct {
	lifetimes []Lifetime
	befores   []string
	words     string
	exchanges bool // the words are alike in both pairs
}

// visit visits its programs. Those that differ in an exchange of the threads only, or of pairs that share everything, are one.
func (e enumeration) visit(visit func(program)) {
	for _, l := range e.lifetimes {
		for _, before := range e.befores {
			swap := exchange
			if !e.exchanges || before == "a0" {
				swap = nil
			}
			explore.Pairings(explore.Sequences(strings.Fields(e.words), 2), swap, func(a, b string) {
				visit(program{l, 0, before + "; " + a + " | " + b, false})
			})
		}
	}
}

// short is the short lane. Has is Get; AllocFunc that panics, GetOrAllocFunc that fails and Take go the ways of those that are here, and
// Pinned that of Manual: they are in the long lane, as are All, FreeFunc, Close and the other operations on two pairs.
var short = []enumeration{
	{[]Lifetime{Manual, Collected}, []string{"", "a0"}, "g0 a0 o0 x0 u0 e0 f0 i0 F", false},
	{[]Lifetime{Manual}, []string{"", "a0", "a0 a1"}, "g0 a0 f0 g1 a1 f1 m0 m1 F", true},
}

// long is the long lane, of which the short one is a part.
var long = []enumeration{
	{[]Lifetime{Manual, Collected, Pinned}, []string{"", "a0"}, "g0 a0 o0 x0 e0 y0 u0 v0 f0 i0 t0 F l q C", false},
	{[]Lifetime{Manual}, []string{"", "a0", "a0 a1"}, "g0 a0 o0 x0 u0 f0 t0 g1 a1 o1 x1 u1 f1 t1 m0 m1 F l", true},
}

func TestLane(t *testing.T) {
	// Ensure (G1, G3, G7, G9, G10) that all two-thread, two-operation programs on one pair and on two are right under every schedule with two preemptions; in the
	// long lane with more operations, and then the directed programs with one thread suspended for ever, and larger ones at random.
	l := explore.NewLane(t, 997)
	c := explore.NewChecker[classState, event](specification{})
	enumerations := short
	if l.Name == "long" {
		enumerations = long
		for _, p := range programs() {
			kill := explore.Options{Preemptions: 2, Kill: true, Blocking: true, MaxTime: l.Left() / 500}
			l.Explore(t, p, kill, p.scenario(c, true), explore.Exhaust)
		}
	}
	for _, e := range enumerations {
		e.visit(func(p program) {
			o := explore.Options{Preemptions: 2, MaxTime: l.Left()}
			l.Explore(t, p, o, p.scenario(c, false), explore.Exhaust)
		})
	}
	rng := rand.New(rand.NewPCG(l.Share(), 2))
	seen := map[program]bool{}
	for l.Left() > 0 {
		p := large(rng)
		if !seen[p] {
			seen[p] = true
			o := explore.Options{Kill: true, Blocking: true, MaxSchedules: 20000, MaxTime: l.Left()}
			l.Explore(t, p, o, p.scenario(c, true), func(o explore.Options, s explore.Scenario) explore.Report {
				return explore.PCT(o, rng.Uint64(), 5, s)
			})
		}
	}
	l.Log(t, "classes")
}

// large returns a program that is too large to be exhausted: three threads with three or four operations each, one of which may walk. Deaths
// are left to the directed programs.
func large(rng *rand.Rand) program {
	words := strings.Fields("g0 a0 o0 x0 e0 u0 v0 f0 i0 t0 m0 g1 a1 o1 x1 u1 f1 i1 t1 m1 a2 g2 f2 a3 F F2 c p r")
	column := func(n int) string {
		w := make([]string, n)
		for i := range w {
			w[i] = words[rng.IntN(len(words))]
		}
		return strings.Join(w, " ")
	}
	p := program{Lifetime(rng.IntN(3)), homes[rng.IntN(len(homes))], "", false}
	columns := make([]string, 3)
	for i := range columns {
		columns[i] = column(3 + rng.IntN(2))
	}
	columns[0] += [...]string{"", " l", " q"}[rng.IntN(3)]
	p.text = [...]string{"", "a0", "a0 a1"}[rng.IntN(3)] + "; " + strings.Join(columns, " | ")
	return p
}
