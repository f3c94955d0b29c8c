// Command bench measures shadow against what a Go user would write today.
//
//	go run ./bench             notes on every syntax node of the standard library: the main comparison
//	go run ./bench -quick      the same on a sixteenth of the files
//	go run ./bench bars        the ratios the library has to reach, each with its bar
//	go run ./bench trace       the births and deaths of objects of a run of the Go compiler, replayed
//	go run ./bench http        state per connection of a net/http server under load
//	go run ./bench compare     two files of results, or two test binaries that it runs in turn: what is worse?
//	go run ./bench baseline    what does not depend on how busy the machine is, against the committed baseline
//
// See README.md for what is measured how. The operations one by one are in `go test -bench .`.
package main

import (
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/shadowvars/shadow/bench/internal/httpload"
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

func dispatch(arguments []string, stdout, stderr io.Writer) error {
	if len(arguments) > 0 && arguments[0] == "bars" {
		return runBars(arguments[1:], stdout, stderr)
	}
	if len(arguments) > 0 && commands[arguments[0]] != nil {
		return commands[arguments[0]](arguments[1:], stdout, stderr)
	}
	return runJob(arguments, stdout, stderr)
}
