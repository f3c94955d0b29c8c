package tidy

import (
	"go/ast"
	"slices"
	"strings"
)

// These rules are about what users see: the exported names of the packages that they may import.

// private are the directories of what nobody imports.
var private = []string{"internal", "examples", "bench", "stress", "fuzz", "tools"}

// isPublic tells whether a file belongs to a package for users, in a normal build.
func isPublic(s *source) bool {
	top, _, _ := strings.Cut(s.directory(), "/")
	return !s.isTest() && s.syntax.Name.Name != "main" && !slices.Contains(private, top) && !strings.HasSuffix(s.name, "_explore.go")
}

// export is an exported name: of a function, a type, a constant or a variable, or "T_m" of a method m.
type export struct {
	name       string
	at         ast.Node
	documented bool
	constant   bool // or a variable
}

// exports are the exported names of a file.
func exports(s *source) (found []export) {
	for _, d := range s.syntax.Decls {
		switch d := d.(type) {
		case *ast.FuncDecl:
			name := d.Name.Name
			if d.Recv != nil {
				of := receiver(d.Recv.List[0].Type)
				if !ast.IsExported(of) {
					continue
				}
				name = of + "_" + name
			}
			if d.Name.IsExported() {
				found = append(found, export{name: name, at: d, documented: d.Doc != nil})
			}
		case *ast.GenDecl:
			for _, spec := range d.Specs {
				switch spec := spec.(type) {
				case *ast.TypeSpec:
					if spec.Name.IsExported() {
						found = append(found, export{name: spec.Name.Name, at: spec, documented: d.Doc != nil || spec.Doc != nil || spec.Comment != nil})
					}
				case *ast.ValueSpec:
					for _, name := range spec.Names {
						if name.IsExported() {
							found = append(found, export{name.Name, name, d.Doc != nil || spec.Doc != nil || spec.Comment != nil, true})
						}
					}
				}
			}
		}
	}
	return found
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

// publicIsDocumented wants a comment at every exported name, and one at the package.
func publicIsDocumented(files []*source) (bad []string) {
	packageDoc, first := false, (*source)(nil)
	for _, s := range files {
		if !isPublic(s) {
			continue
		}
		if first == nil {
			first = s
		}
		packageDoc = packageDoc || s.syntax.Doc != nil
		for _, e := range exports(s) {
			if !e.documented {
				bad = append(bad, s.at(e.at.Pos(), "%s has no comment", e.name))
			}
		}
	}
	if first != nil && !packageDoc {
		bad = append(bad, first.name+": the package has no comment")
	}
	return bad
}

// publicHasExamples wants an example of every exported function and type: of its own, of one of its methods, or at least one that uses it. Package shadow holds
// itself to more (TestEveryNameHasAnExample).
func publicHasExamples(files []*source) (bad []string) {
	examples := map[string]bool{}
	for _, s := range files {
		if s.isTest() {
			functions(s, "Example", func(f *ast.FuncDecl) {
				name := strings.TrimPrefix(f.Name.Name, "Example")
				examples[name] = true
				of, _, _ := strings.Cut(name, "_")
				examples[of] = true
				ast.Inspect(f.Body, func(n ast.Node) bool {
					if used, ok := n.(*ast.SelectorExpr); ok {
						examples[used.Sel.Name] = true
					}
					return true
				})
			})
		}
	}
	for _, s := range files {
		if !isPublic(s) {
			continue
		}
		for _, e := range exports(s) {
			if !e.constant && !strings.Contains(e.name, "_") && !examples[e.name] {
				bad = append(bad, s.at(e.at.Pos(), "%s has no example", e.name))
			}
		}
	}
	return bad
}
