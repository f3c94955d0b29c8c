package parent

import (
	"math/rand/v2"
	"testing"
)

func TestRegions(t *testing.T) {
	// Ensure that a set of regions answers as a map does, at the edges of
	// words, leaves and the address space too.
	r, model := new(regions), map[uint64]bool{}
	limit := uint64(1) << min(addressBits, wordSize*8)
	edges := []uint64{0, 1, 31, 32, leafRegions - 1, leafRegions, limit>>regionBits - 1}
	for range 2000 {
		edges = append(edges, rand.Uint64N(limit>>regionBits))
	}
	for i, number := range edges {
		number %= limit >> regionBits
		addr := number<<regionBits + rand.Uint64N(1<<regionBits)
		if r.has(uintptr(addr)) != model[number] {
			t.Fatalf("region %d before it is added: %v", number, !model[number])
		}
		if i%2 == 0 {
			r.add(uintptr(addr))
			model[number] = true
		}
	}
	for _, number := range edges {
		number %= limit >> regionBits
		for _, addr := range []uint64{number << regionBits, (number+1)<<regionBits - 1} {
			if r.has(uintptr(addr)) != model[number] {
				t.Fatalf("region %d: %v", number, !model[number])
			}
		}
	}
}

func TestAddressesBeyond(t *testing.T) {
	// Ensure that addresses beyond the table are never remembered.
	if wordSize == 4 {
		t.Skip("the table covers all addresses")
	}
	r := new(regions)
	for _, addr := range []uint64{1 << addressBits, 1<<addressBits + 5<<regionBits, ^uint64(0)} {
		r.add(uintptr(addr))
		if r.has(uintptr(addr)) || r.has(uintptr(addr%(1<<addressBits))) {
			t.Errorf("%#x is remembered", addr)
		}
	}
}
