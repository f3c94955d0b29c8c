//go:build !explore

package alloc_test

import (
	"fmt"

	"github.com/shadowvars/shadow/alloc"
)

func ExampleSlab() {
	// A slab does not know the type of its slots; a Pool does.
	var s alloc.Slab
	s.Init(alloc.LayoutOf[point](alloc.LayoutOptions{}))
	d := s.Hold()
	index, claimed := s.Claim()
	s.Enliven(index)
	var found alloc.Pointer = s.At(d, index)
	fmt.Println(found == claimed, s.Len())
	s.Free(index)
	fmt.Println(s.Len())
	alloc.Keep(d)
	// Output:
	// true 1
	// 0
}

func ExampleLayoutOf() {
	// The smaller the slots, the more of them are allocated together.
	small := alloc.LayoutOf[[16]byte](alloc.LayoutOptions{})
	big := alloc.LayoutOf[[4096]byte](alloc.LayoutOptions{})
	apart := alloc.LayoutOf[[16]byte](alloc.LayoutOptions{Isolate: true})
	fmt.Println(small.ChunkSlots(), big.ChunkSlots(), small.Stride() < apart.Stride())
	// Output: 32 1 true
}

func ExampleLayout() {
	// A slot that holds pointers when it ends gets an allocation of its own, so that it keeps nothing alive.
	var l *alloc.Layout = alloc.LayoutOf[*point](alloc.LayoutOptions{Single: true})
	fmt.Println(l.ChunkSlots())
	// Output: 1
}

func ExampleDirectory() {
	// While a directory is held, an index that was read means one variable.
	pool := alloc.NewPool[point](alloc.LayoutOptions{})
	index, p := pool.Claim()
	pool.Enliven(index)
	var held *alloc.Directory = pool.Hold()
	pool.Free(index)
	q := pool.At(held, index) // nil once the whole chunk is free
	fmt.Println(q == nil || q == p)
	alloc.Keep(held)
	// Output: true
}

func ExamplePlace() {
	// At, step by step, for a caller into which each of the steps is inlined.
	pool := alloc.NewPool[point](alloc.LayoutOptions{})
	index, p := pool.Claim()
	pool.Enliven(index)
	d := pool.Hold()
	var at alloc.Place = d.Place(uint32(index))
	if d.Knows(at) {
		if chunk := d.Chunk(at); chunk != nil {
			fmt.Println(d.In(chunk, at) == alloc.Pointer(p))
		}
	}
	alloc.Keep(d)
	// Output: true
}

func ExampleStats() {
	pool := alloc.NewPool[point](alloc.LayoutOptions{})
	index, _ := pool.Claim()
	pool.Enliven(index)
	var st alloc.Stats = pool.Stats()
	fmt.Println(st.Live, st.LiveBytes > 0, st.Chunks)
	// Output: 1 true 1
}

func ExampleOccupancy() {
	var s alloc.Slab
	s.Init(alloc.LayoutOf[point](alloc.LayoutOptions{}))
	d := s.Hold()
	for range 3 {
		index, _ := s.Claim()
		s.Enliven(index)
	}
	live := 0
	for o := range s.Occupancy {
		live += o.Live
	}
	fmt.Println(live)
	alloc.Keep(d)
	// Output: 3
}

func ExampleLayoutOfSizes() {
	// Each slot begins with a header, behind which there is memory without pointers; what is bigger has a slot that points to it.
	type header struct{ size int }
	type large struct {
		header
		data *byte
	}
	var s alloc.Slab
	s.Init(alloc.LayoutOfSizes[header, large](false, 16, 32, 64))
	for _, size := range []int{0, 2} {
		index, _, _ := s.ClaimSize(size)
		s.Enliven(index)
	}
	fmt.Println(s.Len(), s.Stats().LiveBytes)
	// Output: 2 80
}

func ExampleSide() {
	// Each slot has a word beside it that the collector follows, though the slots themselves hold no pointers.
	var s alloc.Slab
	s.Init(alloc.LayoutOf[point](alloc.LayoutOptions{Sides: true}))
	for _, name := range []string{"here", "there"} {
		index, _, side := s.ClaimSize(0)
		*side = alloc.Pointer(&name)
		s.Enliven(index)
	}
	// Whoever looks at the words of many slots finds them side by side.
	s.RangeSides(func(first uint32, words *alloc.Side, live uint32) bool {
		for i, word := range words {
			if live&(1<<i) != 0 {
				fmt.Println(first+uint32(i), *(*string)(word), s.SideWord(first+uint32(i)) == &words[i])
			}
		}
		return true
	})
	// Output:
	// 0 here true
	// 1 there true
}
