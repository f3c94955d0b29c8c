package main

import (
	"strings"
	"testing"
)

func TestDemo(t *testing.T) {
	// Ensure that each connection counts for itself, in all three ways, and that attached state is gone with the connections, hijacked ones included.
	var out strings.Builder
	connections := 2000
	if testing.Short() {
		connections = 200
	}
	if err := demo(&out, connections); err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(out.String(), "\n")
	for i, want := range []string{"attached: ", "context: ", "map: "} {
		if !strings.HasPrefix(lines[i], want) {
			t.Fatalf("got\n%s", out.String())
		}
	}
	if !strings.HasSuffix(lines[0], " 0 states left") || !strings.HasSuffix(lines[1], " 0 states left") {
		t.Errorf("got\n%s", out.String())
	}
	// The map is told of the end of a connection, but not of one that was hijacked.
	if strings.HasSuffix(lines[2], " 0 states left") {
		t.Errorf("the map has forgotten hijacked connections: rewrite this example\n%s", out.String())
	}
}
