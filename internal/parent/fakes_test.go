//go:build explore

package parent

import (
	"slices"
	"testing"
	"unsafe"

	"github.com/shadowvars/shadow/internal/atomic"
)

func TestFakes(t *testing.T) {
	// Ensure that a made-up object lives, dies and has its address taken over
	// as a real one, each look at its handle being one step.
	const addr = 0x5000
	defer ResetFakes()
	p := addressed(addr)
	if Classify(p) != Foreign {
		t.Fatal("no object lives there yet")
	}
	NewFake(addr)
	if Classify(p) != Heap {
		t.Fatal("the fake is not on the heap")
	}
	first := Make(p)
	if Make(p) != first || !first.Is(addr) || first.Is(addr+8) || first.Dead() || first.Pointer() != p {
		t.Fatal("a living fake does not answer")
	}

	type step struct {
		word  uintptr
		write bool
	}
	var steps []step
	atomic.Step = func(word uintptr, write bool) { steps = append(steps, step{word, write}) }
	defer func() { atomic.Step = nil }()
	// Safety: only the number of an address is looked at.
	word := uintptr(unsafe.Pointer(first))
	for _, look := range []struct {
		name  string
		f     func()
		write bool
	}{
		{"Is", func() { first.Is(addr) }, false},
		{"Dead", func() { first.Dead() }, false},
		{"Pointer", func() { first.Pointer() }, false},
		{"Die", func() { Die(addr) }, true},
	} {
		steps = nil
		look.f()
		if !slices.Equal(steps, []step{{word, look.write}}) {
			t.Errorf("%s: steps %v", look.name, steps)
		}
	}

	NewFake(addr)
	second := Make(p)
	if first == second || first.Is(addr) || !first.Dead() || first.Pointer() != nil {
		t.Error("the dead fake answers for the living one")
	}
	if !second.Is(addr) || second.Dead() || second.Pointer() != p {
		t.Error("the second fake does not answer")
	}
	mustPanic(t, "a second object at one address", func() { NewFake(addr) })
	mustPanic(t, "the death of nobody", func() { Die(addr + 8) })

	ResetFakes()
	if Classify(p) != Foreign {
		t.Error("the fake outlives the reset")
	}
}

func mustPanic(t *testing.T, what string, f func()) {
	t.Helper()
	defer func() {
		if recover() == nil {
			t.Errorf("%s is accepted", what)
		}
	}()
	f()
}
