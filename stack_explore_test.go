//go:build explore

package shadow

import (
	"runtime"
	"testing"
	"unsafe"

	"github.com/shadowvars/shadow/internal/atomic"
)

// big is as much as a stack that has grown: memory that a stack leaves can become one.
type big [32 << 10 / 8]uint64

// mover has a goroutine's stack moved at the step-th access to a shared word, and attaches data to another object at the address that an object on the stack had.
type mover struct {
	v     *Var[uint64, uint64]
	step  int
	moved bool // there was such a step, and such an object
}

// watch begins to count. former is the address of the object on the stack.
func (m *mover) watch(former uintptr) {
	steps := 0
	atomic.Step = func(uintptr, bool) {
		if steps++; steps == m.step {
			atomic.Step = nil
			m.move(former)
		}
	}
}

func (m *mover) move(former uintptr) {
	deep(40)
	var all []*big
	for range 20_000 {
		b := new(big)
		all = append(all, b)
		from := uintptr(unsafe.Pointer(b)) // Safety: the number is only compared.
		if former >= from && former < from+unsafe.Sizeof(*b) {
			data := uint64(4711)
			m.v.Alloc(&b[(former-from)/8], &data)
			m.moved = true
			break
		}
	}
	runtime.KeepAlive(all)
}

// These look for an object that stays on the stack.

//go:noinline
func getOnStack(m *mover) *uint64 {
	var obj uint64
	m.watch(uintptr(unsafe.Pointer(&obj))) // Safety: as in move.
	p := m.v.Get(&obj)
	atomic.Step = nil
	return p
}

//go:noinline
func getBatchOnStack(m *mover) *uint64 {
	var obj uint64
	var found [1]*uint64
	m.watch(uintptr(unsafe.Pointer(&obj))) // Safety: as in move.
	m.v.GetBatch([]*uint64{&obj}, found[:])
	atomic.Step = nil
	return found[0]
}

//go:noinline
func takeOnStack(m *mover) *uint64 {
	var obj uint64
	m.watch(uintptr(unsafe.Pointer(&obj))) // Safety: as in move.
	p := m.v.Take(&obj)
	atomic.Step = nil
	return p
}

//go:noinline
func copyOnStack(m *mover) *uint64 {
	var obj uint64
	m.watch(uintptr(unsafe.Pointer(&obj))) // Safety: as in move.
	p, _ := m.v.Copy(new(uint64), &obj)
	atomic.Step = nil
	return p
}

// deep needs a stack of 4 KiB times n.
//
//go:noinline
func deep(n int) byte {
	var frame [4096]byte
	frame[n&4095] = byte(n)
	if n == 0 {
		return frame[0]
	}
	return deep(n-1) + frame[n&4095]
}

func TestStackMoves(t *testing.T) {
	// Ensure that a lookup or an end of what an object on a stack that moves meanwhile has does not find what is attached to the object that gets its address.
	for name, look := range map[string]func(*mover) *uint64{"Get": getOnStack, "GetBatch": getBatchOnStack, "Copy": copyOnStack, "Take": takeOnStack} {
		met := 0
		for step := 1; step < 24; step++ {
			for _, lifetime := range []Lifetime{Pinned, Manual} {
				done := make(chan struct{})
				go func() {
					defer close(done)
					deep(3)
					m := &mover{v: MustNew(78, &Options[uint64, uint64]{Lifetime: lifetime, Space: NewSpace(nil)}), step: step}
					found := look(m)
					if m.moved {
						met++
					}
					if found != nil {
						t.Errorf("%s, %v, step %d: another object's data, %d", name, lifetime, step, *found)
					}
				}()
				<-done
			}
		}
		if met == 0 {
			t.Errorf("%s: memory of stacks did not come back as objects'", name)
		}
	}
}
