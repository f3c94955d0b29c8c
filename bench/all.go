package main

import (
	"flag"
	"fmt"
	"io"
	"os"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/shadowvars/shadow/bench/internal/folder"
	"github.com/shadowvars/shadow/bench/internal/job"
	"github.com/shadowvars/shadow/bench/internal/plan"
	"github.com/shadowvars/shadow/bench/internal/report"
	"github.com/shadowvars/shadow/bench/internal/work"
)

// The times that everything is fitted into, with room for the compiler and a slow machine.
const (
	defaultTime = 95 * time.Second
	quickTime   = 14 * time.Second
	// jobQuick is below which budget the main comparison takes a sixteenth of the files: one round of all of them takes most of a minute.
	jobQuick = 80 * time.Second
	// jobMost is enough for five rounds of all files.
	jobMost = 5 * time.Minute
)

// jobOp is the main comparison's name among the workloads.
const jobOp = "job"

// all is what the program does without a command.
type all struct {
	budget    time.Duration
	rounds    int
	directory string
	selection plan.Selection
	list      bool
	job       bool
	command   string
}

const allHelp = `usage: go run ./bench [-quick | -for time] [-o folder] [-op names] [-impl names] [-n sizes] [-g numbers]
       go run ./bench bars [flags]
       go run ./bench report folder

Attaches a note to every syntax node of the Go standard library, with shadow and with what one would use without it;
then measures as many single operations as fit into the time. It prints tables and writes a folder with
bench.txt (raw, for benchstat), summary.md, report.html (plots) and job.svg (the main job).

With -op, -impl, -n or -g it does what these select and nothing else. Workloads:

  job             the main comparison
`

func runAll(arguments []string, stdout, stderr io.Writer) error {
	a, err := parseAll(arguments, stderr)
	if err != nil {
		return err
	}
	return a.run(stdout, stderr)
}

func parseAll(arguments []string, stderr io.Writer) (*all, error) {
	a := &all{}
	var ops, impls, sizes, goroutines string
	flags := flag.NewFlagSet("bench", flag.ContinueOnError)
	quick := flags.Bool("quick", false, "under 20 seconds in all: a sixteenth of the files and few operations")
	flags.DurationVar(&a.budget, "for", defaultTime, "how much time to use")
	flags.IntVar(&a.rounds, "rounds", 0, "how often every contestant does the main comparison, the median counts; 0: as often as fits into the time")
	flags.StringVar(&a.directory, "o", "", "folder to write, which must be new or empty; without it a new one among the system's temporary files")
	flags.StringVar(&ops, "op", "", "workloads, separated by commas")
	flags.StringVar(&impls, "impl", "", "contestants, separated by commas: "+strings.Join(work.Names(), ", "))
	flags.StringVar(&sizes, "n", "", "numbers of parents, separated by commas (binary: 1k is 1024)")
	flags.StringVar(&goroutines, "g", "", "numbers of goroutines up to 64, separated by commas")
	flags.BoolVar(&a.list, "list", false, "print what would be measured, and end")
	if err := parse(flags, arguments, stderr, allHelp+work.Usage()+"\n"); err != nil {
		return nil, err
	}
	given := map[string]bool{}
	flags.Visit(func(f *flag.Flag) { given[f.Name] = true })
	switch {
	case *quick && given["for"]:
		return nil, usageError("-quick is a time of its own: leave out -for %v", a.budget)
	case a.budget < 5*time.Second || a.budget > 24*time.Hour:
		return nil, usageError("-for %v: want 5s to 24h", a.budget)
	case a.rounds < 0 || a.rounds > 99:
		return nil, usageError("-rounds %d: want 0 to 99", a.rounds)
	}
	if *quick {
		a.budget = quickTime
	}
	// The command as the report tells it: where one kept the folder is nobody's business.
	a.command = "go run ./bench"
	flags.Visit(func(f *flag.Flag) {
		if f.Name == "quick" {
			a.command += " -quick"
		} else if f.Name != "o" {
			a.command += " -" + f.Name + " " + f.Value.String()
		}
	})
	if err := a.choose(ops, impls, sizes, goroutines); err != nil {
		return nil, err
	}
	return a, nil
}

// choose fills in the selection.
func (a *all) choose(ops, impls, sizes, goroutines string) (err error) {
	known := []string{jobOp}
	for _, w := range work.Workloads() {
		known = append(known, w.Op)
	}
	if a.selection.Ops, err = parseNames(ops, known); err != nil {
		return usageError("-op: %v", err)
	}
	if a.selection.Impls, err = parseNames(impls, work.Names()); err != nil {
		return usageError("-impl: %v", err)
	}
	if sizes != "" {
		if a.selection.Sizes, err = parseSizes(sizes); err != nil {
			return usageError("-n: %v", err)
		}
	}
	if a.selection.Goroutines, err = parseGoroutines(goroutines); err != nil {
		return usageError("-g: %v", err)
	}
	a.job = ops == "" && impls == "" && sizes == "" && goroutines == "" || slices.Contains(a.selection.Ops, jobOp)
	return nil
}

