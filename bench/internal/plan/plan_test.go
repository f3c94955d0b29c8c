package plan

import (
	"bytes"
	"math"
	"slices"
	"strings"
	"testing"
	"time"

	"golang.org/x/perf/benchfmt"

	"github.com/shadowvars/shadow/bench/internal/micro"
	"github.com/shadowvars/shadow/bench/internal/report"
	"github.com/shadowvars/shadow/bench/internal/work"
)

func TestPlanFits(t *testing.T) {
	// Ensure that a plan costs no more than its budget, that more time never measures less, and that an hour is enough for everything.
	cells := -1
	for _, budget := range []time.Duration{0, 5 * time.Second, 40 * time.Second, 3 * time.Minute, 20 * time.Minute, 2 * time.Hour} {
		p := New(Selection{}, budget)
		if p.Cost > budget || p.cost(p.Cells) != p.Cost {
			t.Errorf("%v: costs %v", budget, p.Cost)
		}
		if len(p.Cells) < cells {
			t.Errorf("%v: %d workloads, fewer than with less time", budget, len(p.Cells))
		}
		cells = len(p.Cells)
		// All workloads at all sizes but for one that has a limit.
		if all := len(work.Workloads())*len(Sizes) - 1; cells+p.Left != all {
			t.Errorf("%v: %d are planned and %d left out of %d", budget, cells, p.Left, all)
		}
		if budget == 0 && cells > 0 || budget == 2*time.Hour && p.Left > 0 {
			t.Errorf("%v: %d workloads, %d left out", budget, cells, p.Left)
		}
	}
}

func TestPlanBeginsWithWhatMatters(t *testing.T) {
	// Ensure that little time goes to lookups of the library and its main rivals.
	p := New(Selection{}, 4*time.Second)
	if len(p.Cells) == 0 {
		t.Fatal("nothing is planned")
	}
	first := p.Cells[0]
	if first.Workload.Op != "get-hit" || !slices.Contains(first.Impls, micro.ShadowManual) || !slices.Contains(first.Impls, micro.Xsync4) {
		t.Errorf("%s of %v", first.Workload.Op, first.Impls)
	}
}

func TestSelection(t *testing.T) {
	// Ensure that what is selected by name is planned and nothing else.
	p := New(Selection{Ops: []string{"churn", "get-hit"}, Impls: []string{"syncmap"}, Sizes: []int{3000}, Goroutines: []int{5}}, time.Minute)
	if len(p.Cells) != 2 {
		t.Fatalf("%d cells", len(p.Cells))
	}
	for i, op := range []string{"get-hit", "churn"} { // reads before writes
		c := p.Cells[i]
		if c.Workload.Op != op || c.N != 3000 || !slices.Equal(c.Goroutines, []int{5}) || !slices.Equal(c.Impls, []string{"syncmap"}) {
			t.Errorf("%+v", c)
		}
	}
	whole := New(Selection{Ops: []string{"weigh"}}, 10*time.Hour)
	if len(whole.Cells) != len(Sizes) || len(whole.Cells[0].Impls) != len(work.Tables()) {
		t.Errorf("%d cells", len(whole.Cells))
	}
}

func TestMemory(t *testing.T) {
	// Ensure that tables that stand side by side take no more memory than there is, that those alone in the heap are all measured, and
	// that somebody says who was left out.
	p := &Plan{Memory: 2 << 30}
	get, _ := work.Find("get-hit")
	attach, _ := work.Find("attach")
	all := work.Tables()
	if got := len(p.affordable(get, 4<<20, all)); got == 0 || got >= len(all) {
		t.Errorf("%d contestants in 2 GB", got)
	}
	if got := len(p.affordable(get, 1<<10, all)); got != len(all) {
		t.Errorf("%d contestants of a small size", got)
	}
	if got := len(p.affordable(attach, 4<<20, all)); got != len(all) {
		t.Errorf("%d contestants that are alone", got)
	}
	var out bytes.Buffer
	p.Skipped(&out, 3)
	if !strings.Contains(out.String(), "contestants are left out") || !strings.Contains(out.String(), "3 more") {
		t.Error(out.String())
	}
}

// gather runs a plan and returns what it wrote.
func gather(t *testing.T, p *Plan) (names []string, skipped int) {
	t.Helper()
	skipped, err := p.Run(func(r *benchfmt.Result) error {
		names = append(names, string(r.Name))
		return nil
	}, report.NewProgress(&bytes.Buffer{}))
	if err != nil {
		t.Fatal(err)
	}
	return names, skipped
}

func TestRunTakesTurns(t *testing.T) {
	// Ensure that contestants take turns, forward and backward, and that every one has as many rounds.
	p := New(Selection{Ops: []string{"get-hit"}, Impls: []string{"shadow-manual", "xsync4", "plain"}, Sizes: []int{64}, Goroutines: []int{1}}, time.Minute)
	p.Slice, p.Most = time.Millisecond, 3
	names, skipped := gather(t, p)
	if skipped != 0 || len(names) != 9 {
		t.Fatalf("%d skipped, %d results", skipped, len(names))
	}
	if names[0] == names[2] || names[0] != names[5] || names[2] != names[3] {
		t.Errorf("not by turns: %q", names[:6])
	}
}

func TestRunEnds(t *testing.T) {
	// Ensure that a run whose time is up stops and says how much it did not come to.
	p := New(Selection{Ops: []string{"get-hit", "churn"}, Impls: []string{"shadow-manual"}, Sizes: []int{64}, Goroutines: []int{1}}, time.Second)
	p.Budget = 0
	names, skipped := gather(t, p)
	if len(names) != 0 || skipped != 2 {
		t.Errorf("%q, %d skipped", names, skipped)
	}
}

func TestRunChangesGround(t *testing.T) {
	// Ensure that workloads on tables side by side and those alone follow each other at several sizes, batches and roles included.
	p := New(Selection{Ops: []string{"get-batch", "attach", "growth"}, Impls: []string{"shadow-manual"}, Sizes: []int{64, 128}, Goroutines: []int{1}}, time.Minute)
	p.Slice, p.Most = time.Millisecond, 2
	names, _ := gather(t, p)
	for _, want := range []string{"op=get-batch/n=64/g=1/batch=16", "op=attach/n=64/g=1", "op=growth/n=64/role=attach"} {
		if !slices.Contains(names, "Table/impl=shadow-manual/"+want) {
			t.Errorf("no %s in %q", want, slices.Compact(slices.Sorted(slices.Values(names))))
		}
	}
}

func TestWidest(t *testing.T) {
	// Ensure that the widest interval counts, relative to its median, and that one round has none.
	if got := widest(map[work.Subject][]float64{{Impl: "a"}: {1, 1, 1, 1, 1, 1}, {Impl: "b"}: {9, 9, 10, 10, 11, 11}}); math.Abs(got-0.1) > 1e-9 {
		t.Errorf("%v", got)
	}
	if got := widest(map[work.Subject][]float64{{}: {1}}); !math.IsInf(got, 1) {
		t.Errorf("%v of one round", got)
	}
}

func TestList(t *testing.T) {
	// Ensure that the list names what would be done, how long it takes, and what is left out.
	var out bytes.Buffer
	if err := New(Selection{}, 20*time.Second).List(&out); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"get-hit", "1M", "shadow-manual xsync4", "about", "more workloads"} {
		if !strings.Contains(strings.ReplaceAll(out.String(), "shadow-manual shadow-collected xsync4", "shadow-manual xsync4"), want) {
			t.Errorf("no %q in\n%s", want, out.String())
		}
	}
}
