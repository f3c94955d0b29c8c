//go:build cgo && unix

package shadow_test

import (
	"errors"
	"runtime/cgo"
	"testing"
	"unsafe"

	"github.com/shadowvars/shadow"
)

// opaque is a C type: Go puts a pointer to it into a box when it becomes an interface value.
type opaque struct {
	_ cgo.Incomplete
	n int
}

func TestBoxedPointers(t *testing.T) {
	// Ensure that Any refuses pointers which an interface value boxes, because the box is nobody's identity, whatever the lifetime.
	for _, l := range []shadow.Lifetime{shadow.Collected, shadow.Pinned, shadow.Manual} {
		v, err := shadow.NewAny(1, &shadow.AnyOptions[int]{Space: shadow.NewSpace(nil), Lifetime: l})
		if err != nil {
			t.Fatal(err)
		}
		// Safety: the memory is bigger than an opaque, which is what C programs are handed by their libraries: never looked into.
		p := (*opaque)(unsafe.Pointer(foreignConn(t)))
		if _, err := v.Alloc(p, nil); !errors.Is(err, shadow.ErrKind) {
			t.Errorf("%v: %v", l, err)
		}
		if v.Get(p) != nil || v.Free(p) || v.Len() != 0 {
			t.Errorf("%v: something is attached", l)
		}
	}
}
