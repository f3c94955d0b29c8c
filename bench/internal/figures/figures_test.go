package figures

import (
	"bytes"
	"slices"
	"strings"
	"testing"

	"github.com/shadowvars/shadow/bench/internal/measure"
)

const sample = `goos: linux
cpu: Some CPU
commit: 0123
BenchmarkTable/impl=xsync4/op=get-hit/n=64k/g=2 	 100	 30 ns/op	 0 B/op	 0 allocs/op
BenchmarkTable/impl=shadow-manual/op=get-hit/n=64k/g=2 	 100	 10 ns/op	 0 B/op	 0 allocs/op
BenchmarkTable/impl=shadow-manual/op=get-hit/n=64k/g=2 	 100	 12 ns/op	 0 B/op	 0 allocs/op
BenchmarkTable/impl=xsync4/op=get-hit/n=64k/g=2 	 100	 24 ns/op	 0 B/op	 0 allocs/op
BenchmarkTable/impl=shadow-manual/op=get-hit/n=1M/g=2 	 100	 50 ns/op	 0 B/op	 0 allocs/op
BenchmarkTable/impl=xsync4/op=churn/n=1k/g=1 	 100	 50 ns/op	 16 B/op	 1 allocs/op
BenchmarkTable/impl=shadow-manual/op=get-batch/n=1k/g=1/batch=16 	 100	 5 ns/op
BenchmarkTable/impl=shadow-manual/op=get-batch/n=1k/g=1/batch=4 	 100	 7 ns/op
BenchmarkTable/impl=shadow-manual/op=get-batch/n=1k/g=1/batch=loop 	 100	 9 ns/op
BenchmarkTable/impl=shadow-manual/op=growth/n=4M/role=attach 	 100	 70 p50-ns	 900 p99.9-ns	 100000 max-ns	 80 ns/op
BenchmarkTable/impl=shadow-manual/op=weigh/n=1M 	 1	 60 heap-B/var	 0.3 gc-ns/var
BenchmarkSyntax/impl=syncmap 	 6400000	 400 attach-ns/op
BenchmarkReplay/impl=syncmap/op=trace 	 5	 400 ns/op
PASS
`

func read(t *testing.T, text string) *Figures {
	t.Helper()
	f, err := Read(strings.NewReader(text), "bench.txt")
	if err != nil {
		t.Fatal(err)
	}
	return f
}

func TestRead(t *testing.T) {
	// Ensure that figures come back in the units they were written in, with their rounds in order, and that the file's head is known.
	f := read(t, sample)
	at := Place{Base: "Table", Op: "get-hit", N: 64 << 10, G: 2}
	if got, ok := f.Summary(at, "shadow-manual", "ns/op"); !ok || got != (measure.Summary{Median: 11, Lo: 10, Hi: 12}) {
		t.Errorf("%v", got)
	}
	if got := f.Rounds(at, "xsync4", "ns/op"); got != 2 {
		t.Errorf("%d rounds", got)
	}
	if _, ok := f.Summary(at, "syncmap", "ns/op"); ok {
		t.Error("figures of nobody")
	}
	if f.Results != 13 || f.Config["cpu"] != "Some CPU" || !slices.Contains(f.About(), "commit: 0123") {
		t.Errorf("%d results, %v", f.Results, f.Config)
	}
	if got := f.Places("Table", "get-batch", "ns/op"); len(got) != 3 || got[0].Variant != "batch=loop" || got[1].Variant != "batch=4" {
		t.Errorf("%v", got)
	}
	if got := f.Places("Table", "get-hit", "ns/op"); len(got) != 2 || got[0].N != 64<<10 || got[1].String() != "n=1M g=2" {
		t.Errorf("%v", got)
	}
	if got := f.Impls([]Place{at}, "ns/op"); !slices.Equal(got, []string{"xsync4", "shadow-manual"}) {
		t.Errorf("%v", got)
	}
	if got := f.Bases(); !slices.Equal(got, []string{"Replay", "Syntax", "Table"}) {
		t.Errorf("%v", got)
	}
}

func TestReadRefuses(t *testing.T) {
	// Ensure that figures that make no sense are an error that says where, and that other lines are none.
	for _, text := range []string{
		"BenchmarkTable/impl=x/op=y/n=lots 	 1	 1 ns/op\n",
		"BenchmarkTable/impl=x/op=y/n=1k/g=two 	 1	 1 ns/op\n",
		"BenchmarkTable/impl=x/op=y/n=1k 	 1	 one ns/op\n",
	} {
		if _, err := Read(strings.NewReader(text), "bench.txt"); err == nil {
			t.Errorf("no error: %q", text)
		}
	}
	if f := read(t, "what is this\n\nok  	github.com/x	1s\n"); f.Results != 0 {
		t.Errorf("%d results", f.Results)
	}
}

func TestGrids(t *testing.T) {
	// Ensure that every figure is in a table: by place, by unit, of other kinds of benchmarks; and allocations where there are some.
	var titles []string
	for _, g := range read(t, sample).Grids() {
		titles = append(titles, g.Title)
		for _, row := range g.Rows {
			if len(row) != len(g.Header) {
				t.Errorf("%s: %d cells under %d headings", g.Title, len(row), len(g.Header))
			}
		}
	}
	want := []string{
		"get-hit, ns/op", "get-batch, ns/op", "churn, ns/op", "churn, allocs/op", "growth n=4M role=attach", "weigh n=1M", "Replay trace", "Syntax",
	}
	if !slices.Equal(titles, want) {
		t.Errorf("%q", titles)
	}
}

func TestMarkdown(t *testing.T) {
	// Ensure that the summary has the machine, the medians and how sure they are, in the names for people.
	var out bytes.Buffer
	if err := read(t, sample).Markdown(&out); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"* cpu: Some CPU", "|  | n=64k g=2 | n=1M g=2 |", "| shadow Manual | 11.0 ±9% | 50.0 |", "| shadow Manual | 60.0 | 0.30 |", "## Replay trace"} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("no %q in\n%s", want, out.String())
		}
	}
}

func TestPrint(t *testing.T) {
	// Ensure that the terminal's table has a row for each place and a column for each contestant that has times.
	var out bytes.Buffer
	if err := read(t, sample).Print(&out); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"get-hit n=64k g=2", "heap-B/var weigh n=1M", "get-batch n=1k g=1 batch=16"} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("no %q in\n%s", want, out.String())
		}
	}
}

func TestInterval(t *testing.T) {
	// Ensure that the farther end of the interval counts, and that one round has none.
	if got := Interval(measure.Summary{Median: 100, Lo: 95, Hi: 120}, 6); got != "100 ±20%" {
		t.Error(got)
	}
	if got := Interval(measure.Summary{Median: 100, Lo: 100, Hi: 100}, 1); got != "100" {
		t.Error(got)
	}
	if got := Interval(measure.Summary{}, 5); got != "0.00" {
		t.Error(got)
	}
}
