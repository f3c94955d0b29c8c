package tidy

import (
	"go/doc/comment"
	"go/parser"
	"go/token"
	"slices"
	"testing"
)

// isCode tells whether the text is Go, declarations or statements, and no table or command that is set like code.
func isCode(text string) bool {
	for _, whole := range []string{"package p\n" + text, "package p\nfunc _() {\n" + text + "\n}"} {
		if _, err := parser.ParseFile(token.NewFileSet(), "", whole, parser.SkipObjectResolution); err == nil {
			return true
		}
	}
	return false
}

// commentedCode wants the Go blocks of a file's comments to stand in the code of one of the files. Lines of a comment are
// none, because they begin with its slashes.
func commentedCode(s *source, files []*source) (bad []string) {
	for _, group := range s.syntax.Comments {
		for _, b := range new(comment.Parser).Parse(group.Text()).Content {
			code, ok := b.(*comment.Code)
			if ok && isCode(code.Text) && !slices.ContainsFunc(files, func(s *source) bool { return contains(s.text, code.Text) }) {
				bad = append(bad, s.at(group.Pos(), "no Go file has\n%s", code.Text))
			}
		}
	}
	return bad
}

func TestCommentedCode(t *testing.T) {
	// Ensure that Go code in the comments of packages that users see is quoted from what is compiled.
	var files []*source
	for _, of := range repository(t) {
		files = append(files, of...)
	}
	for _, s := range files {
		if !isPublic(s) {
			continue
		}
		for _, complaint := range commentedCode(s, files) {
			t.Error(complaint)
		}
	}
}

func TestCommentedCodeBites(t *testing.T) {
	// Ensure that code in a comment that stands nowhere is found, a table or a command is not taken for code, and a comment does not quote itself.
	quoted, err := parse("b.go", "package b\n\nfunc f() {\n\tg(1) // once\n}\n")
	if err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		text string
		bad  int
	}{
		{"// Package a is.\n//\n//\tg(1) // once\npackage a\n", 0},
		{"// Package a is.\n//\n//\tg(2)\npackage a\n", 1},
		{"package a\n\n// F is.\n//\n//\tvar x = g(2)\n//\n// and\n//\n//\th(3)\nfunc F() {}\n", 2},
		{"// Package a is.\n//\n//\tgo run ./a\n//\n//\tabsent    never there\npackage a\n", 0},
	} {
		s, err := parse("a.go", test.text)
		if err != nil {
			t.Fatal(err)
		}
		if got := commentedCode(s, []*source{s, quoted}); len(got) != test.bad {
			t.Errorf("%q of %q, want %d", got, test.text, test.bad)
		}
	}
}
