// Command gets makes a number of lookups or attachments and nothing else after its start, for a count of instructions: callgrind counts
// in the function of the operation and in what that calls. Without asynchronous preemption, because callgrind loses its way in signals, and without
// RDTSCP, by which the runtime tells the time of a lock that two threads want and which older versions of valgrind do not know.
//
//	go build -o gets ./bench/internal/deterministic/gets
//	GODEBUG=asyncpreemptoff=1,cpu.rdtscp=off valgrind --tool=callgrind --callgrind-out-file=/dev/null --toggle-collect=main.getHit ./gets -op get-hit
//
// The parents are on one thread, without a collector, so that two runs do the same.
package main

import (
	"flag"
	"fmt"
	"os"
	"runtime"
	"runtime/debug"

	"github.com/shadowvars/shadow"
)

type parent struct{ words [6]*byte }

type data struct{ a, b uint64 }

// parents is how many there are, and room for how many the table has: so many that next to none stands behind a full line, wherever in memory they are.
const (
	parents = 1 << 12
	room    = 4 * parents
)

func main() {
	operation := flag.String("op", "get-hit", "get-hit, get-miss, get-batch, has, getoralloc-hit, alloc, free-and-getoralloc or none")
	life := flag.String("life", "Manual", "Manual, Pinned or Collected")
	n := flag.Int("n", 1<<16, "how many; of alloc at most 4096")
	flag.Parse()
	if err := run(*operation, *life, *n); err != nil {
		fmt.Fprintln(os.Stderr, "gets:", err)
		os.Exit(2)
	}
}

func run(operation, life string, n int) error {
	runtime.GOMAXPROCS(1)
	debug.SetGCPercent(-1)
	lifetime, ok := map[string]shadow.Lifetime{"Manual": shadow.Manual, "Pinned": shadow.Pinned, "Collected": shadow.Collected}[life]
	if !ok {
		return fmt.Errorf("no lifetime %q", life)
	}
	do, ok := operations[operation]
	if !ok {
		return fmt.Errorf("no operation %q", operation)
	}
	v := shadow.MustNew(1, &shadow.Options[parent, data]{Space: shadow.NewSpace(&shadow.SpaceOptions{Presize: room}), Lifetime: lifetime})
	w := &work{v: v, objs: make([]*parent, parents), strangers: make([]*parent, parents)}
	for i := range parents {
		w.objs[i], w.strangers[i] = new(parent), new(parent)
		if _, err := v.Alloc(w.objs[i], &data{1, 2}); err != nil {
			return err
		}
	}
	if sum, want := do(w, n), n; sum != want {
		return fmt.Errorf("%s: %d instead of %d", operation, sum, want)
	}
	return nil
}

// work is what an operation works on.
type work struct {
	v               *shadow.Var[parent, data]
	objs, strangers []*parent
}

// operations do n times what they are named after and return how many came out as they should. They are functions with names and calls of their own, so
// that callgrind can be told to count in them alone.
var operations = map[string]func(w *work, n int) int{
	"none":                none,
	"get-hit":             getHit,
	"get-miss":            getMiss,
	"has":                 has,
	"getoralloc-hit":      getOrAllocHit,
	"get-batch":           getBatch,
	"alloc":               attach,
	"free-and-getoralloc": churn,
}

// none is the loop that all others have, too.
//
//go:noinline
func none(w *work, n int) (sum int) {
	for i := range n {
		if w.objs[i%parents] != nil {
			sum++
		}
	}
	return sum
}

//go:noinline
func getHit(w *work, n int) (sum int) {
	for i := range n {
		if w.v.Get(w.objs[i%parents]) != nil {
			sum++
		}
	}
	return sum
}

//go:noinline
func getMiss(w *work, n int) (sum int) {
	for i := range n {
		if w.v.Get(w.strangers[i%parents]) == nil {
			sum++
		}
	}
	return sum
}

//go:noinline
func has(w *work, n int) (sum int) {
	for i := range n {
		if w.v.Has(w.objs[i%parents]) {
			sum++
		}
	}
	return sum
}

//go:noinline
func getOrAllocHit(w *work, n int) (sum int) {
	for i := range n {
		if _, loaded, _ := w.v.GetOrAlloc(w.objs[i%parents], nil); loaded {
			sum++
		}
	}
	return sum
}

//go:noinline
func getBatch(w *work, n int) (sum int) {
	var found [16]*data
	for i := 0; i < n; i += len(found) {
		sum += w.v.GetBatch(w.objs[i%parents:i%parents+len(found)], found[:])
	}
	return sum
}

//go:noinline
func attach(w *work, n int) (sum int) {
	for i := range n {
		if _, err := w.v.Alloc(w.strangers[i%parents], &data{1, 2}); err == nil {
			sum++
		}
	}
	return sum
}

//go:noinline
func churn(w *work, n int) (sum int) {
	for i := range n {
		freed := w.v.Free(w.objs[i%parents])
		if _, loaded, err := w.v.GetOrAlloc(w.objs[i%parents], &data{1, 2}); freed && !loaded && err == nil {
			sum++
		}
	}
	return sum
}
