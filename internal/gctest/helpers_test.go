package gctest

import (
	"os"
	"runtime"
	"strconv"
	"sync"
	"testing"
	"time"
	"unsafe"

	"github.com/shadowvars/shadow"
)

// object is the parent of most tests.
type object struct {
	number uint64
	rest   [5]uint64
}

var lifetimes = []shadow.Lifetime{shadow.Collected, shadow.Pinned, shadow.Manual}

func inLifetimes(t *testing.T, f func(t *testing.T, l shadow.Lifetime)) {
	for _, l := range lifetimes {
		t.Run(l.String(), func(t *testing.T) { f(t, l) })
	}
}

// power multiplies the work of stress tests.
func power() float64 {
	if x, err := strconv.ParseFloat(os.Getenv("SHADOW_POWER"), 64); err == nil && x > 0 {
		return x
	}
	return defaultPower
}

func times(n int) int                       { return int(float64(n) * power()) }
func lasting(d time.Duration) time.Duration { return time.Duration(float64(d) * power()) }

// measuring skips what only prints figures, unless it is asked for.
func measuring(t *testing.T) {
	t.Helper()
	if os.Getenv("SHADOW_MEASURE") == "" {
		t.Skip("a measurement: set SHADOW_MEASURE=1")
	}
}

func space(t *testing.T) *shadow.Space {
	t.Helper()
	return shadow.NewSpace(&shadow.SpaceOptions{Name: t.Name()})
}

func open[O, T any](t *testing.T, l shadow.Lifetime, destroy func(*O, *T)) (*shadow.Var[O, T], *shadow.Space) {
	t.Helper()
	s := space(t)
	v, err := shadow.New(1, &shadow.Options[O, T]{Space: s, Name: t.Name(), Lifetime: l, Destroy: destroy})
	if err != nil {
		t.Fatal(err)
	}
	return v, s
}

// eventually collects until done, or a generous deadline.
func eventually(t *testing.T, what string, done func() bool) {
	t.Helper()
	for deadline := time.Now().Add(30 * time.Second); !done(); {
		if time.Now().After(deadline) {
			t.Fatalf("not within the deadline: %s", what)
		}
		runtime.GC()
		time.Sleep(time.Millisecond)
	}
}

// collecting runs the collector without a pause until the returned function is called, which returns how many
// collections there were.
func collecting() (stop func() int) {
	var done sync.WaitGroup
	end, cycles := make(chan struct{}), 0
	done.Go(func() {
		for {
			select {
			case <-end:
				return
			default:
				runtime.GC()
				cycles++
			}
		}
	})
	return func() int {
		close(end)
		done.Wait()
		return cycles
	}
}

// apart runs f on a stack that is gone when apart returns, so that nothing of f's keeps an object alive.
func apart(f func()) {
	done := make(chan struct{})
	go func() {
		defer close(done)
		f()
	}()
	<-done
}

// address gives p's address as a number.
// Safety: only the number of an address is looked at.
func address[T any](p *T) uintptr { return uintptr(unsafe.Pointer(p)) }

// must panics on an error, which a test does not expect: it works in any goroutine.
func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}
