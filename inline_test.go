//go:build amd64 || arm64

package shadow_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"os/exec"
	"regexp"
	"strconv"
	"testing"
)

func TestGetIsInlined(t *testing.T) {
	// Ensure that Get is inlined where it is called, and what it needs of the table and the slab into it; and what writes a slot's parent into attaching.
	if testing.Short() || instrumented {
		t.Skip("compiles two packages, as they are without instrumentation")
	}
	said := func(arguments ...string) string {
		out, err := exec.Command("go", append([]string{"build", "-gcflags=-m", "-o", os.DevNull}, arguments...)...).CombinedOutput()
		if err != nil {
			t.Skipf("no compiler: %v\n%s", err, out)
		}
		return string(out)
	}
	if !regexp.MustCompile(`main\.go:.*inlining call to shadow\.\(\*Var\[.*\]\)\.Get\n`).MatchString(said("./examples/livepatch")) {
		t.Error("Get is not inlined into its caller")
	}
	from, to := linesOf(t, "class.go", "getFast")
	inGet := map[string]bool{}
	root := said(".")
	if !regexp.MustCompile(`attach\.go:.*inlining call to \(\*class\)\.adopt\n`).MatchString(root) {
		t.Error("adopt is not inlined")
	}
	for _, m := range regexp.MustCompile(`class\.go:(\d+):\d+: inlining call to (.+)\n`).FindAllStringSubmatch(root, -1) {
		if line, _ := strconv.Atoi(m[1]); from <= line && line <= to {
			inGet[m[2]] = true
		}
	}
	for _, f := range []string{"lockfree.(*Table).Line", "lockfree.(*Line).Back", "lockfree.(*Line).Front", "lockfree.Word.Chosen", "lockfree.(*Line).Absent", "alloc.(*Directory).Sided", "alloc.(*Directory).SideWord",
		"alloc.(*Slab).Hold", "alloc.(*Directory).Knows", "alloc.(*Directory).Chunk", "alloc.(*Directory).In"} {
		if !inGet[f] {
			t.Errorf("%s is not inlined into getFast", f)
		}
	}
}

// linesOf are the first and the last line of a function.
func linesOf(t *testing.T, file, function string) (from, to int) {
	set := token.NewFileSet()
	syntax, err := parser.ParseFile(set, file, nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	for _, d := range syntax.Decls {
		if f, ok := d.(*ast.FuncDecl); ok && f.Name.Name == function {
			return set.Position(f.Pos()).Line, set.Position(f.End()).Line
		}
	}
	t.Fatalf("no function %s in %s", function, file)
	return 0, 0
}
