package tidy

import (
	"go/ast"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
)

var (
	guarantee = regexp.MustCompile(`\bG[1-9][0-9]*\b`)
	promised  = regexp.MustCompile(`(?m)^\| (G[1-9][0-9]*) \|`)
)

// promises are the guarantees that a page lists, in the table under the heading "Guarantees".
func promises(page string) (names []string) {
	_, section, _ := strings.Cut(page, "\n## Guarantees\n")
	section, _, _ = strings.Cut(section, "\n## ")
	for _, m := range promised.FindAllStringSubmatch(section, -1) {
		names = append(names, m[1])
	}
	return names
}

// citations are the guarantees that a file's tests say they ensure, with the places.
func citations(s *source) map[string]string {
	places := map[string]string{}
	for _, prefix := range []string{"Test", "Fuzz"} {
		functions(s, prefix, func(f *ast.FuncDecl) {
			for _, group := range s.syntax.Comments {
				if f.Body.Pos() < group.Pos() && group.End() < f.Body.End() && strings.HasPrefix(group.Text(), "Ensure ") {
					for _, name := range guarantee.FindAllString(group.Text(), -1) {
						places[name] = s.at(f.Pos(), "%s", f.Name.Name)
					}
				}
			}
		})
	}
	return places
}

// broken compares what is promised with what is cited.
func broken(page string, files []*source) (bad []string) {
	names := promises(page)
	cited := map[string]bool{}
	for _, s := range files {
		if !s.isTest() {
			continue
		}
		for name, place := range citations(s) {
			cited[name] = true
			if !slices.Contains(names, name) {
				bad = append(bad, place+" cites "+name+", which is no guarantee")
			}
		}
	}
	for i, name := range names {
		if !cited[name] {
			bad = append(bad, name+" is cited by no test")
		}
		if slices.Index(names, name) != i {
			bad = append(bad, name+" is there twice")
		}
	}
	return bad
}

func TestGuarantees(t *testing.T) {
	// Ensure that every guarantee in docs/design.md is cited by a test, and that tests cite no others.
	page, err := os.ReadFile("../../docs/design.md")
	if err != nil {
		t.Fatal(err)
	}
	if n := len(promises(string(page))); n < 10 {
		t.Fatalf("docs/design.md lists %d guarantees", n)
	}
	var files []*source
	for _, of := range repository(t) {
		files = append(files, of...)
	}
	for _, complaint := range broken(string(page), files) {
		t.Error(complaint)
	}
}

func TestGuaranteesBite(t *testing.T) {
	// Ensure that a guarantee without a test and a citation without a guarantee are found.
	const page = "# Page\n\n| G9 | no |\n\n## Guarantees\n\n| G1 | one |\n| G2 | two |\n\n## Next\n\n| G3 | no |\n"
	for _, test := range []struct {
		text string
		bad  int
	}{
		{"func TestA(t *T) {\n// Ensure (G1, G2) that.\n}", 0},
		{"func TestA(t *T) {\n// Ensure (G1) that.\n}\nfunc FuzzB(f *F) {\n// Ensure that,\n// as G2 says.\n}", 0},
		{"func TestA(t *T) {\n// Ensure (G1) that.\n}\n// G2 is not cited here.", 1},
		{"func TestA(t *T) {\n// Ensure (G1, G2, G3) that.\n}", 1},
	} {
		s, err := parse("a_test.go", "package a\n"+test.text)
		if err != nil {
			t.Fatal(err)
		}
		if got := broken(page, []*source{s}); len(got) != test.bad {
			t.Errorf("%q: %q, want %d complaints", test.text, got, test.bad)
		}
	}
}
