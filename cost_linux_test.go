package shadow_test

import (
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/shadowvars/shadow"
)

// processorTime is what this process has used so far.
func processorTime(t testing.TB) time.Duration {
	t.Helper()
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		t.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

func TestWaitersSleep(t *testing.T) {
	// Ensure (G3) that ten thousand goroutines that wait a second for a ctor sleep: they use less than 50 ms of processor.
	if instrumented || testing.Short() {
		t.Skip("slow, and instrumentation costs more than what is measured")
	}
	const n = 10_000
	v := shadow.MustNew(1, &shadow.Options[conn, note]{Space: shadow.NewSpace(nil)})
	obj := new(conn)
	var calling, done sync.WaitGroup
	calling.Add(n)
	var used time.Duration
	p, err := v.AllocFunc(obj, func(*note) error {
		for i := range n {
			done.Go(func() {
				calling.Done()
				if p, loaded, err := v.GetOrAlloc(obj, nil); p == nil || !loaded || err != nil {
					t.Errorf("waiter %d: %v, %v", i, p, err)
				}
			})
		}
		calling.Wait()
		time.Sleep(50 * time.Millisecond) // for the last of them to begin to wait
		before := processorTime(t)
		time.Sleep(time.Second)
		used = processorTime(t) - before
		return nil
	})
	done.Wait()
	if err != nil || v.Get(obj) != p {
		t.Fatal(err)
	}
	if used > 50*time.Millisecond {
		t.Errorf("the waiters used %v", used)
	}
}
