package tidy

import (
	"go/ast"
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// rule complains about the files of one directory.
type rule func(files []*source) []string

// rules are all of them, by name.
var rules = map[string]rule{
	"unsafe is argued":        unsafeIsArgued,
	"unsafe is in one file":   unsafeIsInOneFile,
	"linearization points":    linearizationPoints,
	"imports":                 imports,
	"examples have output":    examplesHaveOutput,
	"files are short":         filesAreShort,
	"tests say what they are": testsSayWhatTheyAre,
	"nothing is unfinished":   nothingIsUnfinished,
	"skips have reasons":      skipsHaveReasons,
	"public is documented":    publicIsDocumented,
	"public has examples":     publicHasExamples,
	"no linkname":             noLinkname,
	"no race-only code":       noRaceOnlyCode,
	"goroutines are known":    goroutinesAreKnown,
	"functions are short":     functionsAreShort,
	"panics say where":        panicsSayWhere,
}

// carries are the names of package unsafe that only give a type or a size: carrying a pointer about is no access.
var carries = []string{"Pointer", "Sizeof", "Offsetof", "Alignof"}

// unsafeIsArgued wants a comment with "Safety:" for each use of unsafe for more than a type or a size: above the declaration, for all uses in it, or
// in it, before the use or behind it and without an empty line in between. Tests are no exception. Conversions to unsafe.Pointer and out of it count as uses.
func unsafeIsArgued(files []*source) (bad []string) {
	for _, s := range files {
		if !importsPath(s, "unsafe") {
			continue
		}
		lines := strings.Split(s.text, "\n")
		for _, d := range s.syntax.Decls {
			for _, use := range unsafeUses(d) {
				line := s.line(use.Pos())
				first := line
				for first > s.line(d.Pos()) && strings.TrimSpace(lines[first-2]) != "" {
					first--
				}
				if !strings.Contains(strings.Join(lines[first-1:line], "\n"), "Safety:") && !saidAbove(d, "Safety:") {
					bad = append(bad, s.at(use.Pos(), "unsafe without a Safety comment"))
				}
			}
		}
	}
	return bad
}

// unsafeUses are the expressions in d that make or change a pointer by package unsafe.
func unsafeUses(d ast.Decl) (uses []ast.Node) {
	ast.Inspect(d, func(n ast.Node) bool {
		call, ok := n.(*ast.CallExpr)
		if !ok {
			return true
		}
		use := false
		if name := unsafeName(call.Fun); name == "Pointer" && !isNil(call) || name != "" && !slices.Contains(carries, name) {
			use = true
		}
		// (*T)(p) is a conversion out of unsafe.Pointer, or no more than a change of type.
		if paren, ok := call.Fun.(*ast.ParenExpr); ok && len(call.Args) == 1 {
			if _, ok := paren.X.(*ast.StarExpr); ok {
				use = true
			}
		}
		if use {
			uses = append(uses, n)
		}
		return !use // what is in it is the same use
	})
	return uses
}

func isNil(call *ast.CallExpr) bool {
	name, ok := call.Args[0].(*ast.Ident)
	return ok && name.Name == "nil"
}

func unsafeName(e ast.Expr) string {
	if s, ok := e.(*ast.SelectorExpr); ok {
		if x, ok := s.X.(*ast.Ident); ok && x.Name == "unsafe" {
			return s.Sel.Name
		}
	}
	return ""
}

// saidAbove tells whether words stand in the comment above d.
func saidAbove(d ast.Decl, words string) bool {
	switch d := d.(type) {
	case *ast.FuncDecl:
		return d.Doc != nil && strings.Contains(d.Doc.Text(), words)
	case *ast.GenDecl:
		return d.Doc != nil && strings.Contains(d.Doc.Text(), words)
	}
	return false
}

// saidWithin tells whether words stand in a comment above or in d.
func saidWithin(s *source, d ast.Decl, words string) bool {
	from := d.Pos()
	switch d := d.(type) {
	case *ast.FuncDecl:
		if d.Doc != nil {
			from = d.Doc.Pos()
		}
	case *ast.GenDecl:
		if d.Doc != nil {
			from = d.Doc.Pos()
		}
	}
	for _, group := range s.syntax.Comments {
		if group.Pos() >= from && group.End() <= d.End() && strings.Contains(group.Text(), words) {
			return true
		}
	}
	return false
}

func importsPath(s *source, path string) bool {
	for _, i := range s.syntax.Imports {
		if i.Path.Value == strconv.Quote(path) {
			return true
		}
	}
	return false
}

// unsafeIsInOneFile wants one file at most of a package, tests apart, to import unsafe. internal/atomic is the same package
// twice, once for the normal build and once for the explored one.
func unsafeIsInOneFile(files []*source) (bad []string) {
	first := ""
	for _, s := range files {
		if s.isTest() || s.directory() == "internal/atomic" || !importsPath(s, "unsafe") {
			continue
		}
		if first != "" {
			bad = append(bad, s.name+": imports unsafe, as "+first+" does already")
		}
		first = s.name
	}
	return bad
}

var (
	point = regexp.MustCompile(`LP\(([^()]*)\)`)
	// declared is an entry of the list in a head comment: "LP(x)", or "x" and two spaces, first in an indented line.
	declared = regexp.MustCompile(`^\t+(?:LP\(([^()]*)\)|(\S+(?: \S+)*)  )`)
)

// linearizationPoints wants that every LP(x) that a head comment lists, in a line of its own under the words "Linearization points", is the tag of
// one place in the package's code, and that every tag is listed.
func linearizationPoints(files []*source) (bad []string) {
	heads, tags := map[string]string{}, map[string][]string{}
	for _, s := range files {
		if s.isTest() {
			continue
		}
		for _, group := range s.syntax.Comments {
			text := group.Text()
			if isHead(s, group) {
				for _, name := range listed(text) {
					heads[name] = s.name
				}
				continue
			}
			for _, m := range point.FindAllStringSubmatch(text, -1) {
				tags[m[1]] = append(tags[m[1]], s.at(group.Pos(), "LP(%s)", m[1]))
			}
		}
	}
	for name, file := range heads {
		if n := len(tags[name]); n != 1 {
			bad = append(bad, file+": LP("+name+") is listed and tags "+strconv.Itoa(n)+" places")
		}
	}
	for name, places := range tags {
		if heads[name] == "" {
			bad = append(bad, places[0]+" is in no head comment's list")
		}
	}
	slices.Sort(bad)
	return bad
}

// listed are the names in the list that follows the words "Linearization points" in a comment.
func listed(text string) (names []string) {
	_, list, _ := strings.Cut(text, "Linearization points")
	for line := range strings.Lines(list) {
		switch m := declared.FindStringSubmatch(line); {
		case m != nil:
			names = append(names, m[1]+m[2])
		case line[0] == '#', len(names) > 0 && line[0] != '\t' && line[0] != '\n':
			return names // the next heading, or the next paragraph
		}
	}
	return names
}

// isHead tells whether a comment stands outside of all functions.
func isHead(s *source, group *ast.CommentGroup) bool {
	for _, d := range s.syntax.Decls {
		if f, ok := d.(*ast.FuncDecl); ok && f.Body != nil && f.Body.Pos() < group.Pos() && group.End() < f.Body.End() {
			return false
		}
		// Behind the brace of a function that fits on a line.
		if s.line(d.End()) == s.line(group.Pos()) && d.End() < group.Pos() {
			return false
		}
	}
	return true
}

// forbidden are the packages that would make every program with the library bigger or register something by themselves.
var forbidden = []string{"net/http", "expvar", "runtime/pprof", "log", "testing"}

// library are the directories of what every program with the library has in it.
var library = []string{".", "lockfree", "alloc", "internal/parent"}

// linked are the directories of all that the library imports, and what that imports.
func linked(files []*source) map[string]bool {
	found := make(map[string]bool)
	for next := library; len(next) > 0; {
		for _, directory := range next {
			found[directory] = true
		}
		next = nil
		for _, s := range files {
			if s.isTest() || !found[s.directory()] {
				continue
			}
			for _, i := range s.syntax.Imports {
				name, _ := strconv.Unquote(i.Path.Value)
				if directory, ours := strings.CutPrefix(name, module+"/"); ours && !found[directory] {
					next = append(next, directory)
				}
			}
		}
	}
	return found
}

// imports wants the library free of what is forbidden, and lockfree and alloc free of locks, of each other and of what stands above them.
func imports(files []*source) (bad []string) {
	linked := linked(files)
	for _, s := range files {
		if s.isTest() {
			continue
		}
		for _, i := range s.syntax.Imports {
			name, _ := strconv.Unquote(i.Path.Value)
			switch directory := s.directory(); {
			case linked[directory] && slices.Contains(forbidden, name):
				bad = append(bad, s.at(i.Pos(), "import of %s in the library", name))
			case (directory == "lockfree" || directory == "alloc") && name == "sync":
				bad = append(bad, s.at(i.Pos(), "import of sync where there must be no locks"))
			case slices.Contains([]string{"lockfree", "alloc"}, directory) && strings.HasPrefix(name, module) && !strings.HasPrefix(name, module+"/internal/"):
				bad = append(bad, s.at(i.Pos(), "import of %s below where it stands", name))
			}
		}
	}
	return bad
}

// examplesHaveOutput wants every example to be run, which it is only if it has an output.
func examplesHaveOutput(files []*source) (bad []string) {
	for _, s := range files {
		if !s.isTest() {
			continue
		}
		functions(s, "Example", func(f *ast.FuncDecl) {
			if !saidWithin(s, f, "Output:") {
				bad = append(bad, s.at(f.Pos(), "%s has no Output", f.Name.Name))
			}
		})
	}
	return bad
}

// filesAreShort wants files of under 500 lines, tests of up to 800.
func filesAreShort(files []*source) (bad []string) {
	for _, s := range files {
		limit := 499
		if s.isTest() {
			limit = 800
		}
		if n := strings.Count(s.text, "\n"); n > limit {
			bad = append(bad, s.name+": "+strconv.Itoa(n)+" lines are more than "+strconv.Itoa(limit))
		}
	}
	return bad
}

// testsSayWhatTheyAre wants "// Ensure" first in every test and fuzz target.
func testsSayWhatTheyAre(files []*source) (bad []string) {
	for _, s := range files {
		if !s.isTest() {
			continue
		}
		for _, prefix := range []string{"Test", "Fuzz"} {
			functions(s, prefix, func(f *ast.FuncDecl) {
				if f.Name.Name != "TestMain" && len(f.Type.Params.List) == 1 && !startsWithEnsure(s, f.Body) {
					bad = append(bad, s.at(f.Pos(), "%s does not start with // Ensure", f.Name.Name))
				}
			})
		}
	}
	return bad
}

func startsWithEnsure(s *source, body *ast.BlockStmt) bool {
	first := body.End()
	if len(body.List) > 0 {
		first = body.List[0].Pos()
	}
	for _, group := range s.syntax.Comments {
		if body.Pos() < group.Pos() && group.Pos() < body.End() {
			return group.Pos() < first && strings.HasPrefix(group.Text(), "Ensure ")
		}
	}
	return false
}

var unfinished = regexp.MustCompile(`\b(TO` + `DO|FIX` + `ME|X` + `XX)\b`)

// nothingIsUnfinished wants no notes of work to be done.
func nothingIsUnfinished(files []*source) (bad []string) {
	for _, s := range files {
		for _, group := range s.syntax.Comments {
			if word := unfinished.FindString(group.Text()); word != "" {
				bad = append(bad, s.at(group.Pos(), "a comment with %s", word))
			}
		}
	}
	return bad
}

// skipsHaveReasons wants a reason in every Skip.
func skipsHaveReasons(files []*source) (bad []string) {
	for _, s := range files {
		ast.Inspect(s.syntax, func(n ast.Node) bool {
			call, ok := n.(*ast.CallExpr)
			if !ok {
				return true
			}
			f, ok := call.Fun.(*ast.SelectorExpr)
			if ok && s.isTest() && slices.Contains([]string{"Skip", "Skipf", "SkipNow"}, f.Sel.Name) && len(call.Args) == 0 {
				bad = append(bad, s.at(call.Pos(), "%s without a reason", path.Base(f.Sel.Name)))
			}
			return true
		})
	}
	return bad
}
