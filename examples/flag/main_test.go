package main

import (
	"strings"
	"testing"
)

func TestDemo(t *testing.T) {
	// Ensure that presence alone tells requests of the new version from those in flight.
	var out strings.Builder
	demo(&out)
	const want = `ann: 7 bytes, validated late
bob: refused, accepted before the fix with size 4000
cyd: 12 bytes
dan: 100 bytes
`
	if out.String() != want {
		t.Errorf("got\n%s", out.String())
	}
}
