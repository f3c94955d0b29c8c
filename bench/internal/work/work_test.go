package work

import (
	"bytes"
	"math"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"golang.org/x/perf/benchfmt"

	"github.com/shadowvars/shadow/bench/internal/micro"
)

// capable are the contestants that can do a workload with one goroutine and with two.
var capable = map[string][2]int{
	"get-hit": {17, 16}, "get-dependent": {16, 15}, "get-miss": {14, 13}, "get-batch": {3, 3}, "getoralloc-hit": {14, 12}, "hot-get": {14, 13},
	"get-ids": {9, 8}, "iterate": {14, 14}, "mix-99": {14, 12}, "mix-90": {14, 12}, "mix-75": {14, 12}, "churn": {14, 12}, "hot-churn": {14, 12},
	"attach": {14, 12}, "attach-presized": {11, 9}, "churn-new": {14, 12}, "growth": {12, 12}, "freeall": {11, 11}, "lifetimes": {13, 13}, "weigh": {14, 14},
}

func TestEveryWorkload(t *testing.T) {
	// Ensure that every contestant that can does every workload, proves that it did, and reports times that are times.
	const n = 1 << 10
	for _, w := range Workloads() {
		t.Run(w.Op, func(t *testing.T) {
			ground := NewGround(n)
			defer ground.Close()
			want, ok := capable[w.Op]
			if !ok {
				t.Fatal("nobody said who is capable of it")
			}
			for i, goroutines := range []int{1, 2} {
				did := 0
				for _, impl := range Names() {
					done := false
					for _, variant := range w.Variants() {
						s := Subject{Impl: impl, Op: w.Op, N: n, Goroutines: goroutines, Variant: variant}
						done = round(t, w, ground, s) || done
					}
					if done {
						did++
					}
				}
				if did != want[i] {
					t.Errorf("%d contestants did it by %d goroutines, want %d", did, goroutines, want[i])
				}
			}
		})
	}
}

// round does one round and tells whether the subject could.
func round(t *testing.T, w Workload, ground *Ground, s Subject) bool {
	t.Helper()
	if !w.Crowds && s.Goroutines == 2 {
		s.Goroutines = 0
	}
	run := w.Open(ground, s)
	if run == nil {
		return false
	}
	var samples []Sample
	switch w.Op {
	case "weigh": // would start this test again
		samples = []Sample{weigh(s)}
	case "lifetimes":
		samples = living(s, micro.Find(s.Impl), 10*time.Millisecond)(0)
	default:
		samples = run(time.Millisecond)
	}
	for _, sample := range samples {
		if sample.Ops == 0 || len(sample.Values) == 0 {
			t.Errorf("%s: %+v", s.Name(), sample)
		}
		for _, v := range sample.Values {
			if math.IsNaN(v.Value) || math.IsInf(v.Value, 0) || v.Unit == "ns/op" && v.Value <= 0 {
				t.Errorf("%s: %v %s", s.Name(), v.Value, v.Unit)
			}
		}
	}
	return len(samples) > 0
}

func TestFewerThanAll(t *testing.T) {
	// Ensure that no lookup that fails goes unseen.
	for _, c := range []struct {
		hits int
		sum  uint64
		bad  bool
	}{{5, 5, false}, {4, 4, true}, {5, 4, true}} {
		func() {
			defer func() {
				if bad := recover() != nil; bad != c.bad {
					t.Errorf("%+v", c)
				}
			}()
			must(Subject{}, c.hits, 5, c.sum)
		}()
	}
}

func TestLetGo(t *testing.T) {
	// Ensure that what lets go by itself has nothing left of the parents that have had their time, and that the others were told.
	for _, impl := range Tables() {
		implementation := micro.Find(impl)
		if implementation.Alone {
			continue
		}
		sample := living(Subject{Impl: impl, N: 100}, implementation, 10*time.Millisecond)(0)[0]
		if left, ok := sample.Result().Value("left"); !ok || left > perTick {
			// The conservative end of a loop may hold the last of them.
			t.Errorf("%s: %v are left", impl, left)
		}
	}
}

