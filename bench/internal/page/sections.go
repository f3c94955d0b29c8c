package page

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	"gonum.org/v1/plot"

	"github.com/shadowvars/shadow/bench/internal/figures"
	"github.com/shadowvars/shadow/bench/internal/measure"
	"github.com/shadowvars/shadow/bench/internal/report"
	"github.com/shadowvars/shadow/bench/internal/work"
)

const table = "Table"

// sectionsOf makes the page's sections of what figures there are; those without any are left out.
func sectionsOf(f *figures.Figures) ([]section, error) {
	grids := f.Grids()
	var sections []section
	for _, make := range []func(*figures.Figures) (section, error){job, throughput, latency, collector, memory, scaling, variants} {
		s, err := make(f)
		if err != nil {
			return nil, err
		}
		s.Grids, grids = take(grids, s)
		if len(s.Figures)+len(s.Grids) > 0 {
			sections = append(sections, s)
		}
	}
	if len(grids) > 0 {
		sections = append(sections, section{ID: "more", Title: "More", Note: "Figures that have no plot.", Grids: grids})
	}
	return sections, nil
}

// owners tell which section's tables an operation's are.
var owners = map[string][]string{
	"latency":    {"growth", "freeall", "lifetimes"},
	"collector":  {"weigh"},
	"variants":   {"get-batch", "get-ids"},
	"throughput": nil, // all other workloads
}

// take takes the section's tables out of those that are left.
func take(grids []figures.Grid, s section) (own, rest []figures.Grid) {
	for _, g := range grids {
		owner := "throughput"
		for id, ops := range owners {
			if slices.Contains(ops, g.Op) {
				owner = id
			}
		}
		switch g.Base {
		case table:
		case "Syntax":
			owner = "job"
		default:
			owner = "more"
		}
		if owner == s.ID {
			own = append(own, g)
		} else {
			rest = append(rest, g)
		}
	}
	return own, rest
}

func job(f *figures.Figures) (section, error) {
	s := section{
		ID: "job", Title: "A note on every syntax node of the standard library", Open: true,
		Note: "Go's parser makes millions of objects of a few dozen types that nobody can add a field to. Every contestant attaches a note to each, looks notes up in random order, detaches and attaches again.",
	}
	for _, w := range []weight{
		{"attach-ns/op", "attach", duration}, {"get-ns/op", "look up", duration},
		{"attach-p99.99-ns", "99.99th percentile of attach", duration}, {"gc-ns", "collection longer by", duration},
	} {
		if err := amounts(f, &s, "Syntax", "", w, "lower is better"); err != nil {
			return s, err
		}
	}
	return s, nil
}

// sizes is an axis of numbers of parents.
func sizes(places []figures.Place) (a axis) {
	for _, at := range places {
		if len(a) == 0 || a[len(a)-1].Label != report.Size(at.N) {
			a = append(a, plot.Tick{Value: math.Log2(float64(at.N)), Label: report.Size(at.N)})
		}
	}
	return a
}

// throughput has a plot for every operation that was measured at several sizes: by the most goroutines that have processors.
func throughput(f *figures.Figures) (section, error) {
	s := section{
		ID: "throughput", Title: "Throughput by size",
		Note: "Time of one operation by the number of parents: lower is better, both axes are logarithmic. What is drawn thin is one of the many other ways to do it.",
	}
	seen := []string{}
	for _, w := range work.Workloads() {
		places := f.Places(table, w.Op, "ns/op")
		places = slices.DeleteFunc(places, func(at figures.Place) bool { return at.Variant != "" || at.G > 2 })
		places = only(places, mostGoroutines(places))
		x := sizes(places)
		if len(x) < 2 {
			continue
		}
		impls := inOrder(f.Impls(places, "ns/op"))
		all := linesOf(f, impls, places, "ns/op", func(at figures.Place) float64 { return math.Log2(float64(at.N)) })
		drawing, err := lines(w.Op, "parents", x, all, duration)
		if err != nil {
			return s, err
		}
		note := w.Says
		if places[0].G > 0 {
			note += fmt.Sprintf("; goroutines: %d", places[0].G)
		}
		s.Figures = append(s.Figures, figure{w.Op, note, drawing})
		seen = append(seen, impls...)
	}
	s.Legend = legend(unique(seen))
	return s, nil
}

func unique(impls []string) []string { return slices.Compact(inOrder(impls)) }

func mostGoroutines(places []figures.Place) (most int) {
	for _, at := range places {
		most = max(most, at.G)
	}
	return most
}

