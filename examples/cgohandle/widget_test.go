//go:build cgo

package main

import (
	"strings"
	"testing"
)

func TestDemo(t *testing.T) {
	// Ensure that C objects have their Go state in callbacks, that C memory is foreign under Collected, and that nothing is left.
	var out strings.Builder
	if err := demo(&out); err != nil {
		t.Fatal(err)
	}
	const want = `clicked 1 times
clicked 2 times
under Collected: true
0 handlers left
`
	if out.String() != want {
		t.Errorf("got\n%s", out.String())
	}
}
