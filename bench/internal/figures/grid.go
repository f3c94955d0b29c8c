package figures

import (
	"fmt"
	"io"
	"math"
	"strings"

	"github.com/shadowvars/shadow/bench/internal/measure"
	"github.com/shadowvars/shadow/bench/internal/report"
	"github.com/shadowvars/shadow/bench/internal/work"
)

// Grid is a table for people: a contestant a row.
type Grid struct {
	Base, Op string
	Title    string
	Note     string
	Header   []string
	Rows     [][]string
}

// Grids are all figures as tables, workloads in their order and then what else the file has.
func (f *Figures) Grids() (grids []Grid) {
	for _, w := range work.Workloads() {
		op, units := w.Op, f.Units(tableBase, w.Op)
		switch {
		case len(units) == 0:
		case units[0] == "ns/op":
			grids = append(grids, f.byPlace(op, w.Says, "ns/op"))
			if places := f.Places(tableBase, op, "allocs/op"); f.allocates(places) {
				grids = append(grids, f.byPlace(op, "Heap objects an operation", "allocs/op"))
			}
		default:
			for _, at := range f.Places(tableBase, op, units[0]) {
				grids = append(grids, f.byUnit(at, w.Says, units))
			}
		}
		if op == "freeall" {
			for _, at := range f.Places(tableBase, op, "max-ns") {
				grids = append(grids, f.byUnit(at, "What the readers see meanwhile", units[1:]))
			}
		}
	}
	for _, base := range f.Bases() {
		if base == tableBase {
			continue
		}
		for _, op := range f.Ops(base) {
			units := f.Units(base, op)
			for _, at := range f.Places(base, op, units[0]) {
				grids = append(grids, f.byUnit(at, says[base], units))
			}
		}
	}
	return grids
}

// tableBase begins the names of what package work measures.
const tableBase = "Table"

// says explains other kinds of benchmarks.
var says = map[string]string{
	"Syntax": "A note on every syntax node of the standard library; times are of one goroutine at work, bytes and collector as the notes add to them",
}

// allocates tells whether there is anything to see in allocations.
func (f *Figures) allocates(places []Place) bool {
	for _, at := range places {
		for _, impl := range f.impls {
			if s, ok := f.Summary(at, impl, "allocs/op"); ok && s.Median > 0.005 {
				return true
			}
		}
	}
	return false
}

// byPlace has a column for each place.
func (f *Figures) byPlace(op, note, unit string) Grid {
	places := f.Places(tableBase, op, unit)
	g := Grid{Base: tableBase, Op: op, Title: op + ", " + unit, Note: note, Header: []string{""}}
	for _, at := range places {
		g.Header = append(g.Header, at.String())
	}
	for _, impl := range f.Impls(places, unit) {
		row := []string{work.Long(impl)}
		for _, at := range places {
			row = append(row, f.cell(at, impl, unit))
		}
		g.Rows = append(g.Rows, row)
	}
	return g
}

// byUnit has a column for each unit.
func (f *Figures) byUnit(at Place, note string, units []string) Grid {
	g := Grid{Base: at.Base, Op: at.Op, Title: strings.TrimSpace(at.Op + " " + at.String()), Note: note, Header: []string{""}}
	if at.Base != tableBase {
		g.Title = strings.TrimSpace(at.Base + " " + g.Title)
	}
	g.Header = append(g.Header, units...)
	for _, impl := range f.Impls([]Place{at}, units[0]) {
		row := []string{work.Long(impl)}
		for _, unit := range units {
			row = append(row, f.cell(at, impl, unit))
		}
		g.Rows = append(g.Rows, row)
	}
	return g
}

func (f *Figures) cell(at Place, impl, unit string) string {
	s, ok := f.Summary(at, impl, unit)
	if !ok {
		return ""
	}
	return Interval(s, f.Rounds(at, impl, unit))
}

// Interval prints a median and how far the interval reaches from it: 12.3 ±4%. A single round has none.
func Interval(s measure.Summary, rounds int) string {
	text := report.Figure(s.Median)
	if width := math.Max(s.Hi-s.Median, s.Median-s.Lo) / math.Abs(s.Median); rounds > 1 && !math.IsNaN(width) && !math.IsInf(width, 0) {
		text += fmt.Sprintf(" ±%.0f%%", 100*width)
	}
	return text
}

// Markdown writes the grids as a Markdown page.
func (f *Figures) Markdown(out io.Writer) error {
	var text strings.Builder
	text.WriteString("# What shadow costs, and what the alternatives do\n\n")
	for _, line := range f.About() {
		fmt.Fprintf(&text, "* %s\n", line)
	}
	fmt.Fprintf(&text, "\n%s\n", HowToRead)
	for _, g := range f.Grids() {
		fmt.Fprintf(&text, "\n## %s\n\n%s.\n\n", g.Title, g.Note)
		row := func(cells []string) { fmt.Fprintf(&text, "| %s |\n", strings.Join(cells, " | ")) }
		row(g.Header)
		text.WriteString("|---|" + strings.Repeat("---:|", len(g.Header)-1) + "\n")
		for _, cells := range g.Rows {
			row(cells)
		}
	}
	_, err := io.WriteString(out, text.String())
	return err
}

// About tells what the figures were measured on, with what and when.
func (f *Figures) About() (lines []string) {
	for _, key := range []string{"command", "cpu", "goversion", "gomaxprocs", "commit", "date"} {
		if value := f.Config[key]; value != "" {
			lines = append(lines, key+": "+value)
		}
	}
	return lines
}

// HowToRead is what a reader of the tables has to know.
const HowToRead = "Figures are medians of rounds in which the contestants took turns; ± is how far the interval reaches that holds the median with 95 % confidence, or the " +
	"range of all rounds if they are fewer than six. ns/op is wall time over all operations of all goroutines, as go test counts it. Parents are heap objects of 48 bytes, data are " +
	"16 bytes without pointers. Sizes are binary: 1k is 1024. B/var and ns/var are what one variable adds; resident is the process's memory, which holds the runtime's records of weak " +
	"pointers too. Latencies contain two looks at the clock."
