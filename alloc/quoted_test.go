package alloc_test

import (
	"sync/atomic"

	"github.com/shadowvars/shadow/alloc"
)

// What Pool quotes.
var _ = func(pool *alloc.Pool[int], word *atomic.Uint32) *int {
	h := pool.Hold()
	v := pool.At(h, alloc.Index(word.Load()))
	alloc.Keep(h)
	return v
}
