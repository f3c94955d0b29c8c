package main

import (
	"fmt"
	"go/build/constraint"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

const root = "../.."

func TestMutantsApply(t *testing.T) {
	// Ensure that every mutant still changes exactly one place of the code, and differs from all others.
	all := mutants()
	document, err := os.ReadFile(filepath.Join(root, "docs", "verification.md"))
	if err != nil {
		t.Fatal(err)
	}
	if said := fmt.Sprintf("%d of them in lockfree, alloc", len(all)); !strings.Contains(string(document), said) {
		t.Errorf("docs/verification.md does not say %q", said)
	}
	names, changes := map[string]bool{}, map[string]string{}
	for _, m := range all {
		text, err := m.source(root)
		if err != nil {
			t.Errorf("%s: %v", m.name, err)
			continue
		}
		if names[m.name] || m.why == "" {
			t.Errorf("%s: its name is another's, or it does not say why it matters", m.name)
		}
		names[m.name] = true
		if other, ok := changes[m.file+text]; ok {
			t.Errorf("%s is %s", m.name, other)
		}
		changes[m.file+text] = m.name
	}
}

func TestKillersExist(t *testing.T) {
	// Ensure that every test that is named exists, under the build tag that is named.
	for _, m := range mutants() {
		if !exists(t, m.by) {
			t.Errorf("%s: there is no %v", m.name, m.by)
		}
	}
	if exists(t, killer{"./lockfree", "TestNothing", ""}) || exists(t, killer{"./lockfree", "TestExploreDirected", ""}) {
		t.Error("a test is found where there is none")
	}
}

// exists looks for the test in those files of its package that are built with its tags.
func exists(t *testing.T, k killer) bool {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(root, k.pkg, "*_test.go"))
	if err != nil {
		t.Fatal(err)
	}
	declared := regexp.MustCompile(`(?m)^func ` + k.test + `\(`)
	for _, name := range files {
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		if declared.Match(text) && isBuilt(t, string(text), k.tags) {
			return true
		}
	}
	return false
}

func isBuilt(t *testing.T, text, tags string) bool {
	t.Helper()
	first, _, _ := strings.Cut(text, "\n")
	if !constraint.IsGoBuild(first) {
		return true
	}
	expression, err := constraint.Parse(first)
	if err != nil {
		t.Fatal(err)
	}
	return expression.Eval(func(name string) bool { return slices.Contains(strings.Split(tags, ","), name) })
}

func TestApply(t *testing.T) {
	// Ensure that a mutant is applied in its function only, and refused if its text is missing, there twice, changes nothing or does not parse.
	const text = "package a\n\nfunc f() int { return 1 }\n\nfunc (t *T[K]) f() int { return 1 + 1 }\n"
	got, err := mutant{in: "f", old: "1", new: "2"}.apply(text)
	if err != nil || got != strings.Replace(text, "1", "2", 1) {
		t.Errorf("%v, %s", err, got)
	}
	got, err = mutant{in: "T.f", old: "1 + 1", new: "3"}.apply(text)
	if err != nil || !strings.Contains(got, "return 1 }") || !strings.Contains(got, "return 3 }") {
		t.Errorf("%v, %s", err, got)
	}
	if got, err := (mutant{old: "func f()", new: "func g()"}).apply(text); err != nil || !strings.Contains(got, "func g()") {
		t.Errorf("%v, %s", err, got)
	}
	for _, m := range []mutant{
		{in: "g", old: "1", new: "2"}, {in: "f", old: "5", new: "2"}, {in: "T.f", old: "1", new: "2"},
		{in: "f", old: "1", new: "1"}, {in: "f", old: "1", new: "{"}, {old: "1", new: "2"},
	} {
		if _, err := m.apply(text); err == nil {
			t.Errorf("%+v is applied", m)
		}
	}
}

func TestJudge(t *testing.T) {
	// Ensure that only a failure of the named test in time kills a mutant: no run without the test, no timeout.
	m := job{mutant: &mutant{}, by: killer{test: "TestA"}}
	plain := job{by: killer{test: "TestA"}}
	const ran = "=== RUN   TestA\n"
	for _, test := range []struct {
		job    job
		output string
		err    error
		want   verdict
	}{
		{m, ran + "    a_test.go:7: wrong\n--- FAIL: TestA\n", os.ErrInvalid, killed},
		{m, ran + "ok", nil, survived},
		{m, ran + "panic: test timed out after 3m0s\n", os.ErrInvalid, late},
		{m, "ok a [no tests to run]\n", nil, untested},
		{plain, ran + "ok", nil, passed},
		{plain, ran + "--- FAIL: TestA\n", os.ErrInvalid, failed},
	} {
		if got := judge(test.job, test.output, test.err, 0); got.verdict != test.want {
			t.Errorf("%q: %s, want %s", test.output, got.verdict, test.want)
		}
	}
}

func TestOverlay(t *testing.T) {
	// Ensure that an overlay reaches the compiler: a mutant of this package that cannot be compiled is reported as such.
	if testing.Short() {
		t.Skip("it builds a test of another package")
	}
	r := runner{mustAbs(t), t.TempDir()}
	m := tableMutants[0]
	m.new = "return noSuchName"
	if got := r.run(0, job{&m, m.by}); got.verdict != broken || !strings.Contains(got.output, "noSuchName") {
		t.Errorf("%s: %s", got.verdict, got.output)
	}
}

func mustAbs(t *testing.T) string {
	t.Helper()
	path, err := filepath.Abs(root)
	if err != nil {
		t.Fatal(err)
	}
	return path
}
