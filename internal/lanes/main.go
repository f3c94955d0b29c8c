// Command lanes explores the interleavings of the library's real code: it builds the explorations of the table, the slabs and
// the classes and runs shares of them side by side, as many as there are cores, but no more than it is told.
//
//	go run ./internal/lanes short            all programs of two threads with two operations each, two preemptions, to the end
//	go run ./internal/lanes long             the same with more operations or preemptions, and larger programs; 27 minutes
//	go run ./internal/lanes -for 1h long     the same for longer
//
// It prints how many schedules were explored. No two of them are alike: within a program the explorer never takes the same
// decisions twice, and leaves out schedules that differ in the order of independent accesses only; no program is explored twice in one
// run; and of schedules that were drawn at random, repetitions are not counted. The exit status is 1 if a schedule fails.
package main

import (
	"bytes"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"strconv"
	"sync"
	"time"
)

func main() { os.Exit(run(os.Args[1:], os.Stdout, os.Stderr)) }

// unit is one process: a share of what a package explores.
type unit struct {
	name, directory string
	share, of       int
	part            float64 // of the long lane's time
}

// units are those of a lane in the order in which they are begun. Of the long lane, the classes take the greater part of the time on each of two cores. The
// short lane takes as long as it takes: the shares are smaller, so that the cores have done at about the same time.
func units(lane string) (all []unit) {
	classes, others := 2, 1
	if lane == "short" {
		classes, others = 8, 5
	}
	add := func(name, directory string, shares int, part float64) {
		for i := range shares {
			all = append(all, unit{name, directory, i, shares, part})
		}
	}
	add("classes", ".", classes, 0.6)
	add("table", "./lockfree", others, 0.4)
	add("slabs", "./alloc", others, 0.4)
	return all
}

func run(arguments []string, stdout, stderr io.Writer) int {
	flags := flag.NewFlagSet("lanes", flag.ContinueOnError)
	flags.SetOutput(stderr)
	length := flags.Duration("for", 27*time.Minute, "how long the long lane takes on two cores")
	processes := flags.Int("processes", min(2, runtime.NumCPU()), "how many run at a time")
	if err := flags.Parse(arguments); errors.Is(err, flag.ErrHelp) {
		return 0
	} else if err != nil {
		return 2
	}
	lane := flags.Arg(0)
	if flags.NArg() != 1 || lane != "short" && lane != "long" || *length <= 0 || *processes < 1 {
		fmt.Fprintln(stderr, "usage: go run ./internal/lanes [-for duration] [-processes n] short|long")
		return 2
	}
	if err := explore(lane, *length, *processes, stdout); err != nil {
		fmt.Fprintln(stdout, "lanes:", err)
		return 1
	}
	return 0
}

// explore builds and runs the lane and prints what came of it.
func explore(lane string, length time.Duration, processes int, stdout io.Writer) error {
	directory, err := os.MkdirTemp("", "lanes")
	if err != nil {
		return err
	}
	defer os.RemoveAll(directory)
	begun := time.Now()
	all := units(lane)
	results := make([]result, len(all))
	failures := make([]error, len(all))
	slots := make(chan struct{}, processes)
	var wg sync.WaitGroup
	for i, u := range all {
		binary := filepath.Join(directory, u.name)
		if u.share == 0 {
			if err := build(u.directory, binary); err != nil {
				return err
			}
		}
		slots <- struct{}{}
		wg.Go(func() {
			defer func() { <-slots }()
			results[i], failures[i] = u.explore(binary, lane, length)
			fmt.Fprintf(stdout, "%7.1fs  %-8s %d/%d  %v\n", time.Since(begun).Seconds(), u.name, u.share+1, u.of, results[i])
		})
	}
	wg.Wait()
	var total result
	for _, r := range results {
		total.add(r)
	}
	fmt.Fprintf(stdout, "%7.1fs  %-8s %s %v\n", time.Since(begun).Seconds(), "all", "   ", total)
	return errors.Join(failures...)
}

func build(directory, binary string) error {
	if output, err := exec.Command("go", "test", "-tags", "explore", "-c", "-o", binary, directory).CombinedOutput(); err != nil {
		return fmt.Errorf("%w\n%s", err, output)
	}
	return nil
}

// result is what a process explored.
type result struct {
	programs, exhausted, schedules, steps int
	processor                             time.Duration // that it took
}

func (r result) String() string {
	return fmt.Sprintf("%8d programs, %8d exhausted, %10d schedules, %12d steps, %6.0fs of a processor",
		r.programs, r.exhausted, r.schedules, r.steps, r.processor.Seconds())
}

func (r *result) add(o result) {
	r.programs += o.programs
	r.exhausted += o.exhausted
	r.schedules += o.schedules
	r.steps += o.steps
	r.processor += o.processor
}

// reported is the line that TestLane logs.
var reported = regexp.MustCompile(`lane (\w+): \w+: (\d+) programs, (\d+) exhausted, (\d+) schedules, (\d+) steps`)

// explore runs the unit.
func (u unit) explore(binary, lane string, length time.Duration) (result, error) {
	command := exec.Command(binary, "-test.run", "^TestLane$", "-test.v", "-test.timeout", "0", "-lane", lane,
		"-lane.share", fmt.Sprintf("%d/%d", u.share, u.of), "-lane.for", time.Duration(u.part*float64(length)).String())
	command.Env = append(os.Environ(), "GOMAXPROCS=1", "GOGC=1600")
	var output bytes.Buffer
	command.Stdout, command.Stderr = &output, &output
	if err := command.Run(); err != nil {
		return result{}, fmt.Errorf("%s: %w\n%s", u.name, err, &output)
	}
	r, err := parse(output.String(), lane)
	r.processor = command.ProcessState.UserTime() + command.ProcessState.SystemTime()
	return r, err
}

func parse(output, lane string) (result, error) {
	m := reported.FindStringSubmatch(output)
	if m == nil || m[1] != lane {
		return result{}, fmt.Errorf("no report of lane %s in\n%s", lane, output)
	}
	var n [4]int
	for i := range n {
		n[i], _ = strconv.Atoi(m[i+2])
	}
	r := result{programs: n[0], exhausted: n[1], schedules: n[2], steps: n[3]}
	if lane == "short" && r.exhausted != r.programs {
		return r, fmt.Errorf("only %d of %d programs were exhausted", r.exhausted, r.programs)
	}
	return r, nil
}
