package parent

import (
	"fmt"
	"math/rand/v2"
	"reflect"
	"runtime"
	"testing"
	"unsafe"
)

func BenchmarkClassify(b *testing.B) {
	o := new(object)
	defer runtime.KeepAlive(o)
	for _, c := range []struct {
		name     string
		classify func(unsafe.Pointer) Kind
		p        unsafe.Pointer
	}{
		{"known", Classify, pointer(o)},
		{"asked", classifySlow, pointer(o)},
		{"immortal", Classify, pointer(&packageVariable)},
		// Safety: the address is only classified.
		{"foreign", Classify, pointer(unsafe.StringData("constant bytes"))},
	} {
		b.Run(c.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				c.classify(c.p)
			}
		})
	}
}

func BenchmarkMake(b *testing.B) {
	for _, m := range modes() {
		b.Run("fresh/"+m.name, func(b *testing.B) {
			objects, handles := make([]*object, b.N), make([]Handle, b.N)
			for i := range objects {
				objects[i] = new(object)
			}
			b.ReportAllocs()
			b.ResetTimer()
			for i, o := range objects {
				handles[i] = m.make(pointer(o))
			}
			runtime.KeepAlive(objects)
			runtime.KeepAlive(handles)
		})
		b.Run("repeated/"+m.name, func(b *testing.B) {
			p := pointer(new(object))
			h := m.make(p)
			b.ReportAllocs()
			for b.Loop() {
				m.make(p)
			}
			runtime.KeepAlive(h)
		})
	}
}

func BenchmarkIs(b *testing.B) {
	for _, n := range []int{1, 1 << 20} {
		objects := make([]*object, n)
		for i := range objects {
			objects[i] = new(object)
		}
		for _, mode := range []struct {
			name string
			make func(unsafe.Pointer) Handle
			is   func(Handle, uintptr) bool
		}{
			{"exported", Make, func(h Handle, addr uintptr) bool { return h.Is(addr) }},
			{"boxed", makeBox, boxIs},
		} {
			handles := make([]Handle, n)
			for i, o := range objects {
				handles[i] = mode.make(pointer(o))
			}
			// Neither objects nor handles are read in the order of their addresses.
			rand.Shuffle(n, func(i, j int) {
				objects[i], objects[j] = objects[j], objects[i]
				handles[i], handles[j] = handles[j], handles[i]
			})
			runtime.GC()
			b.Run(fmt.Sprintf("%s/%d", mode.name, n), func(b *testing.B) {
				misses, i := 0, 0
				for b.Loop() {
					// Safety: only the number of an address is looked at.
					if !mode.is(handles[i], uintptr(unsafe.Pointer(objects[i]))) {
						misses++
					}
					if i++; i == n {
						i = 0
					}
				}
				if misses > 0 {
					b.Fatal("a living object is not found")
				}
			})
		}
		runtime.KeepAlive(objects)
	}
}

func BenchmarkPointInto(b *testing.B) {
	type data struct {
		a, b *int
		s    string
		e    any
	}
	f := SelfPointers(reflect.TypeFor[data]())
	value := new(data)
	for b.Loop() {
		// Safety: value is of the type that f was made of.
		f.PointInto(unsafe.Pointer(value), 1<<20, 64)
	}
}
