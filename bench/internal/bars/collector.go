package bars

import (
	"fmt"
	"io"
	"math/rand/v2"
	"runtime"
	"weak"

	"github.com/shadowvars/shadow/bench/internal/measure"
	"github.com/shadowvars/shadow/bench/internal/micro"
	"github.com/shadowvars/shadow/bench/internal/report"
)

// CollectorCommand is the argument by which this program measures what the collector pays for one contestant, and ends. The
// runtime keeps a record for each weak pointer, takes free ones for new ones in the order in which they became free, and
// follows all of them in every collection: what a contestant costs depends on what
// the process did before, so each has a process of its own.
const CollectorCommand = "collector"

// Collector says what one such process measures.
type Collector struct {
	Bare       bool // weak pointers and nothing else, instead of Collected variables
	Aged       bool // as in a process in which as many weak pointers to other objects have come and gone, in no order
	N          int  // parents
	Goroutines int
}

func (c Collector) arguments() []string {
	return []string{
		CollectorCommand, fmt.Sprintf("-bare=%t", c.Bare), fmt.Sprintf("-aged=%t", c.Aged),
		"-n", fmt.Sprint(c.N), "-g", fmt.Sprint(c.Goroutines),
	}
}

// runCollectedCollector compares what the collector pays for Collected variables, the library's reaper included, with
// what it pays for nothing but a weak pointer to each parent.
func runCollectedCollector(o Options, n int) (results []Result) {
	if !manySized(n) {
		return nil // the difference would drown in the collector's fixed cost
	}
	rounds := max(3, o.Rounds/5) // each is two dozen collections already
	for _, aged := range []bool{false, true} {
		age := "young"
		if aged {
			age = "aged"
		}
		var costs [2]collectorCosts // bare, shadow
		o.Progress.Stage("collector, Collected, %s parents, %s process", report.Size(n), age)
		for round := range rounds {
			for i := range costs {
				i = (i + round) % len(costs)
				costs[i].add(Collector{Bare: i == 0, Aged: aged, N: n, Goroutines: o.Goroutines}.elsewhere())
			}
			o.Progress.Step(round+1, rounds)
		}
		g := goal{bar: 1.5, stretch: 1.1}
		results = append(results,
			partOf("GC + reaper CPU, Collected, fresh, "+age+" process, of bare handles'", n, costs[1].fresh, costs[0].fresh, "ns a variable", g),
			partOf("GC + reaper CPU, Collected, churned, "+age+" process, of bare handles'", n, costs[1].churned, costs[0].churned, "ns a variable", g))
	}
	return results
}

// collectorCosts are nanoseconds a parent, by round.
type collectorCosts struct{ fresh, churned []float64 }

func (c *collectorCosts) add(fresh, churned float64) {
	c.fresh, c.churned = append(c.fresh, fresh), append(c.churned, churned)
}

// elsewhere starts this program again.
func (c Collector) elsewhere() (fresh, churned float64) {
	out, err := measure.Elsewhere(c.arguments()...)
	if err == nil {
		_, err = fmt.Sscan(string(out), &fresh, &churned)
	}
	if err != nil {
		panic(fmt.Sprintf("bars: %+v: %v: %q", c, err, out))
	}
	return fresh, churned
}

// Run writes two numbers, nanoseconds of processor time that a collection takes for each parent more than without what is
// measured: as built, and after as many changes as there are parents. It must be the first thing that the process does.
func (c Collector) Run(out io.Writer) error {
	if c.Aged {
		c.age()
	}
	parents := micro.NewParents(c.N)
	before := measure.CollectorCPU(cycles)
	each := func() float64 { return (measure.CollectorCPU(cycles) - before) / float64(c.N) }
	var fresh, churned float64
	if c.Bare {
		handles := c.handles(parents)
		fresh = each()
		// Churn leaves the handles in no order.
		rand.Shuffle(c.N, func(i, j int) { handles[i], handles[j] = handles[j], handles[i] })
		churned = each()
		runtime.KeepAlive(handles)
	} else {
		table := built(micro.ShadowCollected, parents, c.Goroutines)
		fresh = each()
		c.churn(table, parents)
		churned = each()
		table.Close()
	}
	runtime.KeepAlive(parents)
	_, err := fmt.Fprintln(out, fresh, churned)
	return err
}

// handles are made by as many goroutines as attach: the records of one span's objects lie together if one goroutine makes them, and apart if several do.
func (c Collector) handles(parents []*micro.Parent) []weak.Pointer[micro.Parent] {
	handles := make([]weak.Pointer[micro.Parent], len(parents))
	measure.Parallel(c.Goroutines, len(parents), func(_, from, to int) {
		for i, parent := range parents[from:to] {
			handles[from+i] = weak.Make(parent)
		}
	})
	return handles
}

// age makes a weak pointer to each of as many objects, in no order, and lets all go.
func (c Collector) age() {
	parents := micro.NewParents(c.N)
	rand.Shuffle(c.N, func(i, j int) { parents[i], parents[j] = parents[j], parents[i] })
	c.handles(parents)
	runtime.KeepAlive(parents)
	for range 3 { // found dead, swept, and the handles swept
		runtime.GC()
	}
}

// churn frees and attaches to random parents, as often as there are parents.
func (c Collector) churn(table micro.Table, parents []*micro.Parent) {
	measure.Parallel(c.Goroutines, c.N, func(worker, from, to int) {
		source := rand.New(rand.NewPCG(3, uint64(worker)))
		var block [micro.Block]*micro.Parent
		for done := from; done < to; done += len(block) {
			for i := range block {
				block[i] = parents[source.IntN(c.N)]
			}
			table.Churn(block[:])
		}
	})
}
