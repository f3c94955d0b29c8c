package tidy

import (
	"io/fs"
	"net/url"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// texts reads the files of the repository with one of the extensions, by name; all text files if none is given.
func texts(t *testing.T, extensions ...string) map[string]string {
	t.Helper()
	root, err := filepath.Abs("../..")
	if err != nil {
		t.Fatal(err)
	}
	found := map[string]string{}
	err = fs.WalkDir(os.DirFS(root), ".", func(name string, entry fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case entry.IsDir() && (entry.Name() == ".git" || entry.Name() == "testdata"):
			return fs.SkipDir
		case name == ".git" || !entry.Type().IsRegular() || len(extensions) > 0 && !slices.Contains(extensions, path.Ext(name)):
			return nil
		}
		text, err := os.ReadFile(filepath.Join(root, filepath.FromSlash(name)))
		if err == nil && !strings.ContainsRune(string(text), 0) {
			found[name] = strings.ReplaceAll(string(text), "\r\n", "\n")
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(found) < 5 {
		t.Fatalf("only %d files were found", len(found))
	}
	return found
}

// shape is code without what depends on where it stands: the indentation that all its lines share, and blank lines at its ends.
func shape(code string) string {
	lines := strings.Split(strings.Trim(code, "\n"), "\n")
	shared := -1
	for i, line := range lines {
		line = strings.TrimRight(line, " \t")
		lines[i] = line
		if indent := len(line) - len(strings.TrimLeft(line, "\t")); line != "" && (shared < 0 || indent < shared) {
			shared = indent
		}
	}
	for i, line := range lines {
		if line != "" {
			lines[i] = line[shared:]
		}
	}
	return strings.Join(lines, "\n")
}

// contains tells whether code stands in the text, line by line, at whatever indentation.
func contains(text, code string) bool {
	want := strings.Split(shape(code), "\n")
	lines := strings.Split(text, "\n")
	for i := range len(lines) - len(want) + 1 {
		if strings.TrimSpace(lines[i]) == strings.TrimSpace(want[0]) && shape(strings.Join(lines[i:i+len(want)], "\n")) == strings.Join(want, "\n") {
			return true
		}
	}
	return false
}

// codeIsCompiled wants every Go block of a document to be a program, which TestDocumentedPrograms runs, or to stand in a Go file.
func codeIsCompiled(name, text string, files []*source) (bad []string) {
	for _, m := range block.FindAllStringSubmatch(text, -1) {
		if strings.HasPrefix(m[1], "package ") || slices.ContainsFunc(files, func(s *source) bool { return contains(s.text, m[1]) }) {
			continue
		}
		bad = append(bad, name+": no Go file has\n"+m[1])
	}
	return bad
}

func TestDocumentedCode(t *testing.T) {
	// Ensure that all Go code in documents is compiled: what is no program of its own is quoted from a file that is compiled and tested.
	var files []*source
	for _, of := range repository(t) {
		files = append(files, of...)
	}
	for name, text := range texts(t, ".md") {
		for _, complaint := range codeIsCompiled(name, text, files) {
			t.Error(complaint)
		}
	}
}

func TestDocumentedPrograms(t *testing.T) {
	// Ensure that the programs in documents other than the README, which has a test of its own, run.
	for name, text := range texts(t, ".md") {
		for _, m := range block.FindAllStringSubmatch(text, -1) {
			if name == "README.md" || !strings.HasPrefix(m[1], "package ") {
				continue
			}
			if output, err := run(t, m[1]); err != nil {
				t.Errorf("%s: %v\n%s\n%s", name, err, m[1], output)
			}
		}
	}
}

var (
	// fence is a block of code, and span code within a line: nothing in them is a link.
	fence = regexp.MustCompile("(?ms)^```.*?^```$")
	span  = regexp.MustCompile("`[^`\n]*`")
	// link is [text](target) or ![picture](target), and reference [name]: target.
	link      = regexp.MustCompile(`\]\(([^()\s]*(?:\([^()\s]*\))?[^()\s]*)(?:\s+"[^"]*")?\)`)
	reference = regexp.MustCompile(`(?m)^\[[^\]]+\]:\s*(\S+)`)
	attribute = regexp.MustCompile(`(?:src|href|srcset)="([^"]*)"`)
	heading   = regexp.MustCompile(`(?m)^#+ +(.*)$`)
	dropped   = regexp.MustCompile(`[^\p{L}\p{N} _-]`)
)

// anchors are the names by which GitHub knows the headings of a document.
func anchors(text string) (names []string) {
	for _, m := range heading.FindAllStringSubmatch(fence.ReplaceAllString(text, ""), -1) {
		names = append(names, strings.ReplaceAll(dropped.ReplaceAllString(strings.ToLower(m[1]), ""), " ", "-"))
	}
	return names
}

// targets are what a document links to.
func targets(text string) (found []string) {
	text = fence.ReplaceAllString(text, "")
	for _, m := range attribute.FindAllStringSubmatch(text, -1) {
		found = append(found, m[1])
	}
	text = span.ReplaceAllString(text, "code")
	for _, kind := range []*regexp.Regexp{link, reference} {
		for _, m := range kind.FindAllStringSubmatch(text, -1) {
			found = append(found, m[1])
		}
	}
	return found
}

// linksLead wants every link of a document to lead somewhere: a relative one to a file or directory that is there, and to a heading in it; an external
// one to be well formed and https. exists tells whether there is a file, and documents has the texts.
func linksLead(name string, documents map[string]string, exists func(name string) bool) (bad []string) {
	for _, target := range targets(documents[name]) {
		u, err := url.Parse(target)
		switch {
		case err != nil || target == "":
			bad = append(bad, name+": "+target+" is no link")
		case u.Scheme != "" || u.Host != "":
			if u.Scheme != "https" || !strings.Contains(u.Host, ".") || u.User != nil {
				bad = append(bad, name+": "+target+" is no https address")
			}
		default:
			file := name
			if u.Path != "" {
				file = path.Join(path.Dir(name), u.Path)
			}
			if strings.HasPrefix(u.Path, "/") || strings.HasPrefix(file, "../") || !exists(file) {
				bad = append(bad, name+": "+target+" is not there")
			} else if text, ok := documents[file]; u.Fragment != "" && (!ok || !slices.Contains(anchors(text), u.Fragment)) {
				bad = append(bad, name+": "+target+" is no heading")
			}
		}
	}
	return bad
}

func TestLinks(t *testing.T) {
	// Ensure that every link in every document leads somewhere.
	documents := texts(t, ".md")
	links := 0
	for name := range documents {
		links += len(targets(documents[name]))
		for _, complaint := range linksLead(name, documents, func(name string) bool {
			_, err := os.Stat(filepath.Join("../..", filepath.FromSlash(name)))
			return err == nil
		}) {
			t.Error(complaint)
		}
	}
	if links < 10 {
		t.Errorf("only %d links were found", links)
	}
}

// shown is a test that a document names, with the file that it is in.
var shown = regexp.MustCompile("\\[`(Test[A-Za-z0-9_]*)`\\]\\(([^)]+_test\\.go)\\)")

// named is any mention of a test.
var named = regexp.MustCompile("`(Test[A-Z][A-Za-z0-9_]*)`")

// testsAreThere wants each test that a document names to be linked to a file that has it.
func testsAreThere(name, text string, read func(name string) string) (bad []string) {
	linked := map[string]bool{}
	for _, m := range shown.FindAllStringSubmatch(text, -1) {
		linked[m[1]] = true
		if !strings.Contains(read(path.Join(path.Dir(name), m[2])), "func "+m[1]+"(t *testing.T)") {
			bad = append(bad, name+": "+m[2]+" has no "+m[1])
		}
	}
	for _, m := range named.FindAllStringSubmatch(text, -1) {
		if !linked[m[1]] {
			bad = append(bad, name+": "+m[1]+" is named and not linked to")
		}
	}
	return bad
}

func TestComparison(t *testing.T) {
	// Ensure that the tests by which docs/comparison.md shows what it says are there.
	const name = "docs/comparison.md"
	text := texts(t, ".md")[name]
	files := texts(t, ".go")
	if n := len(shown.FindAllString(text, -1)); n < 30 {
		t.Errorf("it names %d tests", n)
	}
	for _, complaint := range testsAreThere(name, text, func(name string) string { return files[name] }) {
		t.Error(complaint)
	}
}

func TestDocumentRules(t *testing.T) {
	// Ensure that the rules of documents bite, and spare what only looks like a breach.
	go1, err := parse("a_test.go", "package a\n\nfunc Example_x() {\n\tif x {\n\t\tf()\n\t\tg()\n\t}\n}\n")
	if err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		text string
		bad  int
	}{
		{"```go\nf()\ng()\n```\n", 0},
		{"```go\nif x {\n\tf()\n\tg()\n}\n```\n", 0},
		{"```go\nf()\n\tg()\n```\n", 1},
		{"```go\nh()\n```\n\n```go\nf()\n```\n\n```\nh()\n```\n", 1},
		{"```go\npackage main\n```\n", 0},
	} {
		if got := codeIsCompiled("x.md", test.text, []*source{go1}); len(got) != test.bad {
			t.Errorf("code: %q of %q, want %d", got, test.text, test.bad)
		}
	}
	for _, test := range []struct {
		text string
		bad  int
	}{
		{"[a](b.md), [c](b.md#two-words--more), [d](#one) and ![e](https://example.com/p.svg \"title\")\n# One\n", 0},
		{"[a](c.md)", 1},
		{"[a](../x/b.md)", 0},
		{"[a](../../x/b.md)", 1},
		{"[a](/x/b.md)", 1},
		{"[a](b.md#three)", 1},
		{"[a](#one)", 1},
		{"[a](http://example.com) [b](https://nowhere) [c](https://user@example.com/) [d](ftp://example.com) [e]()", 5},
		{"`[a](c.md)`\n```\n[a](c.md)\n```\nf[i](x) is no code span, so it is a link", 1},
		{"[a][b]\n\n[b]: c.md\n<img src=\"d.svg\">", 2},
	} {
		documents := map[string]string{"x/a.md": test.text, "x/b.md": "# Two words, & more!\n"}
		if got := linksLead("x/a.md", documents, func(name string) bool { return documents[name] != "" }); len(got) != test.bad {
			t.Errorf("links: %q of %q, want %d", got, test.text, test.bad)
		}
	}
	for _, test := range []struct {
		text string
		bad  int
	}{
		{"[`TestA`](../a_test.go) and again `TestA`", 0},
		{"[`TestA`](../b_test.go)", 1},
		{"[`TestB`](../a_test.go) `TestC`", 2},
	} {
		read := func(name string) string {
			return map[string]string{"a_test.go": "func TestA(t *testing.T) {", "b_test.go": "func TestB(t *testing.T, x int) {"}[name]
		}
		if got := testsAreThere("docs/x.md", test.text, read); len(got) != test.bad {
			t.Errorf("tests: %q of %q, want %d", got, test.text, test.bad)
		}
	}
}