func only(places []figures.Place, goroutines int) []figures.Place {
	return slices.DeleteFunc(places, func(at figures.Place) bool { return at.G != goroutines })
}

// linesOf are the contestants' medians over places.
func linesOf(f *figures.Figures, impls []string, places []figures.Place, unit string, x func(figures.Place) float64) (all []series) {
	for _, impl := range impls {
		s := series{impl: impl}
		for _, at := range places {
			if m, ok := f.Summary(at, impl, unit); ok && m.Median > 0 {
				s.points = append(s.points, point{x(at), m.Median, m.Lo, m.Hi})
			}
		}
		if len(s.points) > 0 {
			all = append(all, s)
		}
	}
	return all
}

// latency has a curve over percentiles for whatever was timed operation by operation.
func latency(f *figures.Figures) (section, error) {
	s := section{
		ID: "latency", Title: "Latency",
		Note: "How long single operations take, from the typical one to the longest of all. A table that locks or copies while it grows shows on the right.",
	}
	var x axis
	for i, percent := range measure.Percentiles {
		label := strconv.FormatFloat(percent, 'f', -1, 64)
		if percent == 100 {
			label = "max"
		}
		x = append(x, plot.Tick{Value: float64(i), Label: label})
	}
	seen := []string{}
	for _, w := range work.Workloads() {
		for _, at := range f.Places(table, w.Op, "max-ns") {
			impls := inOrder(f.Impls([]figures.Place{at}, "max-ns"))
			drawing, err := lines(w.Op, "percentile", x, curves(f, at, impls), duration)
			if err != nil {
				return s, err
			}
			s.Figures = append(s.Figures, figure{title(at), w.Says, drawing})
			seen = append(seen, impls...)
		}
	}
	s.Legend = legend(unique(seen))
	return s, nil
}

// title is a place in words.
func title(at figures.Place) string {
	text := at.Op
	if role, ok := strings.CutPrefix(at.Variant, "role="); ok {
		text += ": " + role
	}
	return text + ", " + report.Size(at.N) + " parents"
}

// curves are the contestants' percentiles.
func curves(f *figures.Figures, at figures.Place, impls []string) (all []series) {
	for _, impl := range impls {
		s := series{impl: impl}
		for i, percent := range measure.Percentiles {
			if m, ok := f.Summary(at, impl, work.PercentileUnit(percent)); ok && m.Median > 0 {
				s.points = append(s.points, point{float64(i), m.Median, m.Lo, m.Hi})
			}
		}
		all = append(all, s)
	}
	return all
}

func collector(f *figures.Figures) (section, error) {
	s := section{
		ID: "collector", Title: "What the garbage collector pays",
		Note: "By how much one variable makes a forced collection longer, every contestant in a process of its own: on the wall, and in processor time with everything that the collection sets off, such as cleanups and the library's reaper.",
	}
	err := weighed(f, &s, []weight{{"gc-ns/var", "wall time of a collection per variable", duration}, {"gc-cpu-ns/var", "processor time of a collection per variable", duration}})
	return s, err
}

func memory(f *figures.Figures) (section, error) {
	s := section{
		ID: "memory", Title: "Memory",
		Note: "What one variable takes beyond its parent: live heap objects, and memory of the whole process, which also holds what the runtime keeps outside of the heap.",
	}
	err := weighed(f, &s, []weight{{"heap-B/var", "heap per variable", size}, {"resident-B/var", "process memory per variable", size}})
	return s, err
}

// weight is a unit of workload weigh.
type weight struct {
	unit, title string
	label       func(float64) string
}

// weighed adds bars of the greatest number of parents.
func weighed(f *figures.Figures, s *section, weights []weight) error {
	for _, w := range weights {
		if err := amounts(f, s, table, "weigh", w, "data of 16 bytes; lower is better"); err != nil {
			return err
		}
	}
	return nil
}

// amounts adds a plot of bars, of the last place that has figures in the unit.
func amounts(f *figures.Figures, s *section, base, op string, w weight, note string) error {
	places := f.Places(base, op, w.unit)
	if len(places) == 0 {
		return nil
	}
	at := places[len(places)-1]
	drawing, err := bars(w.title, barsAt(f, at, w.unit), w.label)
	if err != nil {
		return err
	}
	if at.N > 0 {
		note = report.Size(at.N) + " parents, " + note
	}
	s.Figures = append(s.Figures, figure{w.title, note, drawing})
	return nil
}

