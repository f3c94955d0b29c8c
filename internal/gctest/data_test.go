package gctest

import (
	"math/rand/v2"
	"runtime"
	"sync/atomic"
	"testing"
	"unsafe"

	"github.com/shadowvars/shadow"
)

func TestDataWithoutSize(t *testing.T) {
	// Ensure (G4) that variables of size zero are variables like others, each with an address of its own that lies within no other object.
	inLifetimes(t, func(t *testing.T, l shadow.Lifetime) {
		destroyed := 0
		v, s := open(t, l, func(*object, *struct{}) { destroyed++ })
		objects, at := make([]*object, 1000), map[*struct{}]bool{}
		for i := range objects {
			objects[i] = new(object)
			at[must(v.Alloc(objects[i], nil))] = true
		}
		if len(at) != len(objects) {
			t.Errorf("%d addresses of %d variables", len(at), len(objects))
		}
		if v.FreeIf(objects[1], v.Get(objects[2])) || !v.FreeIf(objects[1], v.Get(objects[1])) {
			t.Error("FreeIf confuses them")
		}
		runtime.GC()
		if n := v.FreeAll(); n != len(objects)-1 || destroyed != len(objects) {
			t.Errorf("FreeAll: %d, destroyed: %d", n, destroyed)
		}
		runtime.KeepAlive(objects)
		runtime.KeepAlive(s)
	})
}

type (
	kilobytes [10 << 10]byte
	megabytes [5 << 20]byte
	pointers  [200_000]*uint64
)

func bigData[T any](t *testing.T, fill func(p *T, tag byte), holds func(p *T, tag byte) bool) {
	inLifetimes(t, func(t *testing.T, l shadow.Lifetime) {
		v, s := open[object, T](t, l, nil)
		objects := make([]*object, 20)
		for i := range objects {
			objects[i] = new(object)
			must(v.AllocFunc(objects[i], func(p *T) error { fill(p, byte(i)); return nil }))
			if i%3 == 2 {
				v.Free(objects[i-1])
			}
		}
		runtime.GC()
		for i, o := range objects {
			switch p := v.Get(o); {
			case i%3 == 1 && i+1 < len(objects):
				if p != nil {
					t.Fatal("a freed variable is found")
				}
			case p == nil || !holds(p, byte(i)):
				t.Fatal("the data is not what was attached")
			}
		}
		if held := s.Stats().BytesHeld; held > uintptr(len(objects))*(unsafe.Sizeof(*new(T))+4096) {
			t.Errorf("%d bytes are held", held)
		}
		runtime.KeepAlive(objects)
		runtime.KeepAlive(s)
	})
}

func TestBigData(t *testing.T) {
	// Ensure that data bigger than any chunk, with pointers and without, is kept and let go as other data is.
	t.Run("kilobytes", func(t *testing.T) {
		bigData(t, func(p *kilobytes, tag byte) { p[0], p[len(p)-1] = tag, tag },
			func(p *kilobytes, tag byte) bool { return p[0] == tag && p[len(p)-1] == tag && p[77] == 0 })
	})
	t.Run("megabytes", func(t *testing.T) {
		bigData(t, func(p *megabytes, tag byte) { p[0], p[len(p)-1] = tag, tag },
			func(p *megabytes, tag byte) bool { return p[0] == tag && p[len(p)-1] == tag && p[1<<20] == 0 })
	})
	t.Run("pointers", func(t *testing.T) {
		bigData(t, func(p *pointers, tag byte) { p[199_999] = &[]uint64{uint64(tag), 1}[0] },
			func(p *pointers, tag byte) bool { return *p[199_999] == uint64(tag) && p[0] == nil })
	})
}

// Types with a 64-bit atomic at offsets that a 32-bit compiler aligns to 4 bytes only, were it not for the type itself.
type (
	counter   struct{ n atomic.Uint64 }
	afterByte struct {
		b byte
		n atomic.Uint64
	}
	afterPointer struct {
		p *byte
		n atomic.Int64
		b byte
	}
	afterWords struct {
		w [3]uint32
		n [3]atomic.Uint64
		b bool
	}
)

