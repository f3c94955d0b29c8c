package main

import (
	"flag"
	"io"
	"runtime"
	"strings"
	"time"

	"github.com/shadowvars/shadow/bench/internal/bars"
	"github.com/shadowvars/shadow/bench/internal/httpload"
	"github.com/shadowvars/shadow/bench/internal/report"
	"github.com/shadowvars/shadow/bench/internal/trace"
)

func runTrace(arguments []string, stdout, stderr io.Writer) error {
	options, only := trace.Options{}, ""
	flags := flag.NewFlagSet("bench trace", flag.ContinueOnError)
	flags.IntVar(&options.Rounds, "rounds", 5, "how often every contestant replays, the median counts")
	flags.IntVar(&options.Workers, "g", min(2, runtime.GOMAXPROCS(0)), "goroutines, each of which replays all of it in the same table")
	flags.IntVar(&options.Percent, "gogc", 100, "GOGC during the replay")
	flags.StringVar(&only, "only", "", "contestants, separated by commas: "+strings.Join(trace.Names(), ", "))
	help := "usage: go run ./bench trace [flags]\n\nReplays the births and deaths of the objects of a run of the Go compiler, with data attached to each.\n\n"
	if err := parse(flags, arguments, stderr, help); err != nil {
		return err
	}
	var err error
	if options.Only, err = parseNames(only, trace.Names()); err != nil {
		return usageError("-only: %v", err)
	}
	switch {
	case options.Rounds < 1 || options.Rounds > 999:
		return usageError("-rounds %d: want 1 to 999", options.Rounds)
	case options.Workers < 1 || options.Workers > 64:
		return usageError("-g %d: want 1 to 64", options.Workers)
	case options.Percent < 5 || options.Percent > 1000:
		return usageError("-gogc %d: want 5 to 1000", options.Percent)
	}
	options.Progress = report.NewProgress(stderr)
	return trace.Run(options, stdout)
}

func runHTTP(arguments []string, stdout, stderr io.Writer) error {
	options, only := httpload.Options{}, ""
	flags := flag.NewFlagSet("bench http", flag.ContinueOnError)
	flags.IntVar(&options.Rounds, "rounds", 7, "how often every contestant serves a client, the median counts")
	flags.IntVar(&options.Requests, "requests", 20_000, "requests of a client")
	flags.IntVar(&options.Connections, "connections", 16, "connections that a client has at a time")
	flags.IntVar(&options.PerConn, "per-connection", 25, "requests on a connection before it is closed and another is opened")
	flags.IntVar(&options.Owners, "states", 4, "states that are kept for each connection")
	flags.DurationVar(&options.Limit, "limit", 20*time.Second, "how long a client may take; more is an error")
	flags.StringVar(&only, "only", "", "contestants, separated by commas: "+strings.Join(httpload.Names(), ", "))
	help := "usage: go run ./bench http [flags]\n\nServes a real client, in a process of its own and over loopback only, from a net/http server whose handlers keep state per connection.\n\n"
	if err := parse(flags, arguments, stderr, help); err != nil {
		return err
	}
	var err error
	if options.Only, err = parseNames(only, httpload.Names()); err != nil {
		return usageError("-only: %v", err)
	}
	for _, limit := range []struct {
		name        string
		value, most int
	}{
		{"rounds", options.Rounds, 999},
		{"requests", options.Requests, 10_000_000},
		{"connections", options.Connections, 1000},
		{"per-connection", options.PerConn, 1_000_000},
		{"states", options.Owners, 1000},
	} {
		if limit.value < 1 || limit.value > limit.most {
			return usageError("-%s %d: want 1 to %d", limit.name, limit.value, limit.most)
		}
	}
	if options.Limit < time.Second || options.Limit > 10*time.Minute {
		return usageError("-limit %v: want 1s to 10m", options.Limit)
	}
	options.Progress = report.NewProgress(stderr)
	return httpload.Run(options, stdout)
}

func runCollector(arguments []string, stdout, stderr io.Writer) error {
	var c bars.Collector
	flags := flag.NewFlagSet("bench "+bars.CollectorCommand, flag.ContinueOnError)
	flags.BoolVar(&c.Bare, "bare", false, "weak pointers and nothing else, instead of Collected variables")
	flags.BoolVar(&c.Aged, "aged", false, "as many weak pointers to other objects have come and gone before")
	flags.IntVar(&c.N, "n", 1<<20, "the number of parents")
	flags.IntVar(&c.Goroutines, "g", min(2, runtime.GOMAXPROCS(0)), "goroutines that attach")
	help := "usage: go run ./bench collector [flags]\n\nPrints what a collection costs for each parent, fresh and churned, in nanoseconds of processor time; bars starts this for each contestant.\n\n"
	if err := parse(flags, arguments, stderr, help); err != nil {
		return err
	}
	switch {
	case c.N < 1 || c.N > 1<<26:
		return usageError("-n %d: want 1 to %d", c.N, 1<<26)
	case c.Goroutines < 1 || c.Goroutines > 64:
		return usageError("-g %d: want 1 to 64", c.Goroutines)
	}
	return c.Run(stdout)
}