// barsAt are all contestants' amounts at a place.
func barsAt(f *figures.Figures, at figures.Place, unit string) (all []bar) {
	for _, impl := range inOrder(f.Impls([]figures.Place{at}, unit)) {
		m, _ := f.Summary(at, impl, unit)
		all = append(all, bar{impl, shortName(impl), m.Median})
	}
	return all
}

// shortName leaves out what would not fit beside a bar.
func shortName(impl string) string {
	name, _, _ := strings.Cut(strings.TrimSuffix(work.Long(impl), " {ptr,id}"), ",")
	return name
}

// scaling has a plot for every operation that was measured with one goroutine and with more: throughput as a multiple of one goroutine's.
func scaling(f *figures.Figures) (section, error) {
	s := section{
		ID: "scaling", Title: "Scaling",
		Note: "Throughput of several goroutines as a multiple of one's: higher is better. More goroutines than processors show what waiting for a goroutine that does not run costs. The floors say what the machine's memory gives.",
	}
	seen := []string{}
	for _, w := range work.Workloads() {
		all := f.Places(table, w.Op, "ns/op")
		all = slices.DeleteFunc(all, func(at figures.Place) bool { return at.Variant != "" || at.G == 0 })
		if len(all) == 0 {
			continue
		}
		// Where the table outgrows the caches, or as large as there is.
		n := all[len(all)-1].N
		for _, at := range all {
			if at.N == 1<<20 {
				n = at.N
			}
		}
		places := slices.DeleteFunc(all, func(at figures.Place) bool { return at.N != n })
		if len(places) < 2 || places[0].G != 1 {
			continue
		}
		var x axis
		for i, at := range places {
			x = append(x, plot.Tick{Value: float64(i), Label: strconv.Itoa(at.G)})
		}
		drawn := multiples(f, places)
		drawing, err := lines(w.Op, "goroutines", x, drawn, times)
		if err != nil {
			return s, err
		}
		s.Figures = append(s.Figures, figure{w.Op, report.Size(n) + " parents", drawing})
		for _, line := range drawn {
			seen = append(seen, line.impl)
		}
	}
	s.Legend = legend(unique(seen))
	return s, nil
}

// multiples are throughputs over the first place's, for those who were measured there.
func multiples(f *figures.Figures, places []figures.Place) (all []series) {
	for _, impl := range inOrder(f.Impls(places, "ns/op")) {
		one, ok := f.Summary(places[0], impl, "ns/op")
		s := series{impl: impl}
		for i, at := range places {
			if m, measured := f.Summary(at, impl, "ns/op"); ok && measured {
				s.points = append(s.points, point{float64(i), one.Median / m.Median, one.Median / m.Hi, one.Median / m.Lo})
			}
		}
		if len(s.points) > 1 {
			all = append(all, s)
		}
	}
	return all
}

// variants has plots over what is neither parents nor goroutines.
func variants(f *figures.Figures) (section, error) {
	s := section{
		ID: "variants", Title: "Batches and many ids",
		Note: "GetBatch by the size of the batch (loop is Get in a loop), and Get of all ids of a parent by their number; the time is of one lookup.",
	}
	seen := []string{}
	for _, op := range []string{"get-batch", "get-ids"} {
		places := f.Places(table, op, "ns/op")
		places = only(places, mostGoroutines(places))
		if len(places) == 0 {
			continue
		}
		for _, n := range []int{places[0].N, places[len(places)-1].N} {
			at := slices.DeleteFunc(slices.Clone(places), func(p figures.Place) bool { return p.N != n })
			var x axis
			where := map[string]float64{}
			for i, p := range at {
				_, label, _ := strings.Cut(p.Variant, "=")
				where[p.Variant] = float64(i)
				x = append(x, plot.Tick{Value: float64(i), Label: label})
			}
			impls := inOrder(f.Impls(at, "ns/op"))
			all := linesOf(f, impls, at, "ns/op", func(p figures.Place) float64 { return where[p.Variant] })
			name, _, _ := strings.Cut(at[0].Variant, "=")
			drawing, err := lines(op, name, x, all, duration)
			if err != nil {
				return s, err
			}
			w, _ := work.Find(op)
			s.Figures = append(s.Figures, figure{op + ", " + report.Size(n) + " parents", w.Says, drawing})
			seen = append(seen, impls...)
			if places[0].N == places[len(places)-1].N {
				break
			}
		}
	}
	s.Legend = legend(unique(seen))
	return s, nil
}
