package job

import (
	"bytes"
	"fmt"
	"go/ast"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"golang.org/x/perf/benchfmt"

	"github.com/shadowvars/shadow/bench/internal/report"
	"github.com/shadowvars/shadow/bench/internal/syntax"
)

// corpusOf writes and parses a few files.
func corpusOf(t *testing.T, files int) *syntax.Corpus {
	t.Helper()
	var paths []string
	for i := range files {
		path := filepath.Join(t.TempDir(), "x.go")
		text := fmt.Sprintf("package p\nfunc f%d(a, b int) int { return a*b + %d }\n", i, i)
		if err := os.WriteFile(path, []byte(text), 0o666); err != nil {
			t.Fatal(err)
		}
		paths = append(paths, path)
	}
	corpus, err := syntax.Parse(paths)
	if err != nil {
		t.Fatal(err)
	}
	return corpus
}

func TestTurns(t *testing.T) {
	// Ensure every contestant does the whole job, rivals leave everything of what was let go and give the files
	// back, and the library leaves nothing.
	for _, c := range contestants() {
		t.Run(c.name, func(t *testing.T) {
			corpus := corpusOf(t, 33)
			turn := &turn{contestant: c, corpus: corpus, workers: 2, weigh: true}
			found, err := turn.work()
			if err != nil {
				t.Fatal(err)
			}
			if found.attached != corpus.Nodes || found.attach <= 0 || found.get <= 0 || found.tail <= 0 || found.reattach <= 0 {
				t.Errorf("of %d nodes: %+v", corpus.Nodes, found)
			}
			nodes := corpus.Nodes
			remains, err := turn.letGo()
			if err != nil {
				t.Fatal(err)
			}
			want := 0
			if c.lifetime == leaks {
				want = remains.dropped
			}
			if remains.notes != want || remains.dropped == 0 || remains.dropped >= nodes {
				t.Errorf("%d notes are left of %d", remains.notes, remains.dropped)
			}
			if c.lifetime == leaks && corpus.Files[1] == nil {
				t.Error("the files were not taken back")
			}
			turn.table.Close()
			runtime.KeepAlive(corpus)
		})
	}
}

func TestDraw(t *testing.T) {
	// Ensure picks are nodes of the corpus, of its first and last file too.
	corpus := corpusOf(t, 3)
	from := map[ast.Node]int{}
	for i, file := range corpus.Files {
		for _, node := range file.Nodes {
			from[node] = i
		}
	}
	var count [3]int
	for _, node := range draw(corpus, 3000, 1) {
		file, known := from[node]
		if !known {
			t.Fatal("a pick is no node of the corpus")
		}
		count[file]++
	}
	for file, n := range count {
		if n < 700 || n > 1300 {
			t.Errorf("%d of 3000 picks are of file %d", n, file)
		}
	}
}

func TestPartOf(t *testing.T) {
	// Ensure that a machine on which a round of all files would take too long takes some of them, in every round, unless a number of rounds was asked for.
	o := Options{Budget: 40 * time.Second}
	for _, c := range []struct {
		rounds  int
		parsing time.Duration
		want    int
	}{{0, time.Second, 1}, {0, 3 * time.Second, 2}, {0, 5 * time.Second, 4}, {0, time.Minute, 16}, {3, time.Minute, 1}} {
		o.Rounds = c.rounds
		if got := o.partOf(c.parsing); got != c.want {
			t.Errorf("%d rounds, parsing takes %v: one of %d files, want %d", c.rounds, c.parsing, got, c.want)
		}
	}
	root, err := syntax.Root()
	if err != nil {
		t.Fatal(err)
	}
	paths, err := syntax.List(root)
	if err != nil {
		t.Fatal(err)
	}
	paths = paths[:64]
	var names []string
	o = Options{Budget: 1, Progress: report.NewProgress(io.Discard), Record: func(r *benchfmt.Result) error {
		names = append(names, string(r.Name))
		return nil
	}}
	result, err := o.measure(paths)
	if err != nil {
		t.Fatal(err)
	}
	if result.files != len(paths)/16 || result.rounds != 1 || names[0] != "Syntax/impl=shadow-manual/part=16" {
		t.Errorf("%d files in %d rounds, named %s", result.files, result.rounds, names[0])
	}
	if err := o.round(paths, result); err != nil || result.files != len(paths)/16 {
		t.Errorf("another round: %d files, %v", result.files, err)
	}
}

func TestRatio(t *testing.T) {
	// Ensure two differences that noise took below nothing make no ratio.
	for _, c := range []struct {
		value, of float64
		want      string
	}{{6, 2, "3.00×"}, {-6, -2, "-"}, {6, -2, "-"}, {6, 0, "-"}} {
		if got := ratio(c.value, c.of); got != c.want {
			t.Errorf("%v of %v: %q", c.value, c.of, got)
		}
	}
}

func TestTable(t *testing.T) {
	// Ensure ratios are to shadow Manual, a round that was not weighed does not count, and who was not run is left out.
	result := &outcome{
		figures: map[string][]figures{
			base:       {{attach: 100, get: 10, tail: 1, reattach: 50, bytes: 40, collector: 0, weighed: true}, {attach: 100, get: 10, tail: 1, reattach: 50}},
			"sync.Map": {{attach: 300, get: 25, tail: 7, reattach: 100, bytes: 120, collector: 1500, weighed: true}},
		},
		remains: map[string]remains{base: {byHand: true, dropped: 5}, "sync.Map": {notes: 5000, dropped: 5000}},
	}
	var out bytes.Buffer
	if _, err := tableOf(result).WriteTo(&out); err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(strings.TrimSpace(out.String()), "\n")
	if len(lines) != 4 {
		t.Fatalf("got\n%s", out.String())
	}
	for _, want := range []string{"3.00×", "2.50×", "7.00×", "1,500    -  ", "5,000 of 5,000"} {
		if !strings.Contains(lines[3], want) {
			t.Errorf("no %q in %q", want, lines[3])
		}
	}
	if !strings.Contains(lines[2], "0 (freed by hand)") || !strings.Contains(lines[2], " 40.0") {
		t.Errorf("got %q", lines[2])
	}
}

func TestLine(t *testing.T) {
	// Ensure that a turn's line has every figure in base units, and those of the weighing only if it was weighed.
	f := figures{attach: 1, get: 2, reattach: 3, tail: 4, bytes: 5, collector: 6, attached: 7}
	if got := len(f.line("x", 1).Values); got != 4 {
		t.Errorf("%d figures of a turn that was not weighed", got)
	}
	f.weighed = true
	line := f.line("x", 1)
	for unit, want := range map[string]float64{"attach-ns/op": 1, "get-ns/op": 2, "reattach-ns/op": 3, "attach-p99.99-ns": 4000, "B/var": 5, "gc-ns": 6e6} {
		if got, ok := line.Value(unit); !ok || got != want {
			t.Errorf("%v %s, want %v", got, unit, want)
		}
	}
	if string(line.Name) != "Syntax/impl=x" || line.Iters != 7 {
		t.Errorf("%s %d", line.Name, line.Iters)
	}
}
