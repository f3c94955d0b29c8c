//go:build explore

package lockfree

import (
	"testing"

	"github.com/shadowvars/shadow/internal/explore"
)

// exhausted are programs, small enough to run every schedule with two preemptions of each, so that what they catch does not depend on the
// machine's speed. Each is the smallest that an exploration by time found for some error; internal/mutants makes these errors again.
var exhausted = []scenario{
	{slots: 4, before: "i0", threads: []string{"g0", "d0", "G F"}},
	{slots: 4, before: "i0 i1", threads: []string{"d0", "b2", "G F"}},
	{slots: 4, before: "i0 i1", threads: []string{"d0", "b2", "S F"}},
	{slots: 4, before: "", threads: []string{"i0", "i0"}},
	{slots: 4, before: "i0 i1", threads: []string{"g0", "d0"}},
	{slots: 4, before: "i0", threads: []string{"g0", "i1", "G F"}},
	{slots: 4, before: "", threads: []string{"g0", "b0", "G F"}},
	{slots: 4, before: "", threads: []string{"g0", "i0", "G F"}},
	{slots: 8, before: "i0 G", threads: []string{"F", "i0"}},
	{slots: 2, before: "i0 P", threads: []string{"i1", "i2", "i3"}},
	{slots: 4, before: "i0 i1 i2 i3 S", threads: []string{"d0", "i4", "F F"}},
	{slots: 4, homes: 2, before: "i4 i0 d4 i2 i4", threads: []string{"F F", "i1", "i3"}},
	{slots: 2, before: "i0 i1 P", threads: []string{"i2", "i3"}},
	{slots: 4, before: "i0 i1 i2 i3 S", threads: []string{"i4", "d3", "F F F F"}},
	{slots: 4, before: "", threads: []string{"a0", "i0", "G F"}},
	{slots: 4, before: "i0", threads: []string{"a2", "a2", "G F"}},
	{slots: 4, before: "i0", threads: []string{"a1", "a1", "G F"}},
	{slots: 4, before: "i0 G", threads: []string{"a2", "i2", "F"}},
	{slots: 4, before: "i0 d0", threads: []string{"a2", "a0", "P F"}},
	{slots: 2, before: "i0", threads: []string{"a2", "i2", "P F d2"}},
	{slots: 4, before: "i0", threads: []string{"a2", "b2", "G F"}},
	{slots: 4, before: "i0 d0", threads: []string{"a2", "S F G F"}},
	{slots: 4, before: "i0 i1 i2 i3 S", threads: []string{"a4", "a4", "F F"}},
	{slots: 16, before: "i0 i1 i2 d1", threads: []string{"d2", "C", "a4"}},
}

func TestExploreExhausted(t *testing.T) {
	// Ensure that these programs are linearizable under every schedule with two preemptions.
	c := explore.NewChecker[[cellCount]Word, event](cells{})
	for _, s := range exhausted {
		r := explore.Exhaust(explore.Options{Preemptions: 2}, s.world(c))
		if r.Err != nil {
			t.Fatalf("%v\n%v", s, r)
		}
		t.Logf("%v: %v", s, r)
	}
}
