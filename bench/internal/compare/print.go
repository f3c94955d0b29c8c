package compare

import (
	"fmt"
	"io"
	"math"

	"golang.org/x/perf/benchunit"

	"github.com/shadowvars/shadow/bench/internal/report"
)

// Print prints a line for every measure. Where all is false, measures that are the same are only counted.
func (r Result) Print(out io.Writer, all bool) error {
	table := report.NewTable("", "unit", "old", "new", "difference", "p", "")
	same := 0
	for _, row := range r.Rows {
		if row.Verdict == Same && !all {
			same++
			continue
		}
		table.Row(row.Name, row.Unit, figure(row.Old.Center, row.Unit), figure(row.New.Center, row.Unit),
			percent(row.Delta), probability(row.P), string(row.Verdict))
	}
	if same < len(r.Rows) {
		if _, err := table.WriteTo(out); err != nil {
			return err
		}
	}
	if same > 0 {
		fmt.Fprintf(out, "%d measures are the same.\n", same)
	}
	for _, key := range r.OnlyOld {
		fmt.Fprintf(out, "only in the old: %s %s\n", key.Name, key.Unit)
	}
	for _, key := range r.OnlyNew {
		fmt.Fprintf(out, "only in the new: %s %s\n", key.Name, key.Unit)
	}
	return nil
}

func figure(value float64, unit string) string {
	return benchunit.Scale(value, benchunit.ClassOf(unit))
}

func percent(delta float64) string {
	if math.IsInf(delta, 0) || math.IsNaN(delta) {
		return "from 0"
	}
	return fmt.Sprintf("%+.1f %%", delta*100)
}

func probability(p float64) string {
	switch {
	case p == 0:
		return "exact"
	case p < 0.001:
		return "< 0.001"
	}
	return fmt.Sprintf("%.3f", p)
}
