package tidy

import (
	"go/ast"
	"go/doc/comment"
	"path"
	"slices"
	"strings"
	"testing"
)

// linkable are the names of a package that a comment can link to: "F", "T", "T.m" for methods and fields.
func linkable(files []*source) map[string]bool {
	names := make(map[string]bool)
	for _, s := range files {
		if s.isTest() {
			continue
		}
		for _, e := range exports(s) {
			names[strings.ReplaceAll(e.name, "_", ".")] = true
			if spec, ok := e.at.(*ast.TypeSpec); ok {
				ast.Inspect(spec.Type, func(n ast.Node) bool {
					if field, ok := n.(*ast.Field); ok {
						for _, name := range field.Names {
							names[e.name+"."+name.Name] = true
						}
					}
					return true
				})
			}
		}
	}
	return names
}

// docLinksLead wants every link from a comment of the file to a name of this module to lead somewhere. packages has the names by directory.
func docLinksLead(s *source, packages map[string]map[string]bool) (bad []string) {
	parser := comment.Parser{
		LookupSym: func(_, name string) bool { return ast.IsExported(name) },
		LookupPackage: func(name string) (string, bool) {
			for directory := range packages {
				if path.Base(path.Join(module, directory)) == name {
					return path.Join(module, directory), true
				}
			}
			return "", false
		},
	}
	for _, group := range s.syntax.Comments {
		for _, l := range docLinks(parser.Parse(group.Text()).Content) {
			directory := s.directory()
			if l.ImportPath != "" {
				directory = path.Clean("./" + strings.TrimPrefix(strings.TrimPrefix(l.ImportPath, module), "/"))
			}
			names, ours := packages[directory]
			if name := strings.TrimPrefix(l.Recv+"."+l.Name, "."); ours && name != "" && !names[name] {
				bad = append(bad, s.at(group.Pos(), "%s has no %s to link to", directory, name))
			}
		}
	}
	return bad
}

func docLinks(blocks []comment.Block) (found []*comment.DocLink) {
	for _, b := range blocks {
		var texts []comment.Text
		switch b := b.(type) {
		case *comment.Paragraph:
			texts = b.Text
		case *comment.Heading:
			texts = b.Text
		case *comment.List:
			for _, item := range b.Items {
				found = append(found, docLinks(item.Content)...)
			}
		}
		for _, text := range texts {
			if l, ok := text.(*comment.DocLink); ok {
				found = append(found, l)
			}
		}
	}
	return found
}

func TestDocLinks(t *testing.T) {
	// Ensure that the links of the comments of packages that users see lead to names that there are.
	packages, links := make(map[string]map[string]bool), 0
	all := repository(t)
	for directory, files := range all {
		if slices.ContainsFunc(files, isPublic) {
			packages[directory] = linkable(files)
		}
	}
	for directory := range packages {
		for _, s := range all[directory] {
			if !isPublic(s) {
				continue
			}
			links += strings.Count(s.text, "[Var.")
			for _, complaint := range docLinksLead(s, packages) {
				t.Error(complaint)
			}
		}
	}
	if len(packages) < 8 || links < 20 {
		t.Errorf("%d packages, %d links to methods of Var: nothing is shown", len(packages), links)
	}
}

func TestDocLinksBite(t *testing.T) {
	// Ensure that a link to a name that is gone is found, in this package and in another, in a list too, and others are spared.
	other, err := parse("b/b.go", "package b\n\ntype T struct{ F int }\n\nfunc (*T) M() {}\n")
	if err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		comment string
		bad     int
	}{
		{"See [F], [b.T.M], [b.T.F], [b.T], [fmt.Nothing], a[i] and [x].", 0},
		{"See [G].", 1},
		{"See [b.T.N] and [b.U].", 2},
		{"A list:\n//   - [G]\n//   - [F]", 1},
	} {
		s, err := parse("a.go", "package a\n\n// "+test.comment+"\nfunc F() {}\n")
		if err != nil {
			t.Fatal(err)
		}
		packages := map[string]map[string]bool{".": linkable([]*source{s}), "b": linkable([]*source{other})}
		if got := docLinksLead(s, packages); len(got) != test.bad {
			t.Errorf("%q of %q, want %d", got, test.comment, test.bad)
		}
	}
}
