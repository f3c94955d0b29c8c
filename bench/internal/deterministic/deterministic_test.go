package deterministic

import (
	"bytes"
	"math"
	"strings"
	"testing"

	"golang.org/x/perf/benchfmt"

	"github.com/shadowvars/shadow"
	"github.com/shadowvars/shadow/bench/internal/compare"
)

func TestAllocations(t *testing.T) {
	// Ensure that looking and freeing allocate nothing, that attaching allocates less than an object where there is no handle to
	// make, and that two measurements agree as closely as the baseline's check wants.
	first, second := Allocations(), Allocations()
	if len(first) != 8*len(lifetimes) {
		t.Errorf("%d measures", len(first))
	}
	for i, m := range first {
		limit := 0.002 // the runtime allocates a few objects on its own account, and freeing a directory for each segment that has come to its end
		switch {
		case strings.Contains(m.Name, "op=alloc/life=Collected"):
			limit = 1.2
		case strings.Contains(m.Name, "op=alloc"):
			limit = 0.2
		}
		if m.Value > limit {
			t.Errorf("%s: %v allocations", m.Name, m.Value)
		}
		if tolerance := tolerate(m.Unit); math.Abs(second[i].Value-m.Value) > m.Value*tolerance.Relative+tolerance.Absolute {
			t.Errorf("%s: %v and then %v", m.Name, m.Value, second[i].Value)
		}
	}
}

func TestWritesAreParsed(t *testing.T) {
	// Ensure counts are taken out of the benchmark's output without times and GOMAXPROCS, and output without counts is an error.
	got, err := parseWrites(strings.NewReader("goos: linux\nBenchmarkWrites/op=take/life=Manual-2 1 98 ns/op 1.06 common-writes/op 4.5 writes/op\nPASS\n"))
	want := []Measure{{"Writes/op=take/life=Manual", "common-writes/op", 1.06}, {"Writes/op=take/life=Manual", "writes/op", 4.5}}
	if err != nil || len(got) != 2 || got[0] != want[0] || got[1] != want[1] {
		t.Errorf("%v, %v", got, err)
	}
	for _, text := range []string{"PASS\n", "BenchmarkWrites/op=take 1 98 ns/op\n", "BenchmarkWrites 1\n"} {
		if got, err := parseWrites(strings.NewReader(text)); err == nil {
			t.Errorf("%q: %v", text, got)
		}
	}
}

func TestCountIsParsed(t *testing.T) {
	// Ensure callgrind's count is found, and no count, or one of a function that was never met, is an error.
	if n, err := parseCount("==1== Collected : 5\n==1== I   refs:      13,332,516\n"); n != 13332516 || err != nil {
		t.Errorf("%v, %v", n, err)
	}
	for _, text := range []string{"", "Assertion failed", "==1== I   refs:      0\n"} {
		if n, err := parseCount(text); err == nil {
			t.Errorf("%q: %v", text, n)
		}
	}
}

func TestInstructions(t *testing.T) {
	// Ensure that instructions are counted where there is valgrind: more than a few and fewer than two thousand, a GetOrAlloc that finds more than the Get in it, and one that attaches
	// more than that.
	root, err := Root()
	if err != nil {
		t.Fatal(err)
	}
	measures, err := Instructions(root, shadow.Manual)
	if err == errNoValgrind {
		t.Skip("there is no valgrind; the checks install it")
	}
	if err != nil {
		t.Fatal(err)
	}
	if len(measures) != len(operations) {
		t.Errorf("%d measures", len(measures))
	}
	of := map[string]float64{}
	for _, m := range measures {
		of[m.Name] = m.Value
		if m.Value < 10 || m.Value > 2000 {
			t.Errorf("%s: %v", m.Name, m.Value)
		}
	}
	get, found, attached := of["Instructions/op=get-hit/life=Manual"], of["Instructions/op=getoralloc-hit/life=Manual"], of["Instructions/op=free-and-getoralloc/life=Manual"]
	if found <= get || attached <= found {
		t.Errorf("%v", of)
	}
}

// set is a measurement as the check sees it.
func set(t *testing.T, config string, measures ...Measure) *compare.Set {
	t.Helper()
	var text bytes.Buffer
	if err := (&Measurement{measures: measures, root: t.TempDir()}).Write(&text); err != nil {
		t.Fatal(err)
	}
	s, err := compare.Read(strings.NewReader(text.String()+config+"BenchmarkLast 1 0 allocs/op\n"), "test", "*")
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestCheck(t *testing.T) {
	// Ensure the check complains of more of anything than is tolerated, of nothing else, and of a measure that was not made; and that instructions
	// are compared only if both were counted with the same Go.
	const get, free, last = "Writes/op=get-hit", "Writes/op=free", "Instructions/op=get-hit"
	base := []Measure{{get, "writes/op", 0}, {free, "writes/op", 2.12}, {last, instructionUnit, 186}, {"Bytes", "B/var", 56.5}}
	with := func(i int, value float64) []Measure {
		changed := append([]Measure(nil), base...)
		changed[i].Value = value
		return changed
	}
	const thisGo, otherGo = "goversion: go1\n", "goversion: go2\n"
	for _, c := range []struct {
		what    string
		now     []Measure
		goNow   string
		noCount bool
		worse   int
		notes   int
		broken  bool
	}{
		{"the same", base, thisGo, false, 0, 0, false},
		{"within tolerance", with(1, 2.16), thisGo, false, 0, 0, false},
		{"more writes", with(1, 2.2), thisGo, false, 1, 0, false},
		{"the first write of a lookup", with(0, 0.0001), thisGo, false, 1, 0, false},
		{"ten percent more instructions", with(2, 186*1.1), thisGo, false, 1, 0, false},
		{"the same of another Go", with(2, 186*1.1), otherGo, false, 0, 1, false},
		{"fewer bytes", with(3, 40), thisGo, false, 0, 0, false},
		{"more bytes", with(3, 58), thisGo, false, 1, 0, false},
		{"no valgrind", append(base[:2:2], base[3]), thisGo, true, 0, 1, false},
		{"a measure that was not made", base[1:], thisGo, false, 0, 0, true},
		{"another architecture", base, "goarch: other\n" + thisGo, false, 0, 0, true},
	} {
		result, notes, err := check(set(t, thisGo, base...), set(t, c.goNow, c.now...), c.noCount)
		if len(result.Worse()) != c.worse || len(notes) != c.notes || (err != nil) != c.broken {
			t.Errorf("%s: worse %v, notes %v, %v", c.what, result.Worse(), notes, err)
		}
	}
}

func TestUnitsAreExact(t *testing.T) {
	// Ensure every unit of the measures is declared exact, with a tolerance that a tenth more exceeds.
	var text bytes.Buffer
	if err := (&Measurement{root: t.TempDir()}).Write(&text); err != nil {
		t.Fatal(err)
	}
	reader := benchfmt.NewReader(&text, "")
	for reader.Scan() {
	}
	for _, u := range units {
		if reader.Units().GetBetter(u.name) != -1 || reader.Units().Get(u.name, "assume") == nil || u.tolerance.Relative >= 0.1 {
			t.Errorf("%s: %+v", u.name, u.tolerance)
		}
	}
}