// parseNames reads names separated by commas, all of which must be known.
func parseNames(list string, known []string) (names []string, err error) {
	if list == "" {
		return nil, nil
	}
	for name := range strings.SplitSeq(list, ",") {
		name = strings.TrimSpace(name)
		if !slices.Contains(known, name) {
			return nil, fmt.Errorf("no %q; there are %s", name, strings.Join(known, ", "))
		}
		names = append(names, name)
	}
	return names, nil
}

func parseGoroutines(list string) (numbers []int, err error) {
	if list == "" {
		return nil, nil
	}
	for text := range strings.SplitSeq(list, ",") {
		n, err := strconv.Atoi(strings.TrimSpace(text))
		if err != nil || n < 1 || n > work.MostGoroutines {
			return nil, fmt.Errorf("%q is not a number of goroutines from 1 to %d", text, work.MostGoroutines)
		}
		numbers = append(numbers, n)
	}
	return numbers, nil
}

// run does the main comparison, then what is planned, and writes the folder.
func (a *all) run(stdout, stderr io.Writer) error {
	jobOnly := slices.Equal(a.selection.Ops, []string{jobOp})
	a.selection.Ops = slices.DeleteFunc(a.selection.Ops, func(op string) bool { return op == jobOp })
	end := time.Now().Add(a.budget)
	if a.list {
		return plan.New(a.selection, a.rest()).List(stdout)
	}
	if !jobOnly && !plan.Any(a.selection) {
		return usageError("nothing of what was selected can be measured: contestant, workload and number of parents must go together")
	}
	f, err := folder.New(a.directory, a.command)
	if err != nil {
		return err
	}
	progress := report.NewProgress(stderr)
	progress.Until(end)
	if a.job {
		if err := a.runJob(f, progress, stdout); err != nil {
			return err
		}
	}
	if !jobOnly {
		if err := a.runPlan(f, time.Until(end), progress, stdout); err != nil {
			return err
		}
	}
	return f.Finish(stdout)
}

// jobTime is the main comparison's part of the time.
func (a *all) jobTime() time.Duration {
	return min(a.budget/2, jobMost)
}

// rest is about what the main comparison leaves.
func (a *all) rest() time.Duration {
	if !a.job {
		return a.budget
	}
	return a.budget - a.jobTime()
}

func (a *all) runJob(f *folder.Folder, progress *report.Progress, stdout io.Writer) error {
	return job.Run(job.Options{
		Quick: a.budget < jobQuick, Budget: a.jobTime(), Rounds: a.rounds, Command: a.command,
		Progress: progress, Record: f.Write,
	}, stdout)
}

func (a *all) runPlan(f *folder.Folder, left time.Duration, progress *report.Progress, stdout io.Writer) error {
	if left < time.Second {
		_, err := fmt.Fprintln(stdout, "\nThere is no time left for single operations: give more with -for.")
		return err
	}
	p := plan.New(a.selection, left)
	skipped, err := p.Run(f.Write, progress)
	if err != nil {
		return err
	}
	p.Skipped(stdout, skipped)
	return nil
}

func runReport(arguments []string, stdout, stderr io.Writer) error {
	flags := flag.NewFlagSet("bench report", flag.ContinueOnError)
	help := "usage: go run ./bench report folder\n\nWrites summary.md, report.html and job.svg again, from the folder's bench.txt.\n"
	flags.SetOutput(io.Discard)
	if err := flags.Parse(arguments); err == flag.ErrHelp {
		fmt.Fprint(stderr, help)
		return errHelp
	} else if err != nil {
		return usageError("%v", err)
	}
	if flags.NArg() != 1 {
		return usageError("report wants one folder, not %d", flags.NArg())
	}
	if _, err := os.Stat(flags.Arg(0)); err != nil {
		return usageError("report: %v", err)
	}
	return folder.Render(flags.Arg(0), stdout)
}

func runWeigh(arguments []string, stdout, stderr io.Writer) error {
	flags := flag.NewFlagSet("bench weigh", flag.ContinueOnError)
	impl := flags.String("impl", "", "the contestant: "+strings.Join(work.Tables(), ", "))
	n := flags.Int("n", 1<<16, "the number of parents")
	help := "usage: go run ./bench weigh -impl name -n number\n\nWeighs one contestant; workload weigh of the whole program starts this for each.\n\n"
	if err := parse(flags, arguments, stderr, help); err != nil {
		return err
	}
	if _, err := parseNames(*impl, work.Tables()); err != nil || *impl == "" || strings.Contains(*impl, ",") {
		return usageError("-impl %q: want one of %s", *impl, strings.Join(work.Tables(), ", "))
	}
	if *n < 1 || *n > 1<<26 {
		return usageError("-n %d: want 1 to %d", *n, 1<<26)
	}
	return work.Weigh(*impl, *n, stdout)
}
