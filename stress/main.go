// Command stress runs far more goroutines than the machine has cores on one
// library, under all lifetimes and forced collections, and checks all the while that
// nobody sees data that is not his and that every variable ends exactly once.
//
//	go run ./stress                     one minute with a random seed
//	go run ./stress -for 10m -seed 7    longer, with the decisions of seed 7
//	go run -race ./stress               the same under the race detector
//	go run -tags faults ./stress        the same with goroutines parked in the middle of the library's own steps
//
// In every build goroutines are parked in constructors, destructors and loops, for a while or to the end of a round; under the tag faults also before
// any write to a shared word of the library, each of which is a fault point that bears the name of its function. All others must go on.
// Between two rounds, when nobody works, every slot of the tables and slabs is looked at.
//
// The seed fixes what every goroutine decides to do, not how the goroutines interleave: a violation that
// one run shows may take several to show again. The exit status is 0 if all held, 1
// after a violation, which is printed together with the seed, and 2 for wrong flags.
package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"runtime"
	"time"
)

func main() { os.Exit(run(os.Args[1:], os.Stdout, os.Stderr)) }

// run is main without the process; it returns the exit status.
func run(arguments []string, stdout, stderr io.Writer) int {
	o, err := parse(arguments, stderr)
	switch {
	case errors.Is(err, flag.ErrHelp):
		return 0
	case err != nil:
		fmt.Fprintf(stderr, "stress: %v\n", err)
		fmt.Fprintln(stderr, "stress: -help tells the flags")
		return 2
	}
	// The seed comes first: should the process die, it has been said.
	fmt.Fprintf(stdout, "stress: seed %d, %v, %d goroutines on %d cores, %s %s/%s\n",
		o.seed, o.length, o.goroutines, runtime.NumCPU(), runtime.Version(), runtime.GOOS, runtime.GOARCH)
	s := newStress(o)
	s.progress = progressTo(stderr)
	s.run()
	s.summarize(stdout)
	if len(s.violations()) > 0 {
		fmt.Fprintf(stdout, "stress: FAILED; again with: go run ./stress -for %v -goroutines %d -seed %d\n", o.length, o.goroutines, o.seed)
		return 1
	}
	fmt.Fprintln(stdout, "stress: passed")
	return 0
}

// options are what the flags say.
type options struct {
	length     time.Duration
	seed       uint64
	goroutines int
	parents    int // of each goroutine; there are as many shared ones in all
	ledger     int // variables between two moments at which everything is emptied
}

// defaults are the options without flags; the seed is random.
func defaults() options {
	return options{
		length: time.Minute, seed: rand.Uint64N(1 << 32),
		goroutines: 32 * runtime.NumCPU(), parents: 64, ledger: 1 << 21,
	}
}

func parse(arguments []string, stderr io.Writer) (options, error) {
	o := defaults()
	flags := flag.NewFlagSet("stress", flag.ContinueOnError)
	flags.SetOutput(io.Discard)
	flags.DurationVar(&o.length, "for", o.length, "how long to run")
	flags.Uint64Var(&o.seed, "seed", o.seed, "the seed of all random decisions; random if it is not given")
	flags.IntVar(&o.goroutines, "goroutines", o.goroutines, "how many goroutines work at a time")
	flags.IntVar(&o.parents, "parents", o.parents, "how many parents every goroutine has")
	err := flags.Parse(arguments)
	switch {
	case errors.Is(err, flag.ErrHelp):
		fmt.Fprintln(stderr, "usage: go run ./stress [flags]")
		flags.SetOutput(stderr)
		flags.PrintDefaults()
		return o, err
	case err != nil:
		return o, err
	case flags.NArg() > 0:
		return o, fmt.Errorf("unexpected argument %q: there are only flags", flags.Arg(0))
	case o.length <= 0:
		return o, fmt.Errorf("-for %v: want more than 0s", o.length)
	case o.goroutines < 1 || o.goroutines > 1<<16:
		return o, fmt.Errorf("-goroutines %d: want 1 to %d", o.goroutines, 1<<16)
	case o.parents < 1 || o.parents > 1<<16:
		return o, fmt.Errorf("-parents %d: want 1 to %d", o.parents, 1<<16)
	}
	return o, nil
}
