package fuzz

import (
	"bytes"
	"errors"
	"testing"

	"github.com/shadowvars/shadow"
)

func FuzzBytes(f *testing.F) {
	// Ensure that Bytes does what a map of slices does, for all sizes, wrong ones included.
	f.Fuzz(func(t *testing.T, program []byte) {
		space := shadow.NewSpace(nil)
		for l := shadow.Collected; l <= shadow.Manual; l++ {
			b := shadow.MustNewBytes(shadow.ID(l), &shadow.BytesOptions[parent]{Space: space, Lifetime: l})
			runBytes(t, b, commands(program))
		}
	})
}

func runBytes(t *testing.T, b *shadow.Bytes[parent], program []command) {
	var parents [16]parent
	model := map[*parent][]byte{}
	for n, c := range program {
		o := &parents[c.Key%16]
		data := bytes.Repeat([]byte{byte(n)}, int(c.Which%40))
		size := int(c.Arg % 640)
		if c.Arg%11 == 0 {
			size = -size
		}
		want, present := model[o]
		switch c.Op % 8 {
		case 0, 1, 2:
			got, err := b.Alloc(o, data, size)
			switch {
			case size < len(data):
				expect(t, err, shadow.ErrSize)
			case present:
				expect(t, err, shadow.ErrExists)
			default:
				expect(t, err, nil)
				model[o] = checkNew(t, got, data, size)
			}
		case 3:
			got, loaded, err := b.GetOrAlloc(o, data, size)
			switch {
			case present:
				if !loaded || err != nil || !same(got, want) {
					t.Fatalf("GetOrAlloc: %v, %v, %v, but there was %v", got, loaded, err, want)
				}
			case size < len(data):
				expect(t, err, shadow.ErrSize)
			default:
				expect(t, err, nil)
				model[o] = checkNew(t, got, data, size)
			}
		case 4:
			if got := b.Free(o); got != present {
				t.Fatalf("Free: %v, want %v", got, present)
			}
			delete(model, o)
		case 5:
			if got := b.Take(o); !same(got, want) {
				t.Fatalf("Take: %v, want %v", got, want)
			}
			delete(model, o)
		case 6:
			if c.Arg%16 == 0 {
				if n := b.FreeAll(); n != len(model) {
					t.Fatalf("FreeAll: %d, want %d", n, len(model))
				}
				clear(model)
			}
			if n := b.Len(); n != len(model) {
				t.Fatalf("Len: %d, want %d", n, len(model))
			}
		default:
			if got := b.Get(o); !same(got, want) || b.Has(o) != present {
				t.Fatalf("Get: %v, want %v", got, want)
			}
		}
	}
}

// same tells whether two slices are the same memory, and both nil or both not.
func same(a, b []byte) bool {
	if len(a) != len(b) || (a == nil) != (b == nil) {
		return false
	}
	return len(a) == 0 || &a[0] == &b[0]
}

// checkNew checks freshly attached bytes.
func checkNew(t *testing.T, got, data []byte, size int) []byte {
	t.Helper()
	if got == nil || len(got) != size || cap(got) != size || !bytes.HasPrefix(got, data) ||
		!bytes.Equal(got[len(data):], make([]byte, size-len(data))) {
		t.Fatalf("attached %v (capacity %d), want %d bytes that begin with %v", got, cap(got), size, data)
	}
	return got
}

func expect(t *testing.T, err, want error) {
	t.Helper()
	if !errors.Is(err, want) {
		t.Fatalf("error %v, want %v", err, want)
	}
}
