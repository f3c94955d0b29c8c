package figures

import (
	"fmt"
	"io"

	"github.com/shadowvars/shadow/bench/internal/report"
	"github.com/shadowvars/shadow/bench/internal/work"
)

// most is how many contestants fit beside each other on a terminal; the page has all.
const most = 8

// Print prints what fits on a terminal: times of operations, a place a row, and what is weighed.
func (f *Figures) Print(out io.Writer) error {
	impls := f.Impls(f.places("ns/op"), "ns/op")
	impls = impls[:min(most, len(impls))]
	if len(impls) == 0 {
		return nil
	}
	table := report.NewTable(append([]string{"ns an operation"}, impls...)...)
	f.rows(table, impls, "ns/op", "")
	f.rows(table, impls, "p99.99-ns", "p99.99 of ")
	for _, unit := range []string{"heap-B/var", "resident-B/var", "gc-ns/var", "gc-cpu-ns/var"} {
		f.rows(table, impls, unit, unit+" ")
	}
	fmt.Fprintln(out)
	_, err := table.WriteTo(out)
	return err
}

// places are all of package work's that have a figure in that unit, in the order of the workloads.
func (f *Figures) places(unit string) (places []Place) {
	for _, w := range work.Workloads() {
		places = append(places, f.Places(tableBase, w.Op, unit)...)
	}
	return places
}

func (f *Figures) rows(table *report.Table, impls []string, unit, prefix string) {
	for _, at := range f.places(unit) {
		row := []string{prefix + at.Op + " " + at.String()}
		some := false
		for _, impl := range impls {
			cell := f.cell(at, impl, unit)
			some = some || cell != ""
			row = append(row, cell)
		}
		if some {
			table.Row(row...)
		}
	}
}
