// Command bench measures shadow against what a Go user would write today.
//
//	go run ./bench                    the main comparison and a selection of operations: under two minutes
//	go run ./bench -quick             less of both: under 20 seconds
//	go run ./bench -for 45m -o DIR    everything that fits into the time
//	go run ./bench bars               the ratios the library has to reach, each with its bar
//	go run ./bench report DIR         the report again, from the figures of an earlier run
//	go run ./bench trace              the births and deaths of objects of a run of the Go compiler, replayed
//	go run ./bench http               state per connection of a net/http server under load
//	go run ./bench compare            two files of results, or two test binaries that it runs in turn: what is worse?
//	go run ./bench baseline           what does not depend on how busy the machine is, against the committed baseline
//
// See README.md for what is measured how. The operations one by one are in `go test -bench .`.
package main

import (
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/shadowvars/shadow/bench/internal/bars"
	"github.com/shadowvars/shadow/bench/internal/httpload"
	"github.com/shadowvars/shadow/bench/internal/work"
)

func main() {
	httpload.ClientMain()
	os.Exit(run(os.Args[1:], os.Stdout, os.Stderr))
}

// errUsage wraps what is wrong with the arguments; it makes the exit status 2.
var errUsage = errors.New("usage")

// run is main without the process: it returns the exit status, 2 for wrong arguments and 1 for a
// measurement that failed.
func run(arguments []string, stdout, stderr io.Writer) int {
	err := dispatch(arguments, stdout, stderr)
	switch {
	case err == nil, errors.Is(err, errHelp):
		return 0
	case errors.Is(err, errUsage):
		fmt.Fprintf(stderr, "bench: %v\n", err)
		fmt.Fprintln(stderr, "bench: -help tells the flags")
		return 2
	default:
		fmt.Fprintf(stderr, "bench: %v\n", err)
		return 1
	}
}

// command is what the first argument can be.
type command struct {
	name string
	run  func(arguments []string, stdout, stderr io.Writer) error
}

func commands() []command {
	return []command{
		{"bars", runBars}, {"report", runReport}, {"trace", runTrace}, {"http", runHTTP},
		{"compare", runCompare}, {"baseline", runBaseline}, {work.WeighCommand, runWeigh},
		{bars.CollectorCommand, runCollector},
	}
}

func commandNames() (names []string) {
	for _, c := range commands() {
		names = append(names, c.name)
	}
	return names
}

func dispatch(arguments []string, stdout, stderr io.Writer) error {
	for _, c := range commands() {
		if len(arguments) > 0 && arguments[0] == c.name {
			return c.run(arguments[1:], stdout, stderr)
		}
	}
	return runAll(arguments, stdout, stderr)
}
