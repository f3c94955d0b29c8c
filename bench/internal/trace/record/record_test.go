package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/shadowvars/shadow/bench/internal/trace"
)

func TestRecord(t *testing.T) {
	// Ensure a recording can be made with the present Go, and holds what a compilation must have: births, deaths, and a limit that is kept.
	file := filepath.Join(t.TempDir(), "errors.trace.gz")
	for _, most := range []int{0, 500} {
		if err := record("errors", 25, most, file); err != nil {
			t.Fatal(err)
		}
		opened, err := os.Open(file)
		if err != nil {
			t.Fatal(err)
		}
		r, err := trace.Read(opened)
		opened.Close()
		if err != nil {
			t.Fatal(err)
		}
		if most == 0 && r.Births() < 1000 || most > 0 && r.Births() != most || !strings.Contains(r.Source, "errors") {
			t.Errorf("at most %d: %s", most, r.Describe())
		}
	}
	if err := record("no/such/package", 25, 0, file); err == nil {
		t.Error("a package that is not there was recorded")
	}
}

func TestWithoutEvents(t *testing.T) {
	// Ensure what is no trace, or one without allocations, is an error.
	if _, err := read(strings.NewReader("nothing"), 0); err == nil {
		t.Error("a text was read as a trace")
	}
}

func TestParents(t *testing.T) {
	// Ensure objects of named types with pointers count as parents, and slices, maps, closures, small and big ones do not.
	for _, c := range []struct {
		name           string
		size, pointers uint64
		isParent       bool
	}{
		{"syntax.Name", 72, 40, true},
		{"types2.Named", 200, 100, true},
		{"list.List[*cmd/compile/internal/ir.Name]", 48, 48, true},
		{"cmd/compile/internal/ir.Name", 160, 100, true},
		{"ir.Node", 16, 16, false},
		{"big.Table", 4096, 8, false},
		{"token.Positions", 48, 0, false},
		{"*ir.Name", 24, 8, false},
		{"[]ir.Name", 24, 8, false},
		{"map[string]ir.Name", 48, 8, false},
		{"map.group[ir.Node]*ssa.Value", 200, 200, false},
		{"func(ir.Node) bool", 24, 8, false},
		{"struct { F uintptr; X0 *ir.Name }", 24, 16, false},
		{"maps.table", 32, 32, false},
		{"runtime.sliceInterfacePtr", 24, 8, false},
		{"string", 24, 8, false},
		{"", 0, 0, false},
	} {
		if got := (objectType{c.size, c.pointers, c.name}).isParent(); got != c.isParent {
			t.Errorf("%s of %d bytes: %v", c.name, c.size, got)
		}
	}
}
