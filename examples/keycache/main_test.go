package main

import (
	"errors"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
)

func TestDemo(t *testing.T) {
	// Ensure that values are computed once per key, again when the key has changed, and are gone when the keys are.
	var out strings.Builder
	if err := demo(&out); err != nil {
		t.Fatal(err)
	}
	const want = `300 lookups, 3 computed, 3 cached
after a change of the key: the same false, 4 computed, 3 cached
keys gone: 0 cached
`
	if out.String() != want {
		t.Errorf("got\n%s", out.String())
	}
}

func TestCache(t *testing.T) {
	// Ensure that concurrent callers share one computation, and that a failed one is returned and not kept.
	type key struct{ name *string }
	c := NewCache[key, int]("test")
	k, no := new(key), errors.New("no")
	always := func(*int) bool { return true }
	if _, err := c.Get(k, func() (*int, error) { return nil, no }, always); err != no || c.Len() != 0 {
		t.Fatal(err)
	}
	var computed atomic.Int32
	var wg sync.WaitGroup
	for range 50 {
		wg.Go(func() {
			v, err := c.Get(k, func() (*int, error) { computed.Add(1); return new(7), nil }, always)
			if err != nil || *v != 7 {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if computed.Load() != 1 {
		t.Errorf("computed %d times", computed.Load())
	}
}
