package tidy

import (
	"bytes"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strings"
	"testing"
)

// module is the path of the root module.
const module = "github.com/shadowvars/shadow"

// source is one file.
type source struct {
	name   string // with the path from the root of the repository
	text   string
	syntax *ast.File
	set    *token.FileSet
}

func (s *source) isTest() bool      { return strings.HasSuffix(s.name, "_test.go") }
func (s *source) directory() string { return path.Dir(s.name) }

// line is the line of a position.
func (s *source) line(p token.Pos) int { return s.set.Position(p).Line }

// at complains of a line.
func (s *source) at(p token.Pos, format string, args ...any) string {
	return fmt.Sprintf("%s:%d: %s", s.name, s.line(p), fmt.Sprintf(format, args...))
}

func parse(name, text string) (*source, error) {
	set := token.NewFileSet()
	syntax, err := parser.ParseFile(set, name, text, parser.ParseComments|parser.SkipObjectResolution)
	return &source{name, text, syntax, set}, err
}

// repository parses all Go files below the root, by directory, whatever their build constraints.
func repository(t *testing.T) map[string][]*source {
	t.Helper()
	root, err := filepath.Abs("../..")
	if err != nil {
		t.Fatal(err)
	}
	all := map[string][]*source{}
	err = fs.WalkDir(os.DirFS(root), ".", func(name string, entry fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case entry.IsDir() && name != "." && (strings.HasPrefix(entry.Name(), ".") || entry.Name() == "testdata"):
			return fs.SkipDir
		case entry.IsDir() || path.Ext(name) != ".go":
			return nil
		}
		text, err := os.ReadFile(filepath.Join(root, filepath.FromSlash(name)))
		if err != nil {
			return err
		}
		// A checkout may have other line ends.
		s, err := parse(name, string(bytes.ReplaceAll(text, []byte("\r\n"), []byte("\n"))))
		if err != nil {
			return err
		}
		all[s.directory()] = append(all[s.directory()], s)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(all["."]) == 0 {
		t.Fatal("the root package was not found")
	}
	return all
}

// functions calls visit for the functions of a file whose names start with a prefix.
func functions(s *source, prefix string, visit func(f *ast.FuncDecl)) {
	for _, d := range s.syntax.Decls {
		if f, ok := d.(*ast.FuncDecl); ok && f.Recv == nil && f.Body != nil && strings.HasPrefix(f.Name.Name, prefix) {
			visit(f)
		}
	}
}
