package main

import (
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	"github.com/shadowvars/shadow/bench/internal/compare"
	"github.com/shadowvars/shadow/bench/internal/report"
)

const compareHelp = `usage: go run ./bench compare [flags] OLD NEW
       go run ./bench compare -a OLD.test -b NEW.test [flags]

Compares two files of benchmark results, or runs two test binaries in turn and compares what they print. A measure that is worse
by more than the threshold, and by more than chance, makes the exit status 1.

`

// errWorse is what a comparison that found something worse ends in.
type errWorse int

func (e errWorse) Error() string { return fmt.Sprintf("%d measures are significantly worse", int(e)) }

func runCompare(arguments []string, stdout, stderr io.Writer) error {
	runs := compare.Runs{}
	rules := compare.Rules{}
	flags := flag.NewFlagSet("bench compare", flag.ContinueOnError)
	flags.StringVar(&runs.A, "a", "", "the old test binary, made by go test -c")
	flags.StringVar(&runs.B, "b", "", "the new one")
	flags.StringVar(&runs.Pattern, "bench", "Lookup/impl=shadow-.*/op=get-hit/n=(1k|64k)/g=1$", "with -a and -b: which benchmarks to run")
	flags.DurationVar(&runs.Benchtime, "benchtime", 100*time.Millisecond, "with -a and -b: how long each")
	flags.IntVar(&runs.Rounds, "rounds", 20, "with -a and -b: how often each binary runs")
	flags.IntVar(&runs.CPU, "cpu", 1, "with -a and -b: GOMAXPROCS")
	directory := flags.String("o", "", "with -a and -b: a folder for old.txt and new.txt")
	filter := flags.String("filter", "*", "which results to compare, as benchstat's -filter")
	flags.Float64Var(&rules.Alpha, "alpha", 0.05, "the chance of calling anything worse that is not")
	threshold := flags.Float64("threshold", 5, "percent that may be lost")
	operands, err := parseOperands(flags, arguments, stderr, compareHelp)
	if err != nil {
		return err
	}
	binaries := runs.A != "" || runs.B != ""
	switch {
	case binaries && (runs.A == "" || runs.B == ""):
		return usageError("-a and -b go together")
	case binaries && len(operands) > 0:
		return usageError("either -a and -b or two files, and here is %q", operands[0])
	case !binaries && len(operands) != 2:
		return usageError("%d files to compare: want OLD and NEW, behind the flags", len(operands))
	case rules.Alpha <= 0 || rules.Alpha >= 1:
		return usageError("-alpha %v: want between 0 and 1", rules.Alpha)
	case *threshold < 0 || *threshold > 1000:
		return usageError("-threshold %v: want 0 to 1000", *threshold)
	case runs.Rounds < 1 || runs.Rounds > 999:
		return usageError("-rounds %d: want 1 to 999", runs.Rounds)
	case runs.CPU < 1 || runs.CPU > 1024:
		return usageError("-cpu %d: want 1 to 1024", runs.CPU)
	case runs.Benchtime < time.Millisecond || runs.Benchtime > time.Minute:
		return usageError("-benchtime %v: want 1ms to 1m", runs.Benchtime)
	}
	rules.Tolerate = func(string) compare.Tolerance { return compare.Tolerance{Relative: *threshold / 100} }
	runs.Progress = report.NewProgress(stderr)
	read := func() (before, after *compare.Set, err error) { return readBoth(operands, *filter) }
	if binaries {
		rules.Paired = true
		read = func() (before, after *compare.Set, err error) { return runBoth(runs, *directory, *filter) }
	}
	before, after, err := read()
	if err != nil {
		return err
	}
	return judged(compare.Compare(before, after, rules), stdout)
}

// judged prints a comparison and turns what is worse into an error.
func judged(result compare.Result, stdout io.Writer) error {
	if len(result.Rows) == 0 {
		return fmt.Errorf("the two have no measure in common")
	}
	if err := result.Print(stdout, true); err != nil {
		return err
	}
	if worse := result.Worse(); len(worse) > 0 {
		return errWorse(len(worse))
	}
	if result.Undecided() {
		return fmt.Errorf("so few runs decide nothing: five of each, or six rounds, are the least, ten are better")
	}
	return nil
}

func readBoth(files []string, filter string) (before, after *compare.Set, err error) {
	if before, err = compare.ReadFile(files[0], filter); err != nil {
		return nil, nil, err
	}
	after, err = compare.ReadFile(files[1], filter)
	return before, after, err
}

// runBoth runs the binaries, keeps what they printed if it is told where, and reads it.
func runBoth(runs compare.Runs, directory, filter string) (before, after *compare.Set, err error) {
	for _, binary := range []*string{&runs.A, &runs.B} {
		if *binary, err = filepath.Abs(*binary); err != nil {
			return nil, nil, err
		}
	}
	a, b, err := runs.Interleave()
	if err != nil {
		return nil, nil, err
	}
	if directory != "" {
		if err := os.MkdirAll(directory, 0o777); err != nil {
			return nil, nil, err
		}
		for name, text := range map[string][]byte{"old.txt": a.Bytes(), "new.txt": b.Bytes()} {
			if err := os.WriteFile(filepath.Join(directory, name), text, 0o666); err != nil {
				return nil, nil, err
			}
		}
	}
	if before, err = compare.Read(a, runs.A, filter); err != nil {
		return nil, nil, err
	}
	after, err = compare.Read(b, runs.B, filter)
	return before, after, err
}
