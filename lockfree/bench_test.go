package lockfree

import (
	"fmt"
	"math/rand/v2"
	"reflect"
	"testing"
)

// object is what parents in the benchmarks are: 48 bytes, with pointers.
type object struct {
	next *object
	data [5]uint64
}

var keepObjects []*object

// addresses returns the addresses of n real objects in random order.
func addresses(n int) []uint64 {
	objects := make([]*object, n)
	for i := range objects {
		objects[i] = new(object)
	}
	keepObjects = objects
	keys := make([]uint64, n)
	for i, o := range objects {
		keys[i] = uint64(reflect.ValueOf(o).Pointer())
	}
	rand.New(rand.NewPCG(1, 2)).Shuffle(n, func(i, j int) { keys[i], keys[j] = keys[j], keys[i] })
	return keys
}

var sizes = []int{1 << 10, 1 << 16, 1 << 20}

func forSizes(b *testing.B, bench func(b *testing.B, keys []uint64)) {
	for _, n := range sizes {
		keys := addresses(n)
		b.Run(fmt.Sprint(n), func(b *testing.B) { bench(b, keys) })
	}
}

func filled(keys []uint64) *Table {
	t := New(nil)
	for i, k := range keys {
		t.Insert(k, MakeWord(1, uint64(i), Value))
	}
	return t
}

var sink uint64

// BenchmarkFloor is one random load per operation from an array as big as the
// table's, at a place that a multiplication of a key yields: what no table can beat.
func BenchmarkFloor(b *testing.B) {
	forSizes(b, func(b *testing.B, keys []uint64) {
		a := filled(keys).root.Load()
		sum, j := uint64(0), 0
		for b.Loop() {
			sum += a.slot(a.home(keys[j], 1)).val.Load()
			if j++; j == len(keys) {
				j = 0
			}
		}
		sink = sum
	})
}

func BenchmarkGet(b *testing.B) {
	forSizes(b, func(b *testing.B, keys []uint64) {
		t := filled(keys)
		sum, j := uint64(0), 0
		for b.Loop() {
			sum += uint64(t.Get(keys[j], 1))
			if j++; j == len(keys) {
				j = 0
			}
		}
		sink = sum
	})
}

func BenchmarkGetMiss(b *testing.B) {
	forSizes(b, func(b *testing.B, keys []uint64) {
		t := filled(keys)
		sum, j := uint64(0), 0
		for b.Loop() {
			sum += uint64(t.Get(keys[j]+8, 1))
			if j++; j == len(keys) {
				j = 0
			}
		}
		sink = sum
	})
}

// BenchmarkGetDependent lets each key depend on the last answer, so that loads cannot overlap.
func BenchmarkGetDependent(b *testing.B) {
	forSizes(b, func(b *testing.B, keys []uint64) {
		t := filled(keys)
		w, j := uint64(0), 0
		for b.Loop() {
			w = uint64(t.Get(keys[j]+w>>63, 1))
			if j++; j == len(keys) {
				j = 0
			}
		}
		sink = w
	})
}

func BenchmarkFloorDependent(b *testing.B) {
	forSizes(b, func(b *testing.B, keys []uint64) {
		a := filled(keys).root.Load()
		w, j := uint64(0), 0
		for b.Loop() {
			w = a.slot(a.home(keys[j]+w>>63, 1)).val.Load()
			if j++; j == len(keys) {
				j = 0
			}
		}
		sink = w
	})
}

// BenchmarkInsert fills a table from empty; an operation is one insert.
func BenchmarkInsert(b *testing.B) {
	forSizes(b, func(b *testing.B, keys []uint64) {
		t, j := New(nil), 0
		for b.Loop() {
			if j == len(keys) {
				t, j = New(nil), 0
			}
			t.Insert(keys[j], MakeWord(1, uint64(j), Value))
			j++
		}
	})
}

// BenchmarkChurn deletes a pair and inserts it again.
func BenchmarkChurn(b *testing.B) {
	forSizes(b, func(b *testing.B, keys []uint64) {
		t, j := filled(keys), 0
		for b.Loop() {
			w := MakeWord(1, uint64(j), Value)
			t.Replace(keys[j], w, MakeWord(1, uint64(j), Nil))
			t.Insert(keys[j], w)
			if j++; j == len(keys) {
				j = 0
			}
		}
	})
}

// BenchmarkGetBatch answers 64 keys at a time; an operation is one key.
func BenchmarkGetBatch(b *testing.B) {
	forSizes(b, func(b *testing.B, keys []uint64) {
		t, j := filled(keys), 0
		var words [64]Word
		b.ResetTimer()
		for i := 0; i < b.N; i += len(words) {
			t.GetBatch(keys[j:j+len(words)], 1, words[:])
			if j += len(words); j == len(keys) {
				j = 0
			}
		}
		sink = uint64(words[0])
	})
}
