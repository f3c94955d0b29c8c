package main

import (
	"flag"
	"fmt"
	"io"

	"github.com/shadowvars/shadow/bench/internal/deterministic"
	"github.com/shadowvars/shadow/bench/internal/report"
)

const baselineHelp = `usage: go run ./bench baseline [-write] [-all]

Measures what does not depend on how busy the machine is (allocations, bytes per variable, writes of shared words, instructions of a lookup or attachment)
and compares it with bench/baseline.txt. What is worse makes the exit status 1.

`

func runBaseline(arguments []string, stdout, stderr io.Writer) error {
	flags := flag.NewFlagSet("bench baseline", flag.ContinueOnError)
	write := flags.Bool("write", false, "make these measures the baseline, after showing what they change")
	all := flags.Bool("all", false, "show measures that are the same, too")
	if err := parse(flags, arguments, stderr, baselineHelp); err != nil {
		return err
	}
	measured, err := deterministic.Run(report.NewProgress(stderr))
	if err != nil {
		return err
	}
	result, notes, err := measured.Check()
	if *write {
		if err == nil {
			err = result.Print(stdout, *all)
		}
		if err != nil {
			fmt.Fprintf(stderr, "bench: what was the baseline could not be compared: %v\n", err)
		}
		return measured.WriteFile()
	}
	if err != nil {
		return err
	}
	for _, note := range notes {
		fmt.Fprintln(stdout, note)
	}
	if err := result.Print(stdout, *all); err != nil {
		return err
	}
	if worse := result.Worse(); len(worse) > 0 {
		return fmt.Errorf("%w; if that is meant, go run ./bench baseline -write", errWorse(len(worse)))
	}
	return nil
}
