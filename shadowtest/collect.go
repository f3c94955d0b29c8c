package shadowtest

import (
	"runtime"
	"testing"
	"time"

	"github.com/shadowvars/shadow"
)

// patience is how long the functions of this package collect before they give up; the tests of the package have less.
var patience = 10 * time.Second

// quietCycles is after how many collections that ended nothing a space counts as quiet: one to find what is
// unreachable, one for what finalizers have revived, one for what that held.
const quietCycles = 3

// Collect runs the collector until the space is quiet: three collections in a row, each followed by [shadow.Space.Reap], have ended no
// variable. It fails the test if the space is not quiet within ten seconds, because something
// goes on attaching and dropping.
//
// What was unreachable when Collect was called has ended when it returns, finalizers and what they revive included.
// Destructors that the library had started in the background before may still be running.
func Collect(tb testing.TB, s *shadow.Space) {
	tb.Helper()
	if !settle(s, nil) {
		tb.Errorf("shadowtest: space %q is not quiet after %v of collections", s.Stats().Name, patience)
	}
}

// settle collects until done, or until the space is quiet, and returns whether it came to that. Without done it waits for quiet alone.
func settle(s *shadow.Space, done func() bool) bool {
	quiet, before := 0, ended(s)
	for deadline := time.Now().Add(patience); time.Now().Before(deadline); {
		if done != nil && done() {
			return true
		}
		runtime.GC()
		s.Reap()
		now := ended(s)
		if quiet++; now != before {
			quiet, before = 0, now
		}
		if quiet == quietCycles {
			return done == nil || done()
		}
		// Finalizers and the library's own walk run in goroutines of their own.
		time.Sleep(time.Millisecond)
	}
	return false
}

// state is what changes when variables end.
type state struct {
	live      int
	collected int64
}

func ended(s *shadow.Space) state {
	st := s.Stats()
	return state{st.Live, st.Collected}
}
