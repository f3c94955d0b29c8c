package job

import (
	"strconv"

	"golang.org/x/perf/benchfmt"
)

// line is a turn's figures as a line of benchmark output. Times are of one goroutine, as in the table. If of every so many files only one was taken, the name says so: these figures are no others' sample.
func (f figures) line(impl string, step int) *benchfmt.Result {
	name := "Syntax/impl=" + impl
	if step > 1 {
		name += "/part=" + strconv.Itoa(step)
	}
	r := &benchfmt.Result{Name: benchfmt.Name(name), Iters: f.attached, Values: []benchfmt.Value{
		{Value: f.attach, Unit: "attach-ns/op"},
		{Value: f.get, Unit: "get-ns/op"},
		{Value: f.reattach, Unit: "reattach-ns/op"},
		{Value: f.tail * 1e3, Unit: "attach-p99.99-ns"},
	}}
	if f.weighed {
		r.Values = append(r.Values, benchfmt.Value{Value: f.bytes, Unit: "B/var"}, benchfmt.Value{Value: f.collector * 1e6, Unit: "gc-ns"})
	}
	return r
}
