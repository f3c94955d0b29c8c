package main

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"
)

func TestGenerated(t *testing.T) {
	// Ensure that the committed loops are what the template makes, and that none is left of a contestant that is gone.
	for _, a := range adapters {
		want, err := a.source()
		if err != nil {
			t.Fatal(err)
		}
		got, err := os.ReadFile(filepath.Join("..", a.file()))
		if err != nil {
			t.Fatal(err)
		}
		// A checkout may have other line ends.
		if got = bytes.ReplaceAll(got, []byte("\r\n"), []byte("\n")); !bytes.Equal(got, want) {
			t.Errorf("%s is stale: run go generate ./internal/micro", a.file())
		}
	}
	found, err := filepath.Glob("../loops_*.go")
	if err != nil || len(found) != len(adapters) {
		t.Errorf("%d files for %d adapters, %v", len(found), len(adapters), err)
	}
}
