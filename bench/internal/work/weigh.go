package work

import (
	"bytes"
	"fmt"
	"io"
	"runtime"
	"time"

	"golang.org/x/perf/benchfmt"

	"github.com/shadowvars/shadow/bench/internal/measure"
	"github.com/shadowvars/shadow/bench/internal/micro"
)

// WeighCommand is the argument by which this program weighs one contestant and nothing else: the process's memory is the
// contestant's only if nobody was there before.
const WeighCommand = "weigh"

// openWeigh starts this program again for every round.
func openWeigh(s Subject) Run {
	return func(time.Duration) []Sample {
		sample, err := weighElsewhere(s)
		if err != nil {
			panic(fmt.Sprintf("work: %s: %v", s.Name(), err))
		}
		return []Sample{sample}
	}
}

func weighElsewhere(s Subject) (Sample, error) {
	out, err := measure.Elsewhere(WeighCommand, "-impl", s.Impl, "-n", fmt.Sprint(s.N))
	if err != nil {
		return Sample{}, err
	}
	for reader := benchfmt.NewReader(bytes.NewReader(out), "weigh"); reader.Scan(); {
		if result, ok := reader.Result().(*benchfmt.Result); ok {
			return Sample{Subject: s, Ops: result.Iters, Values: result.Clone().Values}, nil
		}
	}
	return Sample{}, fmt.Errorf("no result in %q", out)
}

// cycles is how many collections a figure is the median of.
const cycles = 5

// Weigh attaches data to n parents and writes what they weigh as a line of benchmark output. It must be the first thing
// that the process does.
func Weigh(impl string, n int, out io.Writer) error {
	sample := weigh(Subject{Impl: impl, Op: "weigh", N: n})
	return benchfmt.NewWriter(out).Write(sample.Result())
}

func weigh(s Subject) Sample {
	implementation := micro.Find(s.Impl)
	parents := micro.NewParents(s.N)
	heap, resident := measure.LiveHeap(), measure.Resident()
	wall, cpu := measure.CollectorWall(cycles), measure.CollectorCPU(cycles)
	objects, _ := measure.Allocations()

	table := implementation.New()
	measure.Parallel(writers(implementation, runtime.GOMAXPROCS(0)), s.N, func(_, from, to int) { table.Attach(parents[from:to]) })
	objectsAfter, _ := measure.Allocations()
	wallAfter, cpuAfter := measure.CollectorWall(cycles), measure.CollectorCPU(cycles)
	heapAfter, residentAfter := measure.LiveHeap(), measure.Resident()
	must(s, table.Len(), s.N, uint64(s.N))
	table.Close()
	runtime.KeepAlive(parents)

	each := func(after, before float64, unit string) benchfmt.Value {
		return value((after-before)/float64(s.N), unit)
	}
	return Sample{Subject: s, Ops: 1, Values: []benchfmt.Value{
		each(float64(heapAfter), float64(heap), "heap-B/var"),
		each(float64(residentAfter), float64(resident), "resident-B/var"),
		each(objectsAfter, objects, "allocs/var"),
		value(wallAfter, "gc-ns/cycle"), value(cpuAfter, "gc-cpu-ns/cycle"),
		each(wallAfter, wall, "gc-ns/var"), each(cpuAfter, cpu, "gc-cpu-ns/var"),
	}}
}
