//go:build explore || faults

package atomic

import (
	"reflect"
	"runtime"
	"sync/atomic"
	"testing"
	"time"
	"unsafe"
)

var types = []struct{ ours, theirs reflect.Type }{
	{reflect.TypeFor[Bool](), reflect.TypeFor[atomic.Bool]()},
	{reflect.TypeFor[Int32](), reflect.TypeFor[atomic.Int32]()},
	{reflect.TypeFor[Int64](), reflect.TypeFor[atomic.Int64]()},
	{reflect.TypeFor[Uint32](), reflect.TypeFor[atomic.Uint32]()},
	{reflect.TypeFor[Uint64](), reflect.TypeFor[atomic.Uint64]()},
	{reflect.TypeFor[Uintptr](), reflect.TypeFor[atomic.Uintptr]()},
	{reflect.TypeFor[Pointer[int]](), reflect.TypeFor[atomic.Pointer[int]]()},
}

func TestEveryAccessSteps(t *testing.T) {
	// Ensure the words have the layout and the methods of sync/atomic's, and each method is one step at the word's address, a read only if it is Load.
	defer func() { Step = nil }()
	for _, c := range types {
		if c.ours.Size() != c.theirs.Size() || c.ours.Align() != c.theirs.Align() {
			t.Errorf("%v: %d bytes, alignment %d", c.ours, c.ours.Size(), c.ours.Align())
		}
		word := reflect.New(c.ours)
		theirs := reflect.PointerTo(c.theirs)
		if word.NumMethod() != theirs.NumMethod() {
			t.Errorf("%v has %d methods, not %d", c.ours, word.NumMethod(), theirs.NumMethod())
		}
		for i := range theirs.NumMethod() {
			m := theirs.Method(i)
			f := word.MethodByName(m.Name)
			var arguments []reflect.Value
			for k := range f.Type().NumIn() {
				arguments = append(arguments, reflect.Zero(f.Type().In(k)))
			}
			steps := 0
			Step = func(at uintptr, write bool) {
				steps++
				if at != word.Pointer() || write == (m.Name == "Load") {
					t.Errorf("%v.%s: step at %#x, write %v", c.ours, m.Name, at, write)
				}
			}
			f.Call(arguments)
			Step = nil
			if steps != 1 {
				t.Errorf("%v.%s: %d steps", c.ours, m.Name, steps)
			}
		}
	}
}

func TestPlainWordsStep(t *testing.T) {
	// Ensure the functions on plain words step as the methods do, and do what they say.
	defer func() { Step = nil }()
	var log []bool
	Step = func(_ uintptr, write bool) { log = append(log, write) }
	x, y := 1, 2
	var p unsafe.Pointer
	// Safety: x and y live to the end of the test, and their pointers are compared.
	StorePointer(&p, unsafe.Pointer(&x))
	if LoadPointer(&p) != unsafe.Pointer(&x) || SwapPointer(&p, unsafe.Pointer(&y)) != unsafe.Pointer(&x) ||
		CompareAndSwapPointer(&p, nil, nil) || !CompareAndSwapPointer(&p, unsafe.Pointer(&y), nil) || p != nil {
		t.Error("pointer")
	}
	var u uintptr
	StoreUintptr(&u, 3)
	if LoadUintptr(&u) != 3 {
		t.Error("uintptr")
	}
	if want := []bool{true, false, true, true, true, true, false}; !reflect.DeepEqual(log, want) {
		t.Errorf("steps %v, want %v", log, want)
	}
}

func TestPlainAccesses(t *testing.T) {
	// Ensure a plain access is announced with its word and what it is to the scheduler alone, which takes it for a step.
	defer func() { Step, OnPlain = nil, nil }()
	Step = func(uintptr, bool) { t.Error("a plain access is one of the words") }
	var x int
	PlainWrite(&x)
	type plain struct {
		word  uintptr
		write bool
	}
	var log []plain
	OnPlain = func(word uintptr, write bool) { log = append(log, plain{word, write}) }
	PlainWrite(&x)
	PlainRead(&x)
	// Safety: the address is compared.
	if at := uintptr(unsafe.Pointer(&x)); !reflect.DeepEqual(log, []plain{{at, true}, {at, false}}) {
		t.Errorf("announced %v", log)
	}
}

func TestWithoutScheduler(t *testing.T) {
	// Ensure the tagged build behaves as the normal one outside an exploration.
	collected := make(chan int, 1)
	WhenUnreachable(Hold(new([64]int)), func(n int) { collected <- n }, 7)
	for end := time.Now().Add(10 * time.Second); len(collected) == 0 && time.Now().Before(end); {
		runtime.GC()
		time.Sleep(time.Millisecond)
	}
	if len(collected) == 0 || <-collected != 7 {
		t.Error("the cleanup did not run")
	}
	var m Mutex
	m.Lock()
	if m.TryLock() {
		t.Error("locked twice")
	}
	done := make(chan struct{})
	go func() { m.Lock(); close(done) }()
	m.Unlock()
	Wait(done)
}

func TestBusy(t *testing.T) {
	// Ensure that no cleanup and no goroutine of the library's own runs during an exploration, and that each runs after it.
	var ran atomic.Int32
	Busy.Lock()
	WhenUnreachable(new([64]int), func(int) { ran.Add(1) }, 0)
	AfterCollection(func(int) { ran.Add(1) }, 0)
	Go(func() { ran.Add(1) })
	for range 10 {
		runtime.GC()
		time.Sleep(time.Millisecond)
	}
	if n := ran.Load(); n != 0 {
		t.Errorf("%d of them ran meanwhile", n)
	}
	Busy.Unlock()
	for end := time.Now().Add(10 * time.Second); ran.Load() < 3 && time.Now().Before(end); {
		runtime.GC()
		time.Sleep(time.Millisecond)
	}
	if n := ran.Load(); n != 3 {
		t.Errorf("%d of them ran in the end, want 3", n)
	}
}
