//go:build explore

package shadow

import (
	"testing"

	"github.com/shadowvars/shadow/internal/explore"
)

func TestExploreWaiters(t *testing.T) {
	// Ensure that those who wait for a constructor are woken however it ends, find what it has built, and sleep instead of spinning
	// while its goroutine is stopped.
	for _, program := range []string{
		"; x0 | o0 g0",
		"; e0 | o0 g0",
		"; e0 | o0 | o0",
		"; x0 f0 | o0 g0",
		"; x0 | o0 | F",
		"; e0 x0 | o0 g0",
	} {
		scenario := smallProgram{text: program, class: func(w *explore.World) *class { return exploredIn(w, NewSpace(nil), Manual) }}.scenario()
		explore.Run(t, explore.Options{Preemptions: 2, MaxSchedules: 200_000}, scenario)
		explore.Run(t, explore.Options{Preemptions: 1, Kill: true, Blocking: true, MaxSteps: 1000}, scenario)
	}
}
