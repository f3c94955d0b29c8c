// Package work holds the workloads: what is done to every contestant, and what of it is measured. Which of them run, in which
// order and for how long, is package plan's business; go test -bench runs the steady ones by itself.
package work

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"golang.org/x/perf/benchfmt"

	"github.com/shadowvars/shadow/bench/internal/measure"
	"github.com/shadowvars/shadow/bench/internal/micro"
	"github.com/shadowvars/shadow/bench/internal/report"
)

// Subject is one contestant, or floor, at one workload: what one line of results is of.
type Subject struct {
	Impl       string
	Op         string
	N          int    // parents
	Goroutines int    // 0 where the workload has its own
	Variant    string // "batch=16" and the like, or nothing
}

// Name is the subject as go test names benchmarks, without the word Benchmark: benchstat pivots on its parts.
func (s Subject) Name() string {
	name := fmt.Sprintf("Table/impl=%s/op=%s/n=%s", s.Impl, s.Op, report.Size(s.N))
	if s.Goroutines > 0 {
		name += fmt.Sprintf("/g=%d", s.Goroutines)
	}
	if s.Variant != "" {
		name += "/" + s.Variant
	}
	return name
}

// Sample is what one round of one subject gave.
type Sample struct {
	Subject Subject
	Ops     int
	Values  []benchfmt.Value
}

// Result is the sample as a line of benchmark output.
func (s Sample) Result() *benchfmt.Result {
	return &benchfmt.Result{Name: benchfmt.Name(s.Subject.Name()), Iters: max(s.Ops, 1), Values: s.Values}
}

func value(amount float64, unit string) benchfmt.Value {
	return benchfmt.Value{Value: amount, Unit: unit}
}

// Run is one round of one contestant: one sample, or one for each of the roles in which goroutines meet.
type Run func(slice time.Duration) []Sample

// Workload is one thing that is done.
type Workload struct {
	Op   string
	Says string
	// Steady workloads run on tables that stand side by side, by turns, with the collector off; the others make a table for
	// every round, alone in the heap, with the collector on.
	Steady bool
	// Crowds tells whether the number of goroutines can be chosen.
	Crowds bool
	// Floors tells whether the floors have a time for it.
	Floors bool
	// Nanoseconds is about what a parent costs in a round, the table's making included; of steady ones, one operation.
	Nanoseconds float64
	// Seconds is about what a round takes besides.
	Seconds float64

	// Least and Greatest are between which numbers of parents it tells something; 0 is no limit.
	Least, Greatest int

	needs func(i micro.Implementation) bool // what a contestant must have; nil: nothing
	open  func(s Subject) Run
	step  step // of steady workloads: what open repeats
}

// Suits tells whether a contestant or floor can do it at all with so many parents. By how many goroutines is another question.
func (w Workload) Suits(name string, n int) bool {
	if n < w.Least || w.Greatest > 0 && n > w.Greatest {
		return false
	}
	implementation, ok := find(name)
	if !ok {
		floor := micro.FindFloor(name)
		return w.Floors && (!floor.Dependent || w.Op == "get-dependent") && (w.Op == "get-hit" || floor.CanDepend())
	}
	return w.needs == nil || w.needs(implementation)
}

// Open gets a subject ready: nil if it cannot do this. The ground is the one for s.N of steady workloads, and nil for others.
func (w Workload) Open(g *Ground, s Subject) Run {
	if !w.Steady {
		if !w.Suits(s.Impl, s.N) || micro.Find(s.Impl).Alone && s.Goroutines > 1 {
			return nil
		}
		return w.open(s)
	}
	blocks := w.Blocks(g, s)
	if blocks == nil {
		return nil
	}
	return func(slice time.Duration) []Sample { return throughput(s, slice, blocks) }
}

// Blocks returns what a steady workload repeats: nil if the subject cannot do this.
func (w Workload) Blocks(g *Ground, s Subject) measure.Blocks {
	if !w.Suits(s.Impl, s.N) {
		return nil
	}
	if implementation, _ := find(s.Impl); implementation.Alone && s.Goroutines > 1 {
		return nil
	}
	return w.step(g, s)
}

// find is micro.Find for names that may be a floor's.
func find(name string) (micro.Implementation, bool) {
	all := micro.Implementations()
	i := slices.IndexFunc(all, func(i micro.Implementation) bool { return i.Name == name })
	if i < 0 {
		return micro.Implementation{}, false
	}
	return all[i], true
}

// Tables are all contestants, as results name them.
func Tables() (names []string) {
	for _, i := range micro.Implementations() {
		names = append(names, i.Name)
	}
	return names
}

// Names are all contestants and floors.
func Names() []string {
	names := Tables()
	for _, f := range micro.Floors() {
		names = append(names, f.Name)
	}
	return names
}

// Long is the name for people.
func Long(name string) string {
	for _, i := range micro.Implementations() {
		if i.Name == name {
			return i.Long
		}
	}
	for _, f := range micro.Floors() {
		if f.Name == name {
			return f.Long
		}
	}
	return name
}

// Workloads are all, reads before writes: what writes leave behind is no table as it was built.
func Workloads() []Workload { return slices.Concat(steady(), fresh()) }

// Find returns the workload of that name.
func Find(op string) (Workload, bool) {
	all := Workloads()
	i := slices.IndexFunc(all, func(w Workload) bool { return w.Op == op })
	if i < 0 {
		return Workload{}, false
	}
	return all[i], true
}

// Usage explains the workloads, one a line.
func Usage() string {
	var out strings.Builder
	for _, w := range Workloads() {
		fmt.Fprintf(&out, "  %-15s %s\n", w.Op, w.Says)
	}
	return out.String()
}
