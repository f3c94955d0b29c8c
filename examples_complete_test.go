package shadow_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
)

var errorType = reflect.TypeFor[error]()

// parsed returns the declarations of the package's files that keep lets through.
func parsed(t *testing.T, keep func(name string) bool) (decls []ast.Decl) {
	t.Helper()
	names, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range names {
		if !keep(name) {
			continue
		}
		f, err := parser.ParseFile(token.NewFileSet(), name, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		decls = append(decls, f.Decls...)
	}
	return decls
}

func TestEveryNameHasAnExample(t *testing.T) {
	// Ensure that each exported name of the package has an example of its own.
	examples := make(map[string]bool)
	for _, d := range parsed(t, func(name string) bool { return strings.HasPrefix(name, "example_") }) {
		if f, ok := d.(*ast.FuncDecl); ok {
			examples[f.Name.Name] = true
		}
	}
	names := 0
	want := func(name string) {
		names++
		if !examples["Example"+name] {
			t.Errorf("%s has no example", name)
		}
	}
	for _, d := range parsed(t, func(name string) bool { return !strings.HasSuffix(name, "_test.go") }) {
		switch d := d.(type) {
		case *ast.FuncDecl:
			if !d.Name.IsExported() {
				continue
			}
			if d.Recv == nil {
				want(d.Name.Name)
			} else if of := receiver(d.Recv.List[0].Type); ast.IsExported(of) {
				want(of + "_" + d.Name.Name)
			}
		case *ast.GenDecl:
			for _, s := range d.Specs {
				switch s := s.(type) {
				case *ast.TypeSpec:
					if s.Name.IsExported() {
						want(s.Name.Name)
					}
				case *ast.ValueSpec:
					for _, n := range s.Names {
						if n.IsExported() {
							want(n.Name)
						}
					}
				}
			}
		}
	}
	if names < 90 {
		t.Errorf("only %d exported names were found", names)
	}
}

// receiver is the name of a receiver's type.
func receiver(e ast.Expr) string {
	switch e := e.(type) {
	case *ast.StarExpr:
		return receiver(e.X)
	case *ast.IndexExpr:
		return receiver(e.X)
	case *ast.IndexListExpr:
		return receiver(e.X)
	case *ast.Ident:
		return e.Name
	}
	return ""
}
