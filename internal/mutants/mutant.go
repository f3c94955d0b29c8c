package main

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// mutant is one deliberate error.
type mutant struct {
	name string
	file string // from the repository's root
	in   string // the function, or Type.method, that holds old; empty if it is anywhere in the file
	old  string // occurs once there
	new  string
	by   killer
	why  string // what a user would suffer if this went unnoticed
}

// killer is the test that must fail.
type killer struct{ pkg, test, tags string }

func (k killer) String() string {
	if k.tags != "" {
		return fmt.Sprintf("%s %s (%s)", k.pkg, k.test, k.tags)
	}
	return k.pkg + " " + k.test
}

// mutants are all of them.
func mutants() []mutant {
	return slices.Concat(tableMutants, slabMutants, classMutants, parentMutants)
}

// source returns the text of the mutant's file with the error in it.
func (m mutant) source(root string) (string, error) {
	text, err := os.ReadFile(filepath.Join(root, filepath.FromSlash(m.file)))
	if err != nil {
		return "", err
	}
	return m.apply(strings.ReplaceAll(string(text), "\r\n", "\n"))
}

func (m mutant) apply(text string) (string, error) {
	from, to, err := function(text, m.in)
	if m.in == "" {
		from, to, err = 0, len(text), nil
	}
	if err != nil {
		return "", fmt.Errorf("%s: %w", m.file, err)
	}
	if n := strings.Count(text[from:to], m.old); n != 1 {
		return "", fmt.Errorf("%s: %s holds %q %d times, not once", m.file, m.in, m.old, n)
	}
	changed := text[:from] + strings.Replace(text[from:to], m.old, m.new, 1) + text[to:]
	if changed == text {
		return "", fmt.Errorf("%s: %s is not changed", m.file, m.in)
	}
	if _, err := parser.ParseFile(token.NewFileSet(), m.file, changed, parser.SkipObjectResolution); err != nil {
		return "", err
	}
	return changed, nil
}

// function returns where the function of that name is in text.
func function(text, name string) (from, to int, err error) {
	set := token.NewFileSet()
	file, err := parser.ParseFile(set, "", text, parser.SkipObjectResolution)
	if err != nil {
		return 0, 0, err
	}
	for _, d := range file.Decls {
		if f, ok := d.(*ast.FuncDecl); ok && nameOf(f) == name {
			return set.Position(f.Pos()).Offset, set.Position(f.End()).Offset, nil
		}
	}
	return 0, 0, fmt.Errorf("no function %s", name)
}

// nameOf is a function's name, for a method with its receiver's type in front.
func nameOf(f *ast.FuncDecl) string {
	if f.Recv == nil {
		return f.Name.Name
	}
	t := f.Recv.List[0].Type
	for {
		switch x := t.(type) {
		case *ast.StarExpr:
			t = x.X
		case *ast.IndexExpr:
			t = x.X
		case *ast.IndexListExpr:
			t = x.X
		case *ast.Ident:
			return x.Name + "." + f.Name.Name
		default:
			return f.Name.Name
		}
	}
}
