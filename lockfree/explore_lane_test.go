//go:build explore

package lockfree

import (
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/shadowvars/shadow/internal/explore"
)

// short visits the programs of the short lane: two threads, two operations each, on one pair, on two classes of one key and on two
// keys, all with one home, in a table of two slots that is empty, holds some of the pairs, or has held one. In a table of four chunks, besides, one
// pair stands in the second, and the first has room: a migration that has done the first lets inserts pass.
func short(visit func(scenario)) {
	explore.Pairings(explore.Sequences(strings.Fields("g0 i0 d0 b0 U"), 2), nil, func(a, b string) {
		visit(scenario{slots: 8, before: "i2 i4 i0 d2 d4", threads: []string{a, b}})
	})
	for _, alphabet := range []struct{ other, words string }{
		{"", "g0 i0 d0 b0 U"},
		{"1", "g0 i0 d0 b0 g1 i1 d1 b1 U"},
		{"2", "g0 i0 d0 b0 g2 i2 d2 b2 U"},
	} {
		exchange := func(text string) string {
			return strings.NewReplacer("0", alphabet.other, alphabet.other, "0").Replace(text)
		}
		befores := []string{"", "i0", "i0 d0"}
		if alphabet.other != "" {
			befores = append(befores, "i0 i"+alphabet.other)
		}
		for _, before := range befores {
			swap := exchange
			if alphabet.other == "" || before == "i0" || before == "i0 d0" {
				swap = nil
			}
			explore.Pairings(explore.Sequences(strings.Fields(alphabet.words), 2), swap, func(a, b string) {
				visit(scenario{slots: 2, before: before, threads: []string{a, b}})
			})
		}
	}
}

func TestLane(t *testing.T) {
	// Ensure (G9, G14) that all two-thread, two-operation programs on one pair and on two are linearizable under every schedule with two
	// preemptions; in the long lane with three, and with more threads, migrations and one thread suspended for ever.
	l := explore.NewLane(t, 97)
	c := explore.NewChecker[[cellCount]Word, event](cells{})
	o := explore.Options{Preemptions: 2}
	if l.Name == "long" {
		for _, s := range append(directed(), pairsOfOperations()...) {
			l.Explore(t, s, explore.Options{Preemptions: 2, Kill: true, MaxTime: l.Left() / 500}, s.world(c), explore.Exhaust)
		}
		o.Preemptions = 3
	}
	short(func(s scenario) {
		o.MaxTime = l.Left()
		l.Explore(t, s, o, s.world(c), explore.Exhaust)
	})
	rng := rand.New(rand.NewPCG(l.Share(), 1))
	seen := map[string]bool{}
	for l.Left() > 0 {
		s := large(rng)
		if !seen[s.String()] {
			seen[s.String()] = true
			o := explore.Options{Kill: true, MaxSchedules: 20000, MaxTime: l.Left()}
			l.Explore(t, s, o, s.world(c), func(o explore.Options, s explore.Scenario) explore.Report {
				return explore.PCT(o, rng.Uint64(), 5, s)
			})
		}
	}
	l.Log(t, "table")
}

// large returns a program that is too large to be exhausted: three or four threads with three to five operations each.
func large(rng *rand.Rand) scenario {
	s := random(rng)
	s.threads = nil
	for range 3 + rng.IntN(2) {
		s.threads = append(s.threads, randomProgram(rng, cellCount, 3+rng.IntN(3)))
	}
	return s
}
