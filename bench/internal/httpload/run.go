package httpload

import (
	"fmt"
	"io"
	"runtime"
	"slices"
	"time"

	"github.com/shadowvars/shadow/bench/internal/measure"
	"github.com/shadowvars/shadow/bench/internal/report"
)

// Options say how much load there is.
type Options struct {
	Load         // its Address is the server's
	Owners   int // pieces of middleware with a state of their own
	Rounds   int
	Only     []string // names of contestants; nil for all
	Progress *report.Progress
}

// figures are what one turn of a contestant brought.
type figures struct {
	rate        float64 // requests a second, as the client saw it
	operation   float64 // ns of one state operation, of the requests that were timed
	processor   float64 // µs of the server process's processor time per request
	requests    int64
	connections int64
	left        int // states after the end of the last connection
}

// Names are the contestants'.
func Names() (names []string) {
	for _, c := range contestants() {
		names = append(names, c.name)
	}
	return names
}

// turn serves one client with one contestant.
func turn(c contestant, o Options) (f figures, err error) {
	runtime.GC()
	k := c.new(uint64(o.Owners))
	defer k.close()
	s, err := serve(k, uint64(o.Owners))
	if err != nil {
		return f, err
	}
	load := o.Load
	load.Address = s.address
	processor := measure.ProcessCPU()
	d, err := load.start()
	processor = measure.ProcessCPU() - processor
	if stopped := s.stop(); err == nil {
		err = stopped
	}
	if err != nil {
		return f, fmt.Errorf("%s: %w", c.name, err)
	}
	if n := s.requests.Load(); n != d.Requests || d.Requests != int64(o.Requests) || d.Connections != s.accepted.Load() {
		return f, fmt.Errorf("%s: the client made %d of %d requests on %d connections, the server served %d on %d",
			c.name, d.Requests, o.Requests, d.Connections, n, s.accepted.Load())
	}
	if n := s.wrong.Load(); n > 0 {
		return f, fmt.Errorf("%s: %d states were another owner's", c.name, n)
	}
	return figures{
		rate:        float64(d.Requests) / d.Took.Seconds(),
		operation:   float64(s.took.Load()) / float64(max(1, s.timed.Load())*int64(o.Owners)),
		processor:   float64(processor.Nanoseconds()) / 1e3 / float64(d.Requests),
		requests:    d.Requests,
		connections: d.Connections,
		left:        leftIn(k),
	}, nil
}

// leftIn is how many states are kept after the last connection has been closed. What goes with its connection goes within two
// collections of the moment at which net/http's last goroutine has let go of it, so there is a moment for that.
func leftIn(k keeper) int {
	for deadline := time.Now().Add(2 * time.Second); k.left() > 0 && time.Now().Before(deadline); {
		runtime.GC()
		time.Sleep(5 * time.Millisecond)
	}
	return k.left()
}

// Run lets every contestant serve a client in turn, in each round, and prints the medians.
func Run(o Options, out io.Writer) error {
	var chosen []contestant
	for _, c := range contestants() {
		if o.Only == nil || slices.Contains(o.Only, c.name) {
			chosen = append(chosen, c)
		}
	}
	rounds := make([][]figures, len(chosen))
	for round := range o.Rounds {
		for i := range chosen {
			if round%2 == 1 {
				i = len(chosen) - 1 - i
			}
			o.Progress.Stage("round %d of %d: %s", round+1, o.Rounds, chosen[i].long)
			f, err := turn(chosen[i], o)
			if err == nil && f.left > 0 {
				err = fmt.Errorf("%s: %d states are left at the end", chosen[i].name, f.left)
			}
			if err != nil {
				return err
			}
			rounds[i] = append(rounds[i], f)
		}
	}
	o.Progress.Done()
	fmt.Fprintf(out, "net/http on loopback, the client in a process of its own: %s requests a round on %d connections at a time, each closed after %d; %d states a\nconnection, %s state operations a round. %s; median of %d rounds.\n\n",
		report.Count(int64(o.Requests)), o.Connections, o.PerConn, o.Owners, report.Count(int64(o.Requests)*int64(o.Owners)), report.Machine(), o.Rounds)
	_, err := tableOf(chosen, rounds).WriteTo(out)
	return err
}

func tableOf(chosen []contestant, rounds [][]figures) *report.Table {
	table := report.NewTable("", "requests/s", "± %", "to Collected", "ns/state op", "server CPU µs/request", "connections", "left")
	collected := slices.IndexFunc(chosen, func(c contestant) bool { return c.name == base })
	rate := func(f figures) float64 { return f.rate }
	for i, c := range chosen {
		rates := of(rounds[i], rate)
		ratio := "-"
		if collected >= 0 {
			ratio = report.Times(measure.Median(measure.Ratios(rates, of(rounds[collected], rate))))
		}
		sum := measure.Summarize(rates)
		table.Row(c.long, report.Figure(sum.Median), report.Figure((sum.Hi-sum.Lo)/2/sum.Median*100), ratio,
			report.Figure(measure.Median(of(rounds[i], func(f figures) float64 { return f.operation }))),
			report.Figure(measure.Median(of(rounds[i], func(f figures) float64 { return f.processor }))),
			report.Figure(measure.Median(of(rounds[i], func(f figures) float64 { return float64(f.connections) }))),
			report.Count(int64(slices.Max(of(rounds[i], func(f figures) float64 { return float64(f.left) })))))
	}
	return table
}

func of(rounds []figures, get func(figures) float64) []float64 {
	values := make([]float64, len(rounds))
	for i, f := range rounds {
		values[i] = get(f)
	}
	return values
}
