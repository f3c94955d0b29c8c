package tidy

import (
	"maps"
	"slices"
	"strings"
	"testing"
)

func TestTidy(t *testing.T) {
	// Ensure that every file of the repository keeps the rules of the house.
	all := repository(t)
	for name, rule := range rules {
		t.Run(name, func(t *testing.T) {
			for _, directory := range slices.Sorted(maps.Keys(all)) {
				for _, complaint := range rule(all[directory]) {
					t.Error(complaint)
				}
			}
		})
	}
}

// file is a file in memory.
type file struct{ name, text string }

func TestRules(t *testing.T) {
	// Ensure that every rule bites: each complains of the files that break it and not of those that nearly do.
	long := strings.Repeat("\n", 490)
	used := map[string]bool{}
	for _, test := range []struct {
		rule  string
		bad   int
		files []file
	}{
		{"unsafe is argued", 1, []file{{"a.go", "package a\nimport \"unsafe\"\nfunc f(p *int) unsafe.Pointer { return unsafe.Pointer(p) }"}}},
		{"unsafe is argued", 1, []file{{"a.go", "package a\nimport \"unsafe\"\nfunc f(p unsafe.Pointer) *int { return (*int)(p) }"}}},
		{"unsafe is argued", 1, []file{{"a.go", "package a\nimport \"unsafe\"\n// Safety: of g.\nfunc g() {}\nfunc f(p unsafe.Pointer) { _ = unsafe.Add(p, 8) }"}}},
		{"unsafe is argued", 0, []file{{"a.go", "package a\nimport \"unsafe\"\n// Safety: fine.\nfunc f(p *int) unsafe.Pointer { return unsafe.Pointer(p) }"}}},
		{"unsafe is argued", 0, []file{{"a.go", "package a\nimport \"unsafe\"\nfunc f(p unsafe.Pointer) {\n// Safety: fine.\n_ = unsafe.Add(p, 8) }"}}},
		{"unsafe is argued", 1, []file{{"a.go", "package a\nimport \"unsafe\"\nfunc f(p unsafe.Pointer) {\n// Safety: fine.\n_ = unsafe.Add(p, 8)\n\n_ = unsafe.Add(p, 9) }"}}},
		{"unsafe is argued", 1, []file{{"a_test.go", "package a\nimport \"unsafe\"\nfunc f(p unsafe.Pointer) { _ = unsafe.Add(p, 8) }"}}},
		{"unsafe is argued", 0, []file{{"a.go", "package a\nimport \"unsafe\"\nconst n = unsafe.Sizeof(0)\nvar p = unsafe.Pointer(nil)"}}},
		{"unsafe is in one file", 1, []file{{"a.go", "package a\nimport \"unsafe\"\nvar _ unsafe.Pointer"}, {"b.go", "package a\nimport \"unsafe\"\nvar _ unsafe.Pointer"}}},
		{"unsafe is in one file", 0, []file{{"a.go", "package a\nimport \"unsafe\"\nvar _ unsafe.Pointer"}, {"b_test.go", "package a\nimport \"unsafe\"\nvar _ unsafe.Pointer"}}},
		{"linearization points", 1, []file{{"a.go", "package a\n// Linearization points:\n//\n//\tLP(x)  here\nfunc f() {}"}}},
		{"linearization points", 1, []file{{"a.go", "package a\nfunc f() {\n\t_ = 1 // LP(y)\n}"}}},
		{"linearization points", 1, []file{{"a.go", "package a\n// Linearization points:\n//\n//\tLP(x)  here\nfunc f() {\n\t_ = 1 // LP(x)\n\n\t_ = 2 // LP(x)\n}"}}},
		{"linearization points", 2, []file{{"a.go", "package a\n// Linearization points:\n//\n//\tx, y   here\n//\tLP(z): there\n//\n// Progress:\n//\n//\tw   no\nfunc f() {}"}}},
		{"linearization points", 0, []file{{"a.go", "package a\n// Linearization points:\n//\n//\tLP(x, y)  here\nvar a int"}, {"b.go", "package a\nfunc f() {\n\t_ = 1 // LP(x, y): this.\n}"}}},
		{"imports", 1, []file{{"a.go", "package a\nimport _ \"net/http\""}}},
		{"imports", 1, []file{{"a.go", "package a\nimport _ \"" + module + "/b\""}, {"b/b.go", "package b\nimport _ \"" + module + "/c\""}, {"c/c.go", "package c\nimport _ \"expvar\""}}},
		{"imports", 1, []file{{"lockfree/a.go", "package a\nimport _ \"sync\""}}},
		{"imports", 1, []file{{"alloc/a.go", "package a\nimport _ \"" + module + "/lockfree\""}}},
		{"imports", 0, []file{{"a_test.go", "package a\nimport _ \"net/http\""}, {"x/a.go", "package a\nimport _ \"expvar\""}}},
		{"examples have output", 1, []file{{"a_test.go", "package a\nfunc Example() {\n}"}}},
		{"examples have output", 0, []file{{"a_test.go", "package a\nfunc Example() {\n\t// Output:\n}"}, {"a.go", "package a\nfunc ExampleOf() {}"}}},
		{"files are short", 1, []file{{"a.go", "package a" + long + strings.Repeat("\n", 10)}}},
		{"files are short", 1, []file{{"a_test.go", "package a" + long + long}}},
		{"files are short", 0, []file{{"a.go", "package a" + long}, {"a_test.go", "package a" + long + strings.Repeat("\n", 300)}}},
		{"tests say what they are", 1, []file{{"a_test.go", "package a\n// Ensure that.\nfunc TestA(t *T) {\n\tt.Log()\n\t// Ensure that.\n}"}}},
		{"tests say what they are", 1, []file{{"a_test.go", "package a\nfunc FuzzA(f *F) {\n\t// Show that.\n}"}}},
		{"tests say what they are", 0, []file{{"a_test.go", "package a\nfunc TestA(t *T) {\n\t// Ensure that.\n\tt.Log()\n}\nfunc TestMain(m *M) {}\nfunc Testify() {}"}}},
		{"nothing is unfinished", 1, []file{{"a.go", "package a\n// TO" + "DO: all."}}},
		{"nothing is unfinished", 0, []file{{"a.go", "package a\n// ToDo lists are fine.\nconst x = \"TO" + "DO\""}}},
		{"skips have reasons", 2, []file{{"a_test.go", "package a\nfunc TestA(t *T) { t.Skip(); t.SkipNow() }"}}},
		{"public is documented", 3, []file{{"x/a.go", "package x\nfunc F() {}\ntype T int\nfunc (t *T) m() {}\n// G is.\nfunc G() {}"}}},
		{"public is documented", 2, []file{{"x/a.go", "// Package x is.\npackage x\nfunc (t *T[A, B]) M() {}\nvar V int"}}},
		{"public is documented", 0, []file{{"x/a.go", "// Package x is.\npackage x\nfunc f() {}\nfunc (t t) M() {}\n// Both are.\nvar (\n\tA int\n\tB int\n)"}}},
		{"public is documented", 0, []file{{"internal/x/a.go", "package x\nfunc F() {}"}, {"x/a.go", "package main\nfunc F() {}"}, {"x/a_test.go", "package x\nfunc F() {}"}}},
		{"public has examples", 2, []file{{"x/a.go", "package x\nfunc F() {}\ntype T int"}, {"x/a_test.go", "package x\nfunc ExampleG() {}\nfunc TestF() { x.F() }"}}},
		{"public has examples", 0, []file{{"x/a.go", "package x\nfunc F() {}"}, {"x/a_test.go", "package x\nfunc Example() { x.F() }"}}},
		{"public has examples", 0, []file{{"x/a.go", "package x\nfunc F() {}\ntype T int\nfunc (t T) M() {}\nvar V int"}, {"x/a_test.go", "package x\nfunc ExampleF() {}\nfunc ExampleT_M() {}"}}},
		{"no linkname", 1, []file{{"a.go", "package a\nimport _ \"unsafe\"\n//go:" + "linkname f runtime.f\nfunc f()"}}},
		{"no linkname", 0, []file{{"a.go", "package a\n// A go:linkname would be worse.\n//go:noinline\nfunc f() {}"}}},
		{"no race-only code", 1, []file{{"a.go", "//go:build linux && !race\n\npackage a"}}},
		{"goroutines are known", 1, []file{{"lockfree/a.go", "package a\n\nfunc f() { go f() }"}}},
		{"goroutines are known", 0, []file{{"stress/a.go", "package a\n\nfunc f() { go f() }"}}},
		{"no race-only code", 0, []file{{"a.go", "//go:build linux && !explore\n\npackage a\n// Nothing depends on race."}, {"a_test.go", "//go:build race\n\npackage a"}}},
		{"functions are short", 1, []file{{"a.go", "package a\nfunc f() {" + strings.Repeat("\n", 70) + "}"}}},
		{"functions are short", 0, []file{{"a.go", "package a\nfunc f() {" + strings.Repeat("\n", 69) + "}"}, {"a_test.go", "package a\nfunc f() {" + strings.Repeat("\n", 90) + "}"}}},
		{"panics say where", 2, []file{{"a.go", "package a\nfunc f(err error) { panic(err) }\nfunc g() { panic(\"no\") }"}}},
		{"panics say where", 0, []file{{"a.go", "package a\nfunc MustF(err error) { panic(err) }\nfunc g() { panic(\"shadow: no\") }\nfunc h(s *s) { panic(s.first) }"}, {"x/a.go", "package a\nfunc f() { panic(1) }"}}},
		{"skips have reasons", 0, []file{{"a_test.go", "package a\nfunc TestA(t *T) { t.Skip(\"no mmap here\") }"}}},
	} {
		var files []*source
		for _, f := range test.files {
			s, err := parse(f.name, f.text)
			if err != nil {
				t.Fatal(err)
			}
			files = append(files, s)
		}
		if got := rules[test.rule](files); len(got) != test.bad {
			t.Errorf("%s: complaints %q, want %d, of %q", test.rule, got, test.bad, test.files)
		}
		used[test.rule] = used[test.rule] || test.bad > 0
	}
	for name := range rules {
		if !used[name] {
			t.Errorf("nothing shows that the rule %q bites", name)
		}
	}
}
