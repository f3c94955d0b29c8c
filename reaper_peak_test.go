package shadow_test

import (
	"runtime"
	"sync/atomic"
	"testing"
	"time"

	"github.com/shadowvars/shadow"
)

func TestManyDeathsFewGoroutines(t *testing.T) {
	// Ensure that many parents that die at once are not many goroutines, even if there is no processor free for the one that destroys.
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	const n = 100_000
	var destroyed, most atomic.Int64
	space := shadow.NewSpace(nil)
	v := shadow.MustNew[[2]*int, int](1, &shadow.Options[[2]*int, int]{Space: space, Destroy: func(*[2]*int, *int) {
		destroyed.Add(1)
		if g := int64(runtime.NumGoroutine()); g > most.Load() {
			most.Store(g)
		}
	}})
	defer v.Close()
	before := int64(runtime.NumGoroutine())
	for range n {
		if _, err := v.Alloc(new([2]*int), nil); err != nil {
			t.Fatal(err)
		}
	}
	for end := time.Now().Add(time.Minute); destroyed.Load() < n; runtime.GC() {
		if time.Now().After(end) {
			t.Fatalf("%d of %d destroyed", destroyed.Load(), n)
		}
	}
	if got := most.Load() - before; got > 100 {
		t.Errorf("%d goroutines more", got)
	}
}
