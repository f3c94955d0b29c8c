package trace

import (
	"fmt"
	"io"
	"runtime/debug"
	"slices"

	"github.com/shadowvars/shadow/bench/internal/measure"
	"github.com/shadowvars/shadow/bench/internal/report"
)

// Options say how to replay.
type Options struct {
	Rounds   int
	Workers  int
	Percent  int      // GOGC
	Only     []string // names of contestants; nil for all
	Progress *report.Progress
}

// Names are the contestants'.
func Names() (names []string) {
	for _, c := range contestants() {
		names = append(names, c.name)
	}
	return names
}

// Run replays the recording with every contestant, in turn, in each round, and prints the medians.
func Run(o Options, out io.Writer) error {
	recording, err := Compile()
	if err != nil {
		return err
	}
	p, description := NewProgram(recording, 1), recording.Describe()
	defer debug.SetGCPercent(debug.SetGCPercent(o.Percent))
	var chosen []contestant
	for _, c := range contestants() {
		if o.Only == nil || slices.Contains(o.Only, c.name) {
			chosen = append(chosen, c)
		}
	}
	rounds := make([][]figures, len(chosen))
	for round := range o.Rounds {
		for i := range chosen {
			// Forward and backward in turn, so that nobody always follows the same one.
			if round%2 == 1 {
				i = len(chosen) - 1 - i
			}
			if chosen[i].once && round > 0 {
				continue
			}
			o.Progress.Stage("round %d of %d: %s", round+1, o.Rounds, chosen[i].long)
			f, err := replay(chosen[i], p, o.Workers)
			if err == nil && f.left > 0 {
				err = fmt.Errorf("%s: %d variables are left at the end", chosen[i].name, f.left)
			}
			if err != nil {
				return err
			}
			rounds[i] = append(rounds[i], f)
		}
	}
	o.Progress.Done()
	fmt.Fprintf(out, "%s.\nEach of %d goroutines replays them once a round, with objects of its own in one table: %s births, %s lookups, %s deaths.\n%s, GOGC=%d; median of %d rounds (sync.Map of weak pointers: of the first).\n\n",
		description, o.Workers, report.Count(int64(p.Births)), report.Count(int64(p.Lookups)), report.Count(int64(p.Deaths)), report.Machine(), o.Percent, o.Rounds)
	_, err = tableOf(chosen, rounds).WriteTo(out)
	return err
}

// tableOf is a row per contestant. Ratios are taken within a round.
func tableOf(chosen []contestant, rounds [][]figures) *report.Table {
	table := report.NewTable("", "ns/event", "± %", "to Manual", "CPU ns/event", "to Manual", "GC CPU ms", "cycles", "live MB", "left")
	manual := slices.IndexFunc(chosen, func(c contestant) bool { return c.name == base })
	for i, c := range chosen {
		event, processor := of(rounds[i], wallOf), of(rounds[i], processorOf)
		to := func(values []float64, get func(figures) float64) string {
			if manual < 0 {
				return "-"
			}
			return report.Times(measure.Median(measure.Ratios(values, of(rounds[manual], get))))
		}
		sum := measure.Summarize(event)
		median := func(get func(figures) float64) string { return report.Figure(measure.Median(of(rounds[i], get))) }
		table.Row(c.long, report.Figure(sum.Median), report.Figure((sum.Hi-sum.Lo)/2/sum.Median*100), to(event, wallOf),
			median(processorOf), to(processor, processorOf), median(func(f figures) float64 { return f.collector }),
			median(func(f figures) float64 { return f.cycles }), median(func(f figures) float64 { return f.live }),
			report.Count(int64(slices.Max(of(rounds[i], func(f figures) float64 { return float64(f.left) })))))
	}
	return table
}

func wallOf(f figures) float64      { return f.event }
func processorOf(f figures) float64 { return f.processor }

func of(rounds []figures, get func(figures) float64) []float64 {
	values := make([]float64, len(rounds))
	for i, f := range rounds {
		values[i] = get(f)
	}
	return values
}
