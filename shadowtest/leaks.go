package shadowtest

import (
	"cmp"
	"fmt"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/shadowvars/shadow"
)

// NoLeaks fails the test if, when it and its subtests have ended, some class of the space has more variables than it has
// now. Call it first in the test. It collects before it counts, so variables of parents that nobody has any more are no leak; those of
// living parents, and Pinned and Manual ones that nobody freed, are.
//
// It reports class by class. If the class has a profile ([shadow.Options.Profile]; in a test, 1), it also says which stacks attached
// what is left, most first.
func NoLeaks(tb testing.TB, s *shadow.Space) {
	tb.Helper()
	Collect(tb, s)
	before := take(s)
	tb.Cleanup(func() {
		tb.Helper()
		if settle(s, func() bool { return len(before.leaks(s)) == 0 }) {
			return
		}
		for _, c := range before.leaks(s) {
			tb.Errorf("shadowtest: class %q id %#x, %s, %v: %d variables were left by this test%s",
				c.Name, uint64(c.ID), c.Type, c.Lifetime, c.Live-before.live[c.ID], before.attachers(s, c.ID))
		}
	})
}

// inventory is what there is at some time.
type inventory struct {
	live    map[shadow.ID]int
	sampled map[attacher]int
}

// attacher is a stack that attached variables of a class.
type attacher struct {
	id    shadow.ID
	stack string
}

func take(s *shadow.Space) inventory {
	i := inventory{live: map[shadow.ID]int{}, sampled: map[attacher]int{}}
	for c := range s.Classes() {
		i.live[c.ID] = c.Live
	}
	for sample := range s.Samples() {
		i.sampled[attacher{sample.ID, layOut(sample.Stack)}] += sample.Count
	}
	return i
}

// leaks are the classes with more variables than in the inventory, by name and id.
func (i inventory) leaks(s *shadow.Space) (found []shadow.ClassStats) {
	for c := range s.Classes() {
		if c.Live > i.live[c.ID] {
			found = append(found, c)
		}
	}
	slices.SortFunc(found, func(a, b shadow.ClassStats) int {
		return cmp.Or(cmp.Compare(a.Name, b.Name), cmp.Compare(a.ID, b.ID))
	})
	return found
}

// mostStacks is how many stacks a report has for a class.
const mostStacks = 5

// attachers says which stacks attached more of a class than they had in the inventory.
func (i inventory) attachers(s *shadow.Space, id shadow.ID) string {
	type excess struct {
		count int
		stack string
	}
	var found []excess
	for a, count := range take(s).sampled {
		if more := count - i.sampled[a]; a.id == id && more > 0 {
			found = append(found, excess{more, a.stack})
		}
	}
	slices.SortFunc(found, func(a, b excess) int {
		return cmp.Or(cmp.Compare(b.count, a.count), cmp.Compare(a.stack, b.stack))
	})
	var report strings.Builder
	for n, e := range found {
		if n == mostStacks {
			fmt.Fprintf(&report, "\n    and by %d more stacks", len(found)-n)
			break
		}
		fmt.Fprintf(&report, "\n    %d attached by%s", e.count, e.stack)
	}
	return report.String()
}

// layOut prints a stack as a panic does, one call in two lines.
func layOut(stack []runtime.Frame) string {
	var b strings.Builder
	for _, f := range stack {
		fmt.Fprintf(&b, "\n        %s\n            %s:%d", f.Function, f.File, f.Line)
	}
	return b.String()
}
