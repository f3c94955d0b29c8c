package plan

import (
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/shadowvars/shadow/bench/internal/report"
)

// List prints what is planned, in its order.
func (p *Plan) List(out io.Writer) error {
	table := report.NewTable("workload", "parents", "goroutines", "about", "contestants")
	for _, c := range p.Cells {
		goroutines := "-"
		if c.Workload.Crowds {
			goroutines = strings.Trim(fmt.Sprint(c.Goroutines), "[]")
		}
		table.Row(c.Workload.Op, report.Size(c.N), goroutines, p.costOf(c).Round(100*time.Millisecond).String(), strings.Join(c.Impls, " "))
	}
	if _, err := table.WriteTo(out); err != nil {
		return err
	}
	fmt.Fprintf(out, "\n%d workloads, about %v if each is done as often as it must be; what is left of %v goes into more rounds.\n",
		len(p.Cells), p.Cost.Round(time.Second), p.Budget.Round(time.Second))
	p.Skipped(out, 0)
	return nil
}

// Skipped says what was not measured and why.
func (p *Plan) Skipped(out io.Writer, skipped int) {
	if missing := p.Left + skipped; missing > 0 {
		fmt.Fprintf(out, "There is no time for %d more workloads and sizes: give more with -for.\n", missing)
	}
	if p.Crowded > 0 {
		fmt.Fprintf(out, "At the greatest size %d contestants are left out, because all of them do not fit into half of the memory that is free.\n", p.Crowded)
	}
}
