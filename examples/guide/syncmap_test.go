package guide_test

import (
	"fmt"
	"sync"

	"github.com/shadowvars/shadow"
)

// Job belongs to a scheduler, Trace to us.
type (
	Job   struct{ id, priority int }
	Trace struct{ steps []string }
)

// Before: the map keeps every job it has ever seen, unless somebody deletes it.
var tracesBefore sync.Map // of *Trace by *Job

func traceBefore(j *Job) *Trace {
	t, _ := tracesBefore.LoadOrStore(j, new(Trace))
	return t.(*Trace)
}

// After: no type assertion, no Delete to forget.
var traces = shadow.MustNew[Job, Trace](shadow.NameID("example.com/traces"), nil)

func traceAfter(j *Job) (*Trace, error) {
	t, _, err := traces.GetOrAlloc(j, nil)
	return t, err
}

func Example_fromSyncMap() {
	j := &Job{id: 1}
	traceBefore(j).steps = append(traceBefore(j).steps, "queued")
	t, err := traceAfter(j)
	if err != nil {
		fmt.Println(err)
	}
	t.steps = append(t.steps, "queued")
	again, _ := traceAfter(j)
	fmt.Println(traceBefore(j).steps, again.steps)
	tracesBefore.Delete(j)
	// Output: [queued] [queued]
}