func TestAllocationsOfWork(t *testing.T) {
	// Ensure that lookups of the library allocate nothing and that a rival's churn is seen to allocate, alone and in mixes.
	ground := NewGround(1 << 10)
	defer ground.Close()
	per := func(impl, op string) float64 {
		w, _ := Find(op)
		samples := w.Open(ground, Subject{Impl: impl, Op: op, N: ground.N, Goroutines: 1})(20 * time.Millisecond)
		allocs, _ := samples[0].Result().Value("allocs/op")
		return allocs
	}
	if got := per(micro.ShadowManual, "get-hit"); got > 0.01 {
		t.Errorf("Get allocates %v objects", got)
	}
	churn := per(micro.Xsync4, "churn")
	if churn < 0.9 {
		t.Errorf("churn of xsync allocates %v objects", churn)
	}
	// A mix has one churn, which is two operations, in so many; anything else would show here.
	for op, of := range map[string]float64{"mix-99": 200, "mix-90": 20, "mix-75": 8} {
		if got := per(micro.Xsync4, op); got < 0.7*churn/of || got > 1.4*churn/of {
			t.Errorf("%s allocates %v objects, churn %v", op, got, churn)
		}
	}
	runtime.KeepAlive(ground)
}

func TestNames(t *testing.T) {
	// Ensure that a name says all there is, in the parts that benchstat knows, and leaves out what there is not.
	got := Subject{Impl: "a", Op: "get-batch", N: 1 << 20, Goroutines: 2, Variant: "batch=16"}.Name()
	if got != "Table/impl=a/op=get-batch/n=1M/g=2/batch=16" {
		t.Error(got)
	}
	if got := (Subject{Impl: "a", Op: "weigh", N: 1000}).Name(); got != "Table/impl=a/op=weigh/n=1000" {
		t.Error(got)
	}
	if Long("xsync4") == "xsync4" || Long("floor-array") == "floor-array" || Long("else") != "else" {
		t.Error("names for people")
	}
	for _, w := range Workloads() {
		if !strings.Contains(Usage(), "  "+w.Op+" ") {
			t.Errorf("the help leaves out %s", w.Op)
		}
	}
}

func TestWeighWrites(t *testing.T) {
	// Ensure that what the process of its own prints reads back with every figure.
	var out bytes.Buffer
	if err := Weigh(micro.ShadowManual, 1<<12, &out); err != nil {
		t.Fatal(err)
	}
	reader := benchfmt.NewReader(&out, "")
	if !reader.Scan() {
		t.Fatal("no line")
	}
	result, ok := reader.Result().(*benchfmt.Result)
	if !ok || string(result.Name.Full()) != "Table/impl=shadow-manual/op=weigh/n=4k" || len(result.Values) != 7 {
		t.Fatalf("%+v", reader.Result())
	}
	var units []string
	for _, v := range result.Values {
		units = append(units, v.OrigUnit+v.Unit)
	}
	if heap, ok := result.Value("heap-B/var"); !ok || heap < 16 || heap > 500 {
		t.Errorf("%v bytes a variable, of %v", heap, units)
	}
}

func TestPercentileUnits(t *testing.T) {
	// Ensure that units have no digit too many.
	var got []string
	for _, percent := range []float64{50, 99.9, 99.999, 100} {
		got = append(got, PercentileUnit(percent))
	}
	if !slices.Equal(got, []string{"p50-ns", "p99.9-ns", "p99.999-ns", "max-ns"}) {
		t.Error(got)
	}
}

func TestRandomBelow(t *testing.T) {
	// Ensure that picks reach every place and no other.
	x := newXorshift(0)
	var seen [10]int
	for range 10000 {
		seen[x.below(len(seen))]++
	}
	if slices.Min(seen[:]) < 800 {
		t.Error(seen)
	}
}
