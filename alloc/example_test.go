//go:build !explore

package alloc_test

import (
	"fmt"
	"sync/atomic"

	"github.com/shadowvars/shadow/alloc"
)

type point struct{ X, Y int }

func ExamplePool() {
	pool := alloc.NewPool[point](alloc.LayoutOptions{})

	// Claim, initialise, enliven, publish.
	var word atomic.Uint32 // 0: nothing; otherwise index + 1
	index, p := pool.Claim()
	*p = point{3, 4}
	pool.Enliven(index)
	word.Store(uint32(index) + 1)

	// Read: hold, load the index, look it up, keep.
	d := pool.Hold()
	if w := word.Load(); w != 0 {
		fmt.Println(*pool.At(d, alloc.Index(w-1)))
	}
	alloc.Keep(d)

	// Unpublish, free.
	if w := word.Swap(0); w != 0 {
		pool.Free(alloc.Index(w - 1))
	}
	fmt.Println(pool.Len(), *p)
	// Output:
	// {3 4}
	// 0 {3 4}
}

func ExamplePool_Range() {
	pool := alloc.NewPool[point](alloc.LayoutOptions{})
	for i := range 3 {
		index, p := pool.Claim()
		p.X = i
		pool.Enliven(index)
	}
	pool.Range(func(i alloc.Index, p *point) bool {
		if p.X == 1 {
			pool.Free(i)
		}
		return true
	})
	pool.Range(func(_ alloc.Index, p *point) bool {
		fmt.Println(p.X)
		return true
	})
	// Output:
	// 0
	// 2
}

func ExampleSlab_Occupancy() {
	var s alloc.Slab
	l := alloc.LayoutOf[point](alloc.LayoutOptions{})
	s.Init(l)
	for i := range 3 {
		index, _ := s.Claim()
		s.Enliven(index)
		if i == 0 {
			s.Free(index)
		}
	}
	for o := range s.Occupancy {
		fmt.Println(o.Live, o.Dead)
	}
	// Who must not keep the slab reachable has its figures by another way.
	var latest *alloc.Latest = s.Latest()
	fmt.Println(latest.Stats().Freed)
	// Output:
	// 2 1
	// 1
}
