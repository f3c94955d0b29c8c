package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"runtime"
	"slices"
	"strings"
	"time"

	"github.com/shadowvars/shadow/bench/internal/bars"
	"github.com/shadowvars/shadow/bench/internal/measure"
	"github.com/shadowvars/shadow/bench/internal/report"
)

// errHelp is what asking for help ends in; the help itself has been printed.
var errHelp = flag.ErrHelp

// usageError says what is wrong with the arguments.
func usageError(format string, args ...any) error {
	return fmt.Errorf("%w: %s", errUsage, fmt.Sprintf(format, args...))
}

// parse parses flags without printing anything but the help that was asked for.
func parse(flags *flag.FlagSet, arguments []string, stderr io.Writer, help string) error {
	operands, err := parseOperands(flags, arguments, stderr, help)
	if err == nil && len(operands) > 0 {
		return usageError("unexpected argument %q (the commands are %s)", operands[0], strings.Join(commandNames(), ", "))
	}
	return err
}

// parseOperands is parse for a command that takes more than flags; they stand behind the flags.
func parseOperands(flags *flag.FlagSet, arguments []string, stderr io.Writer, help string) (operands []string, err error) {
	flags.SetOutput(io.Discard)
	err = flags.Parse(arguments)
	switch {
	case errors.Is(err, flag.ErrHelp):
		fmt.Fprint(stderr, help)
		flags.SetOutput(stderr)
		flags.PrintDefaults()
		return nil, errHelp
	case err != nil:
		return nil, usageError("%v", err)
	}
	return flags.Args(), nil
}

func runBars(arguments []string, stdout, stderr io.Writer) error {
	options := bars.Options{}
	sizes, only := "1k,64k,1M", ""
	flags := flag.NewFlagSet("bench bars", flag.ContinueOnError)
	flags.StringVar(&sizes, "n", sizes, "numbers of parents, separated by commas (binary: 1k is 1024)")
	flags.StringVar(&only, "only", only, "groups to measure, separated by commas: "+strings.Join(bars.Keys(), ", "))
	flags.IntVar(&options.Rounds, "rounds", 15, "rounds of slices; what builds tables anew has half as many")
	flags.DurationVar(&options.Slice, "slice", 60*time.Millisecond, "how long a contestant runs in a round")
	flags.IntVar(&options.Goroutines, "g", min(2, runtime.GOMAXPROCS(0)), "goroutines")
	clock := flags.String("clock", "thread", "what Get is timed by: thread (processor time: other processes do not show) or wall")
	help := "usage: go run ./bench bars [flags]\n\nMeasures the bars as ratios in one run. Groups:\n\n" + bars.Usage() + "\n"
	if err := parse(flags, arguments, stderr, help); err != nil {
		return err
	}
	var err error
	if options.Sizes, err = parseSizes(sizes); err != nil {
		return usageError("-n: %v", err)
	}
	if options.Only, err = parseKeys(only); err != nil {
		return usageError("-only: %v", err)
	}
	switch *clock {
	case "thread":
		options.Clock = measure.Thread
	case "wall":
		options.Clock = measure.Wall
	default:
		return usageError("-clock %q: want thread or wall", *clock)
	}
	switch {
	case options.Rounds < 1 || options.Rounds > 999:
		return usageError("-rounds %d: want 1 to 999", options.Rounds)
	case options.Slice < time.Millisecond || options.Slice > 10*time.Second:
		return usageError("-slice %v: want 1ms to 10s", options.Slice)
	case options.Goroutines < 1 || options.Goroutines > 1024:
		return usageError("-g %d: want 1 to 1024", options.Goroutines)
	}
	options.Progress = report.NewProgress(stderr)
	return bars.Run(options, stdout)
}

func parseSizes(list string) (sizes []int, err error) {
	for text := range strings.SplitSeq(list, ",") {
		n, err := report.ParseSize(strings.TrimSpace(text))
		if err != nil {
			return nil, err
		}
		sizes = append(sizes, n)
	}
	return sizes, nil
}

func parseKeys(list string) (keys []string, err error) {
	if list == "" {
		return nil, nil
	}
	for key := range strings.SplitSeq(list, ",") {
		key = strings.TrimSpace(key)
		if !slices.Contains(bars.Keys(), key) {
			return nil, fmt.Errorf("no group %q; there are %s", key, strings.Join(bars.Keys(), ", "))
		}
		keys = append(keys, key)
	}
	return keys, nil
}
