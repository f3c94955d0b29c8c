package syntax

import (
	"os"
	"path/filepath"
	"testing"
)

func write(t *testing.T, root, name, text string) {
	t.Helper()
	path := filepath.Join(root, name)
	if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o666); err != nil {
		t.Fatal(err)
	}
}

func TestListAndParse(t *testing.T) {
	// Ensure tests, test data and vendored files are left out and every node of the others is listed.
	root := t.TempDir()
	write(t, root, "a/a.go", "package a\n// comment\nvar X = 1 + 2\n")
	write(t, root, "b/b.go", "package b\n")
	write(t, root, "a/a_test.go", "package a\n")
	write(t, root, "a/testdata/x.go", "not Go")
	write(t, root, "vendor/v/v.go", "package v\n")
	paths, err := List(root)
	if err != nil || len(paths) != 2 {
		t.Fatalf("listed %v, %v", paths, err)
	}
	corpus, err := Parse(paths)
	if err != nil {
		t.Fatal(err)
	}
	// File, its name, GenDecl, ValueSpec, X, the sum, 1, 2; and the other File and its name.
	if corpus.Nodes != 10 || len(corpus.Files) != 2 {
		t.Errorf("%d nodes in %d files", corpus.Nodes, len(corpus.Files))
	}
}

func TestErrors(t *testing.T) {
	// Ensure an empty root and a file that does not parse are errors.
	root := t.TempDir()
	if _, err := List(root); err == nil {
		t.Error("an empty root was listed")
	}
	write(t, root, "bad.go", "no package")
	if _, err := Parse([]string{filepath.Join(root, "bad.go")}); err == nil {
		t.Error("a bad file was parsed")
	}
}

func TestRoot(t *testing.T) {
	// Ensure the root is where the standard library is.
	root, err := Root()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(filepath.Join(root, "go", "ast", "ast.go")); err != nil {
		t.Error(err)
	}
}
