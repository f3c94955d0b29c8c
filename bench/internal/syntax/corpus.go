// Package syntax parses the Go standard library: millions of objects of a few dozen types that
// nobody can add a field to, which is what attached data is for.
package syntax

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
)

// File is one parsed file and all its nodes in the order ast.Inspect visits them.
type File struct {
	Tree  *ast.File
	Nodes []ast.Node
}

// Corpus is what was parsed.
type Corpus struct {
	Files []*File
	Nodes int
}

// Root is where the source of the running Go distribution lies. The go command knows it; a binary
// built with -trimpath does not.
func Root() (string, error) {
	out, err := exec.Command("go", "env", "GOROOT").Output()
	if err != nil {
		return "", fmt.Errorf("asking go env for GOROOT: %w", err)
	}
	return filepath.Join(strings.TrimSpace(string(out)), "src"), nil
}

// List returns the distribution's Go files, commands included, without tests, test data and vendored copies.
func List(root string) (paths []string, err error) {
	err = filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case entry.IsDir() && (entry.Name() == "testdata" || entry.Name() == "vendor"):
			return fs.SkipDir
		case !entry.IsDir() && strings.HasSuffix(path, ".go") && !strings.HasSuffix(path, "_test.go"):
			paths = append(paths, path)
		}
		return nil
	})
	if err == nil && len(paths) == 0 {
		err = fmt.Errorf("no Go files under %s", root)
	}
	return paths, err
}

// Read reads the files and forgets them: who parses them then finds them in memory.
func Read(paths []string) error {
	for _, path := range paths {
		if _, err := os.ReadFile(path); err != nil {
			return err
		}
	}
	return nil
}

// Parse parses the files, on all processors. Comments are skipped, and so are the parser's own objects,
// which would tie nodes together across a file.
func Parse(paths []string) (*Corpus, error) {
	files := make([]*File, len(paths))
	var next atomic.Int64
	var failed atomic.Pointer[error]
	var finished sync.WaitGroup
	for range runtime.GOMAXPROCS(0) {
		finished.Go(func() {
			for {
				i := int(next.Add(1)) - 1
				if i >= len(paths) {
					return
				}
				tree, err := parser.ParseFile(token.NewFileSet(), paths[i], nil, parser.SkipObjectResolution)
				if err != nil {
					failed.Store(&err)
					return
				}
				files[i] = &File{Tree: tree, Nodes: NodesOf(tree)}
			}
		})
	}
	finished.Wait()
	if err := failed.Load(); err != nil {
		return nil, *err
	}
	return NewCorpus(files), nil
}

// NewCorpus returns the corpus of these files.
func NewCorpus(files []*File) *Corpus {
	corpus := &Corpus{Files: files}
	for _, file := range files {
		corpus.Nodes += len(file.Nodes)
	}
	return corpus
}

// NodesOf lists all nodes of a tree.
func NodesOf(tree *ast.File) (nodes []ast.Node) {
	ast.Inspect(tree, func(node ast.Node) bool {
		if node != nil {
			nodes = append(nodes, node)
		}
		return true
	})
	// Append left up to a quarter unused, which would count as the parser's memory.
	return slices.Clip(slices.Clone(nodes))
}
