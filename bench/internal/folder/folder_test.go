package folder

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/perf/benchfmt"
)

func result(ns float64) *benchfmt.Result {
	return &benchfmt.Result{Name: benchfmt.Name("Table/impl=xsync4/op=get-hit/n=1k/g=1"), Iters: 5, Values: []benchfmt.Value{{Value: ns, Unit: "ns/op"}}}
}

func TestFolder(t *testing.T) {
	// Ensure that results are in the file as soon as they are written, under a head that says what they are of, that the summary and the
	// report are made of it, and that the end tells where they are.
	path := filepath.Join(t.TempDir(), "new", "folder")
	f, err := New(path, "the command")
	if err != nil {
		t.Fatal(err)
	}
	if err := f.Write(result(11)); err != nil {
		t.Fatal(err)
	}
	raw, err := os.ReadFile(filepath.Join(path, rawName))
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"goos: ", "cpu: ", "goversion: ", "command: the command\n", "BenchmarkTable/impl=xsync4/op=get-hit/n=1k/g=1 5 11 ns/op\n"} {
		if !strings.Contains(string(raw), want) {
			t.Errorf("no %q in\n%s", want, raw)
		}
	}
	var out bytes.Buffer
	if err := f.Finish(&out); err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(out.String(), path+": bench.txt, summary.md, report.html") {
		t.Error(out.String())
	}
	for name, want := range map[string]string{summaryName: "| 11.0 |", reportName: "<td>11.0</td>"} {
		text, err := os.ReadFile(filepath.Join(path, name))
		if err != nil || !strings.Contains(string(text), want) {
			t.Errorf("%s: %v, no %q", name, err, want)
		}
	}
}

func TestFolderIsNew(t *testing.T) {
	// Ensure that figures of two runs are never mixed, and that no name at all makes a folder too.
	path := t.TempDir()
	if err := os.WriteFile(filepath.Join(path, rawName), nil, 0o666); err != nil {
		t.Fatal(err)
	}
	if _, err := New(path, ""); err == nil || !strings.Contains(err.Error(), "not empty") {
		t.Errorf("%v", err)
	}
	t.Setenv("TMPDIR", t.TempDir())
	f, err := New("", "")
	if err != nil || f.path == "" {
		t.Fatalf("%v", err)
	}
	if err := f.Finish(&bytes.Buffer{}); err == nil || !strings.Contains(err.Error(), "no results") {
		t.Errorf("%v", err)
	}
}

func TestRenderNothing(t *testing.T) {
	// Ensure that a folder without figures is an error.
	if err := Render(t.TempDir(), &bytes.Buffer{}); err == nil {
		t.Error("no error")
	}
}
