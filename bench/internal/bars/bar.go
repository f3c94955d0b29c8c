// Package bars measures what the library has to reach, as ratios to its rivals in one run on one
// machine: contestants alternate in short slices, each ratio is taken between neighbours in time, and
// what is printed is the median of these ratios.
package bars

import (
	"fmt"
	"io"
	"math"
	"slices"
	"strings"
	"time"

	"github.com/shadowvars/shadow/bench/internal/measure"
	"github.com/shadowvars/shadow/bench/internal/report"
)

// Options say what to measure and how thoroughly.
type Options struct {
	Sizes      []int         // how many parents
	Only       []string      // keys of the groups to run; none means all
	Goroutines int           // workers of everything but scaling, which compares one with this many
	Rounds     int           // rounds of slices; what builds tables anew has half as many, at least three
	Clock      measure.Clock // what lookups are timed by; everything else is by the wall
	Slice      time.Duration // how long a contestant runs in one round
	Progress   *report.Progress
}

func (o Options) builds() int { return max(3, o.Rounds/2) }

// warmUp is not counted; it is enough to bring a table of the size of the last cache back into it.
func (o Options) warmUp() time.Duration { return o.Slice / 8 }

// goal is what a ratio has to reach. Zero is no goal.
type goal struct {
	bar, stretch float64
	atMost       bool // small is good
}

// Result is one line of the table.
type Result struct {
	What     string
	N        int
	Measured string // the absolute figures the ratio is of
	Value    measure.Summary
	Unit     string // × for ratios
	goal     goal
}

// Verdict says whether the median reaches the bar, and with a question mark if the interval of
// confidence lies on both sides of the nearest line that was reached or missed.
func (r Result) Verdict() string {
	reaches := func(value, line float64) bool {
		if r.goal.atMost {
			return value <= line
		}
		return value >= line
	}
	unsure := func(line float64) string {
		if reaches(r.Value.Lo, line) != reaches(r.Value.Hi, line) {
			return "?"
		}
		return ""
	}
	bar, stretch, median := r.goal.bar, r.goal.stretch, r.Value.Median
	switch {
	case math.IsNaN(median):
		return "not measured"
	case stretch != 0 && reaches(median, stretch):
		return "stretch" + unsure(stretch)
	case bar == 0 && stretch == 0:
		return "-"
	case bar == 0:
		return "below stretch" + unsure(stretch)
	case reaches(median, bar):
		return "holds" + unsure(bar)
	default:
		return "NO" + unsure(bar)
	}
}

// group is a set of results that are measured together, for each size or once.
type group struct {
	key  string
	says string
	each func(o Options, n int) []Result
	once func(o Options) []Result
}

func groups() []group {
	return []group{
		{"get", "Get hit, Manual, against rivals and the two-load floor", runGet, nil},
		{"collected", "Get hit, Collected, against the standard idiom", runCollected, nil},
		{"batch", "GetBatch against Get in a loop", runBatch, nil},
		{"churn", "Free and GetOrAlloc", runChurn, nil},
		{"scaling", "several goroutines against one, Get", runScaling, nil},
		{"life", "attach from empty, collector time, bytes; Manual", runLife, nil},
		{"growth", "p99.99 of one attach while growing", nil, runGrowth},
		{"gc-collected", "collector and reaper, Collected, against bare weak handles", runCollectedCollector, nil},
		{"freeall", "the visible part of FreeAll", nil, runFreeAll},
	}
}

// Keys are the names that Only takes, with what they stand for.
func Keys() []string {
	var keys []string
	for _, g := range groups() {
		keys = append(keys, g.key)
	}
	return keys
}

// Usage explains the keys, one a line.
func Usage() string {
	var out strings.Builder
	for _, g := range groups() {
		fmt.Fprintf(&out, "  %-13s %s\n", g.key, g.says)
	}
	return out.String()
}

// Run measures and prints one table.
func Run(o Options, out io.Writer) error {
	begin := time.Now()
	var results []Result
	for _, g := range groups() {
		if len(o.Only) > 0 && !slices.Contains(o.Only, g.key) {
			continue
		}
		if g.once != nil {
			results = append(results, g.once(o)...)
			continue
		}
		for _, n := range o.Sizes {
			results = append(results, g.each(o, n)...)
		}
	}
	o.Progress.Done()
	fmt.Fprintf(out, "%s\n", report.Machine())
	fmt.Fprintf(out, "%d goroutines, %d rounds of %v, medians of ratios taken round by round, [95 %% confidence]; parents 48 bytes, data 16; %.0f s\n",
		o.Goroutines, o.Rounds, o.Slice, time.Since(begin).Seconds())
	fmt.Fprintf(out, "An ns is a worker's: its time over its operations; by the thread's processor clock for Get unless -clock wall, by the wall for the rest.\n\n")
	_, err := tableOf(results).WriteTo(out)
	return err
}

func tableOf(results []Result) *report.Table {
	table := report.NewTable("what", "n", "measured", "value", "95 %", "bar", "stretch", "verdict")
	for _, r := range results {
		sign := "≥ "
		if r.goal.atMost {
			sign = "≤ "
		}
		line := func(value float64) string {
			if value == 0 {
				return "-"
			}
			return sign + short(value)
		}
		table.Row(r.What, report.Size(r.N), r.Measured, report.Figure(r.Value.Median)+r.Unit,
			"["+report.Figure(r.Value.Lo)+" "+report.Figure(r.Value.Hi)+"]",
			line(r.goal.bar), line(r.goal.stretch), r.Verdict())
	}
	return table
}

// short prints a goal without digits it does not have.
func short(value float64) string { return fmt.Sprintf("%.4g", value) }

// against is the measured column of a ratio: shadow's figure first.
func against(shadow, rival float64, unit string) string {
	return fmt.Sprintf("%s / %s %s", report.Figure(shadow), report.Figure(rival), unit)
}

// fasterThan is the result of timings in which the rival should take longer by the goal.
func fasterThan(what string, n int, shadow, rival []float64, unit string, g goal) Result {
	return Result{
		What: what, N: n, Unit: "×", goal: g,
		Measured: against(measure.Median(shadow), measure.Median(rival), unit),
		Value:    measure.Summarize(measure.Ratios(rival, shadow)),
	}
}

// partOf is the result of costs of which shadow should have no more than the goal's part.
func partOf(what string, n int, shadow, rival []float64, unit string, g goal) Result {
	g.atMost = true
	return Result{
		What: what, N: n, Unit: "×", goal: g,
		Measured: against(measure.Median(shadow), measure.Median(rival), unit),
		Value:    measure.Summarize(measure.Ratios(shadow, rival)),
	}
}
