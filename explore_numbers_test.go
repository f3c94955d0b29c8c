//go:build explore

package shadow

import (
	"strings"
	"testing"

	"github.com/shadowvars/shadow/internal/explore"
	"github.com/shadowvars/shadow/lockfree"
)

// numbered are programs on a class of a space with two class numbers. Besides the words of explore_small_test.go there is
//
//	n   FreeAll, if there is a number for it: the one of the class before the last FreeAll, once it is out of limbo
var numbered = []string{
	"a0; g0 | F c p a0 n a0",
	"a0; g0 g0 | F c p a1 n a0",
	"; a0 g0 | a1 F c p a0 n a0",
	"a0; o0 | F c p a1 n a0 g0",
	"a0; F a1 c n a0 g0 | g0",
	"a0; F a0 c p n a0 | o0 g0",
	"a0; f0 a0 | F c p a1 n g0",
	"a1; g0 | F c p a1 n a0",
	"a1; o0 g0 | F c p a1 n a0 f0",
}

// numberedClass makes a class in a space with so few numbers that the second FreeAll needs one that was used, and with a table that
// migrates only when it is told to.
func numberedClass(w *explore.World) *class {
	return exploredIn(w, newSpace(new(SpaceOptions), lockfree.New(&lockfree.Options{Presize: 8}), closedNumber+3), Manual)
}

// hasNumber tells whether FreeAll would find a number without running the collector.
func (c *class) hasNumber() bool {
	n := c.space.numbers
	if n.next.Load() < n.limit {
		return true
	}
	n.promote()
	return n.free.Load() != nil
}

func TestExploreClassNumbers(t *testing.T) {
	// Ensure that a class number that serves its second epoch leads nobody who was stopped in the first one astray.
	for _, text := range numbered {
		reused := false
		var first *epoch
		p := smallProgram{text: text}
		p.class = func(w *explore.World) *class {
			c := numberedClass(w)
			first = c.epoch.Load()
			return c
		}
		p.more = func(t *smallThread, word string) bool {
			if word != "n" {
				return false
			}
			if t.c.hasNumber() {
				t.do(smallStep{kind: 'F'})
				e := t.c.epoch.Load()
				reused = reused || e != first && e.number == first.number
			}
			return true
		}
		explore.Run(t, explore.Options{Preemptions: 2, MaxSteps: 2000}, p.scenario())
		if !reused && strings.Contains(text, "p") {
			t.Errorf("%s: no number was used again", text)
		}
	}
}
