package bars

import (
	"bytes"
	"fmt"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/shadowvars/shadow/bench/internal/measure"
	"github.com/shadowvars/shadow/bench/internal/report"
)

func TestVerdicts(t *testing.T) {
	// Ensure the median decides, in both directions, and an interval across the line is marked.
	sure := func(value float64) measure.Summary { return measure.Summary{Median: value, Lo: value, Hi: value} }
	for _, c := range []struct {
		value measure.Summary
		goal  goal
		want  string
	}{
		{sure(3), goal{bar: 3, stretch: 5}, "holds"},
		{sure(5), goal{bar: 3, stretch: 5}, "stretch"},
		{sure(2.9), goal{bar: 3, stretch: 5}, "NO"},
		{measure.Summary{Median: 2.9, Lo: 2.5, Hi: 3.1}, goal{bar: 3}, "NO?"},
		{measure.Summary{Median: 3.1, Lo: 2.5, Hi: 3.2}, goal{bar: 3}, "holds?"},
		{sure(60), goal{bar: 64, stretch: 44, atMost: true}, "holds"},
		{sure(44), goal{bar: 64, stretch: 44, atMost: true}, "stretch"},
		{sure(65), goal{bar: 64, stretch: 44, atMost: true}, "NO"},
		{sure(1.2), goal{stretch: 1.15, atMost: true}, "below stretch"},
		{sure(1), goal{}, "-"},
		{sure(math.NaN()), goal{bar: 1}, "not measured"},
	} {
		if got := (Result{Value: c.value, goal: c.goal}).Verdict(); got != c.want {
			t.Errorf("%v against %+v: %q, want %q", c.value, c.goal, got, c.want)
		}
	}
}

func TestRatioDirections(t *testing.T) {
	// Ensure a faster library gives a speed-up above one, and a cheaper one a part below one.
	if got := fasterThan("", 1, []float64{10, 20}, []float64{30, 60}, "ns", goal{}); got.Value.Median != 3 {
		t.Errorf("faster: %v", got.Value)
	}
	if got := partOf("", 1, []float64{10, 20}, []float64{40, 80}, "ns", goal{}); got.Value.Median != 0.25 || !got.goal.atMost {
		t.Errorf("part: %v", got.Value)
	}
}

func TestEachGroupRuns(t *testing.T) {
	// Ensure the groups that work at any size run to the end and print a line for each size.
	var out bytes.Buffer
	options := Options{
		Sizes: []int{64, 128}, Only: []string{"get", "collected", "batch", "churn", "scaling", "life"}, Goroutines: 2, Rounds: 2,
		Clock: measure.Thread, Slice: time.Millisecond, Progress: report.NewProgress(&bytes.Buffer{}),
	}
	if err := Run(options, &out); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"two-load floor", "standard idiom", "GetBatch", "Free + GetOrAlloc", "2 goroutines to 1"} {
		if got := strings.Count(out.String(), want); got != 2 {
			t.Errorf("%d lines of %q in\n%s", got, want, out.String())
		}
	}
}

func TestCollectorCostsSomething(t *testing.T) {
	// Ensure that a process of its own tells two costs of each contestant, young and aged, and that weak pointers cost something.
	for _, c := range []Collector{{Bare: true}, {Bare: true, Aged: true}, {}, {Aged: true}} {
		var out bytes.Buffer
		c.N, c.Goroutines = 1<<18, 2
		measure.CollectorCPU(3) // what ran before is over
		if err := c.Run(&out); err != nil {
			t.Fatal(err)
		}
		var fresh, churned float64
		if n, err := fmt.Sscan(out.String(), &fresh, &churned); n != 2 || err != nil || fresh <= 0 || churned <= 0 {
			t.Errorf("%+v: %q, %v", c, out.String(), err)
		}
	}
}