func aligned[T any](t *testing.T, isolate bool, n func(p *T) *uint64) {
	for _, l := range lifetimes {
		s := space(t)
		v := shadow.MustNew(1, &shadow.Options[object, T]{Space: s, Lifetime: l, Isolate: isolate})
		// Under Manual a parent must outlive its variable, or the next object at its address finds it.
		parents := make([]object, 500)
		for i := range parents {
			o := &parents[i]
			p := must(v.Alloc(o, nil))
			if address(n(p))%8 != 0 {
				t.Fatalf("%T under %v lies at %p", *p, l, p)
			}
			atomic.AddUint64(n(p), 1) // panics on 32-bit platforms where it is not aligned
		}
		runtime.KeepAlive(parents)
		runtime.KeepAlive(s)
	}
}

func TestAlignment(t *testing.T) {
	// Ensure that 64-bit atomics in data are aligned, on 32-bit platforms too; plain 64-bit fields at the start of the data as well.
	for _, isolate := range []bool{false, true} {
		// Safety: the first 8 bytes of n are a number of 64 bits in all of these types.
		aligned(t, isolate, func(p *counter) *uint64 { return (*uint64)(unsafe.Pointer(&p.n)) })
		aligned(t, isolate, func(p *afterByte) *uint64 { return (*uint64)(unsafe.Pointer(&p.n)) })
		aligned(t, isolate, func(p *afterPointer) *uint64 { return (*uint64)(unsafe.Pointer(&p.n)) })
		aligned(t, isolate, func(p *afterWords) *uint64 { return (*uint64)(unsafe.Pointer(&p.n[2])) })
		aligned(t, isolate, func(p *uint64) *uint64 { return p })
		aligned(t, isolate, func(p *[3]uint64) *uint64 { return &p[1] })
		aligned(t, isolate, func(p *struct {
			n uint64
			b byte
		}) *uint64 {
			return &p.n
		})
	}
	s := space(t)
	b := shadow.MustNewBytes(1, &shadow.BytesOptions[object]{Space: s})
	for size := range 600 {
		o := new(object)
		p := must(b.Alloc(o, nil, size))
		if p == nil || len(p) != size || cap(p) != size || size > 0 && address(&p[0])%8 != 0 {
			t.Fatalf("%d bytes: %v %d %d", size, p == nil, len(p), cap(p))
		}
		runtime.KeepAlive(o)
	}
	runtime.KeepAlive(s)
}

// TestIsolate: with the padding removed it failed in 3 of 3 runs (November 2026, Go 1.26.8).
func TestIsolate(t *testing.T) {
	// Ensure that with Isolate no two variables share a cache line, and that without it some do, or this test sees nothing.
	t.Run("8 bytes", isolated[counter])
	t.Run("24 bytes", isolated[[3]uint64])
	t.Run("72 bytes", isolated[[9]uint64])
	t.Run("200 bytes", isolated[[25]uint64])
	t.Run("pointer", isolated[struct {
		p *byte
		n uint64
	}])
	t.Run("no bytes", isolated[struct{}])
}

func isolated[T any](t *testing.T) {
	const line = 64
	share := func(l shadow.Lifetime, isolate bool) bool {
		s := space(t)
		v := shadow.MustNew(1, &shadow.Options[object, T]{Space: s, Lifetime: l, Isolate: isolate})
		owner := map[uintptr]int{}
		objects := make([]*object, 2000)
		found := false
		for i := range objects {
			objects[i] = new(object)
			p := must(v.Alloc(objects[i], nil))
			first, last := address(p)/line, (address(p)+max(unsafe.Sizeof(*p), 1)-1)/line
			for at := first; at <= last; at++ {
				if other, ok := owner[at]; ok && other != i {
					found = true
				}
				owner[at] = i
			}
			if rand.IntN(3) == 0 {
				_ = make([]byte, 8) // between the chunks
			}
		}
		runtime.KeepAlive(objects)
		runtime.KeepAlive(s)
		return found
	}
	for _, l := range lifetimes {
		if share(l, true) {
			t.Errorf("under %v two variables share a cache line", l)
		}
	}
	if unsafe.Sizeof(*new(T)) <= 24 && !share(shadow.Manual, false) {
		t.Error("not even without Isolate do two variables share a cache line")
	}
}
