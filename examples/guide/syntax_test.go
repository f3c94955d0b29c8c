package guide_test

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"

	"github.com/shadowvars/shadow"
)

// Mark is what an analysis knows of a syntax node.
type Mark struct{ depth int }

// marks are of one analysis: they are freed together, at one instant, when it is done.
func markAll(file *ast.File) (marks *shadow.Any[Mark], err error) {
	marks, err = shadow.NewAny(shadow.NameID("example.com/marks"), &shadow.AnyOptions[Mark]{
		Space:    shadow.NewSpace(&shadow.SpaceOptions{Name: "analysis", Presize: 10_000}),
		Lifetime: shadow.Manual, // we hold the file as long as we use the marks
	})
	if err != nil {
		return nil, err
	}
	depth := 0
	ast.Inspect(file, func(n ast.Node) bool {
		if n == nil {
			depth--
			return true
		}
		depth++
		_, err = marks.Alloc(n, &Mark{depth})
		return err == nil
	})
	return marks, err
}

func Example_syntaxTrees() {
	file, err := parser.ParseFile(token.NewFileSet(), "x.go", "package x\n\nfunc f() int { return 1 + 2*3 }\n", 0)
	if err != nil {
		fmt.Println(err)
	}
	marks, err := markAll(file)
	if err != nil {
		fmt.Println(err)
	}
	deepest := 0
	for _, m := range marks.All() {
		deepest = max(deepest, m.depth)
	}
	fmt.Println("the file has depth", marks.Get(file).depth, "and its deepest node", deepest)
	fmt.Println(marks.FreeAll() > 10, marks.Has(file))
	// Output:
	// the file has depth 1 and its deepest node 7
	// true false
}
