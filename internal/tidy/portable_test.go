package tidy

import (
	"go/ast"
	"go/build/constraint"
	"regexp"
	"slices"
	"strings"
)

// These rules are about what the compiler makes of the code.

// noLinkname wants no function that another package has not exported. Assembly is looked for among the files that are not Go's.
func noLinkname(files []*source) (bad []string) {
	for _, s := range files {
		for _, group := range s.syntax.Comments {
			for _, c := range group.List {
				if strings.HasPrefix(c.Text, "//go:"+"linkname") {
					bad = append(bad, s.at(c.Pos(), "linkname"))
				}
			}
		}
	}
	return bad
}

// noRaceOnlyCode wants the race detector, and the memory and address sanitizers, to see the very code that is shipped.
func noRaceOnlyCode(files []*source) (bad []string) {
	for _, s := range files {
		if s.isTest() {
			continue
		}
		for _, group := range s.syntax.Comments {
			for _, c := range group.List {
				if !constraint.IsGoBuild(c.Text) {
					continue
				}
				x, err := constraint.Parse(c.Text)
				if err != nil {
					bad = append(bad, s.at(c.Pos(), "%v", err))
					continue
				}
				x.Eval(func(tag string) bool {
					if slices.Contains([]string{"race", "msan", "asan"}, tag) {
						bad = append(bad, s.at(c.Pos(), "other code under %s", tag))
					}
					return false
				})
			}
		}
	}
	return bad
}

// longest is how many lines a function may have; a table of cases in a test is no function that has to be followed.
const longest = 70

// functionsAreShort wants functions that fit a screen.
func functionsAreShort(files []*source) (bad []string) {
	for _, s := range files {
		if s.isTest() {
			continue
		}
		for _, d := range s.syntax.Decls {
			if f, ok := d.(*ast.FuncDecl); ok && s.line(f.End())-s.line(f.Pos()) >= longest {
				bad = append(bad, s.at(f.Pos(), "%s has %d lines", f.Name.Name, s.line(f.End())-s.line(f.Pos())+1))
			}
		}
	}
	return bad
}

// ownPanic is a message that says where it comes from.
var ownPanic = regexp.MustCompile(`^"[a-z]+: `)

// panicsSayWhere wants what the library panics with by itself to name its package. What a function named Must panics with is its caller's error, and
// what has been recovered goes on as it was.
func panicsSayWhere(files []*source) (bad []string) {
	for _, s := range files {
		if !slices.Contains(library, s.directory()) || s.isTest() {
			continue
		}
		for _, d := range s.syntax.Decls {
			f, ok := d.(*ast.FuncDecl)
			if !ok || strings.HasPrefix(f.Name.Name, "Must") {
				continue
			}
			ast.Inspect(f, func(n ast.Node) bool {
				call, ok := n.(*ast.CallExpr)
				if !ok {
					return true
				}
				if name, ok := call.Fun.(*ast.Ident); !ok || name.Name != "panic" {
					return true
				}
				switch x := call.Args[0].(type) {
				case *ast.BasicLit:
					if !ownPanic.MatchString(x.Value) {
						bad = append(bad, s.at(call.Pos(), "a panic that does not say where it comes from"))
					}
				case *ast.Ident: // the error of a call: Must's business
					bad = append(bad, s.at(call.Pos(), "a panic with somebody else's %s outside of Must", x.Name))
				}
				return true
			})
		}
	}
	return bad
}

// goroutinesAreKnown wants the packages that are explored to start goroutines by atomic.Go alone: one started by a go statement would take
// steps in an exploration that it is no thread of.
func goroutinesAreKnown(files []*source) (bad []string) {
	for _, s := range files {
		if s.isTest() || !slices.Contains([]string{".", "lockfree", "alloc"}, s.directory()) {
			continue
		}
		ast.Inspect(s.syntax, func(n ast.Node) bool {
			if g, ok := n.(*ast.GoStmt); ok {
				bad = append(bad, s.at(g.Pos(), "a go statement instead of atomic.Go"))
			}
			return true
		})
	}
	return bad
}
