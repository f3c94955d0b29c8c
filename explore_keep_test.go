//go:build explore || faults

package shadow

import (
	"reflect"
	"runtime"
	"testing"

	"github.com/shadowvars/shadow/internal/atomic"
)

// freshParent attaches to a new object, which nobody but the caller keeps.
//
//go:noinline
func freshParent(t *testing.T, c *class) pointer {
	a := &attach{c: c, of: c, op: "Alloc", o: of(new([4]uint64))}
	if _, _, err := attachCopy[uint64](a.c, a.of, a.op, a.o, nil, false); err != nil {
		t.Fatal(err)
	}
	return a.o.pointer
}

func TestGetKeepsItsObject(t *testing.T) {
	// Ensure that a collection at any step of a Get that is the last use of its object does not make the object dead for it.
	kind := reflect.TypeFor[uint64]()
	o := &opening{
		space:    NewSpace(nil),
		identity: identity{id: 1, lifetime: Collected, object: reflect.TypeFor[[4]uint64](), data: kind},
		extent:   32, data: kind, shape: shapeOf[uint64],
	}
	c := o.build() // opened by nobody: no reaper takes steps
	var h handle
	h.class.Store(c)
	for at, steps := 1, 1; at <= steps; at++ {
		obj := freshParent(t, c)
		steps = 0
		atomic.Step = func(uintptr, bool) {
			if steps++; steps == at {
				runtime.GC()
				runtime.GC()
			}
		}
		p := h.get(obj)
		atomic.Step = nil
		if p == nil {
			t.Fatalf("a collection at step %d made Get miss what is attached", at)
		}
		if at == 1 && steps < 8 {
			t.Fatalf("only %d steps", steps)
		}
	}
}
