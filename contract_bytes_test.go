package shadow_test

import (
	"bytes"
	"errors"
	"testing"
	"unsafe"

	"github.com/shadowvars/shadow"
)

func newBytes(t testing.TB, l shadow.Lifetime, destroy func(*conn, []byte)) *shadow.Bytes[conn] {
	t.Helper()
	b, err := shadow.NewBytes(1, &shadow.BytesOptions[conn]{Space: shadow.NewSpace(nil), Lifetime: l, Name: "bytes", Destroy: destroy})
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestBytes(t *testing.T) {
	// Ensure that bytes of every size begin with the given data, end with zeros, are aligned, clipped, and apart from one another.
	for _, l := range lifetimes {
		b := newBytes(t, l, nil)
		var objs []*conn
		seen := make(map[*byte]bool)
		for _, size := range []int{0, 0, 1, 2, 3, 7, 8, 9, 15, 16, 17, 24, 100, 1000, 4096, 32768, 32769, 3 << 20} {
			for _, given := range []int{0, size / 2, size} {
				obj := new(conn)
				objs = append(objs, obj)
				data := bytes.Repeat([]byte{0xAB}, given)
				p, err := b.Alloc(obj, data, size)
				if given%2 == 1 {
					b.Free(obj)
					var loaded bool
					p, loaded, err = b.GetOrAlloc(obj, data, size)
					if loaded {
						t.Fatal("loaded from an absent pair")
					}
				}
				if err != nil || p == nil || len(p) != size || cap(p) != size {
					t.Fatalf("size %d: %d bytes, capacity %d, nil %v, %v", size, len(p), cap(p), p == nil, err)
				}
				// Safety: the addresses of slices' arrays are compared.
				start := unsafe.SliceData(p)
				if address(start)%8 != 0 || seen[start] || size > 0 && given > 0 && start == unsafe.SliceData(data) {
					t.Fatalf("size %d at %p", size, start)
				}
				seen[start] = true
				if !bytes.Equal(p[:given], data) || bytes.Count(p[given:], []byte{0}) != size-given {
					t.Fatalf("size %d, given %d: %x", size, given, p)
				}
				got := b.Get(obj)
				// Safety: as above, compared only.
				if got == nil || len(got) != size || cap(got) != size || unsafe.SliceData(got) != start || !b.Has(obj) {
					t.Fatalf("Get finds %d bytes of %d", len(got), size)
				}
				again, loaded, err := b.GetOrAlloc(obj, []byte("other"), 50)
				// Safety: as above, compared only.
				if unsafe.SliceData(again) != start || len(again) != size || !loaded || err != nil {
					t.Fatal("GetOrAlloc of a present pair")
				}
				if p, err := b.Alloc(obj, nil, size); p != nil || !errors.Is(err, shadow.ErrExists) {
					t.Fatal(err)
				}
			}
		}
		n := 0
		for obj, p := range b.All() {
			n++
			// Safety: as above, compared only.
			if !seen[unsafe.SliceData(p)] || l != shadow.Manual && len(b.Get(obj)) != len(p) {
				t.Fatal("All")
			}
		}
		if n != len(objs) || b.Len() != n || b.FreeAll() != n || b.Get(objs[0]) != nil || b.Has(objs[0]) {
			t.Fatalf("All yields %d", n)
		}
	}
}

func TestBytesEnds(t *testing.T) {
	// Ensure (G7) that Free, FreeAll, Take, FreeObject and Close of bytes do what those of Var do.
	for _, l := range lifetimes {
		var calls []string
		var last *conn
		b := newBytes(t, l, func(obj *conn, data []byte) { calls = append(calls, string(data)); last = obj })
		obj := new(conn)
		attach := func(s string) {
			if _, err := b.Alloc(obj, []byte(s), len(s)); err != nil {
				t.Fatal(err)
			}
		}
		attach("free")
		if !b.Free(obj) || b.Free(obj) || last != obj {
			t.Fatal("Free")
		}
		attach("take")
		if got := b.Take(obj); string(got) != "take" || b.Take(obj) != nil || b.Has(obj) {
			t.Fatalf("Take = %q", got)
		}
		if _, err := b.Alloc(obj, nil, 0); err != nil {
			t.Fatal(err)
		}
		if got := b.Take(obj); got == nil {
			t.Fatal("Take of an empty variable is nil")
		}
		attach("all")
		if b.FreeAll() != 1 || l == shadow.Manual && last != nil {
			t.Fatal("FreeAll")
		}
		attach("close")
		if b.ID() != 1 || b.Name() != "bytes" || b.Close() != 1 || b.Close() != 0 || b.Get(obj) != nil || b.Len() != 0 {
			t.Fatal("Close")
		}
		_, err := b.Alloc(obj, nil, 1)
		_, _, err2 := b.GetOrAlloc(obj, nil, 1)
		if !errors.Is(err, shadow.ErrClosed) || !errors.Is(err2, shadow.ErrClosed) {
			t.Fatal(err, err2)
		}
		if len(calls) != 3 || calls[0] != "free" || calls[1] != "all" || calls[2] != "close" {
			t.Fatalf("Destroy calls %q", calls)
		}
	}
}

func TestBytesRefused(t *testing.T) {
	// Ensure that impossible sizes are ErrSize and nil parents ErrNilObject, that Get of nil is nil, and that one attachment of many wins.
	for _, l := range lifetimes {
		b := newBytes(t, l, nil)
		obj := new(conn)
		for _, size := range []int{-1, 2, -1 << 31} {
			p, err := b.Alloc(obj, []byte("abc"), size)
			q, loaded, err2 := b.GetOrAlloc(obj, []byte("abc"), size)
			if p != nil || q != nil || loaded || !errors.Is(err, shadow.ErrSize) || !errors.Is(err2, shadow.ErrSize) {
				t.Fatalf("size %d: %v, %v", size, err, err2)
			}
		}
		if p, err := b.Alloc(nil, nil, 1); p != nil || !errors.Is(err, shadow.ErrNilObject) {
			t.Fatal(err)
		}
		if b.Has(obj) || b.Get(nil) != nil || b.Has(nil) || b.Free(nil) || b.Take(nil) != nil {
			t.Fatal("refused and attached")
		}
		got := make([][]byte, 8)
		run(8, func(i int) { got[i], _, _ = b.GetOrAlloc(obj, nil, i+1) })
		for _, p := range got {
			// Safety: addresses are compared.
			if unsafe.SliceData(p) != unsafe.SliceData(got[0]) || len(p) != len(got[0]) {
				t.Fatal("GetOrAlloc gave different bytes")
			}
		}
	}
}
