package compare

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/shadowvars/shadow/bench/internal/report"
)

var usual = Rules{Alpha: 0.05, Tolerate: func(string) Tolerance { return Tolerance{Relative: 0.05} }}

// machine draws times as a machine with other things to do gives them: a few percent of noise, and now and then something twice as long.
type machine struct{ source *rand.Rand }

func (m machine) time(true float64) float64 {
	t := true * (1 + 0.03*m.source.NormFloat64())
	if m.source.IntN(10) == 0 {
		t *= 2
	}
	return t
}

// results are runs of ten benchmarks, of which the first takes slower times as long as it should.
func (m machine) results(t *testing.T, runs int, slower float64) *Set {
	t.Helper()
	var text strings.Builder
	for range runs {
		for i := range 10 {
			factor := 1.0
			if i == 0 {
				factor = slower
			}
			fmt.Fprintf(&text, "BenchmarkGet/n=%d-2 100 %.4f ns/op 0 allocs/op\n", i, m.time(20*factor))
		}
	}
	return read(t, text.String())
}

func read(t *testing.T, text string) *Set {
	t.Helper()
	s, err := Read(strings.NewReader(text), "test", "*")
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestSlowdownIsFound(t *testing.T) {
	// Ensure ten percent more in one of ten benchmarks is found in nearly all of two hundred comparisons on a noisy machine, and that it alone is.
	m := machine{rand.New(rand.NewPCG(1, 1))}
	found, others := 0, 0
	for range 200 {
		worse := Compare(m.results(t, 20, 1), m.results(t, 20, 1.1), usual).Worse()
		for _, row := range worse {
			if strings.Contains(row.Name, "n=0") {
				found++
			} else {
				others++
			}
		}
	}
	if found < 190 || others > 4 {
		t.Errorf("found in %d of 200, and %d that are none", found, others)
	}
}

// rounds are runs of ten benchmarks in turn with others on a machine that is now faster and now slower, by more than what is looked for. The first of them takes slower times as long
// in the second set.
func (m machine) rounds(t *testing.T, runs int, slower float64) (old, new *Set) {
	t.Helper()
	var texts [2]strings.Builder
	for range runs {
		for i := range 10 {
			speed := 1 + m.source.Float64()
			for version := range texts {
				factor := speed
				if i == 0 && version == 1 {
					factor *= slower
				}
				fmt.Fprintf(&texts[version], "BenchmarkGet/n=%d-2 100 %.4f ns/op\n", i, m.time(20*factor))
			}
		}
	}
	return read(t, texts[0].String()), read(t, texts[1].String())
}

func TestPairsAreCompared(t *testing.T) {
	// Ensure that ten percent more are found on a machine whose speed changes by a factor of two from round to round, if runs of a round are compared with each other, hardly ever otherwise, and
	// that the same code is the same.
	m := machine{rand.New(rand.NewPCG(3, 3))}
	pairs := usual
	pairs.Paired = true
	found, unpaired, others := 0, 0, 0
	for range 200 {
		old, new := m.rounds(t, 20, 1.1)
		for _, row := range Compare(old, new, pairs).Worse() {
			if strings.Contains(row.Name, "n=0") {
				found++
			} else {
				others++
			}
		}
		unpaired += len(Compare(old, new, usual).Worse())
		old, new = m.rounds(t, 20, 1)
		others += len(Compare(old, new, pairs).Worse())
	}
	t.Logf("found in %d of 200, %d that are none, %d without pairs", found, others, unpaired)
	if found < 160 || others > 8 || unpaired > 20 {
		t.Errorf("found in %d of 200, %d that are none, %d without pairs", found, others, unpaired)
	}
}

func TestSigns(t *testing.T) {
	// Ensure that p is that of the binomial distribution, and that fewer than six rounds decide nothing.
	for _, c := range []struct {
		heads, tails int
		want         float64
	}{{0, 0, 1}, {1, 1, 1}, {5, 0, 0.0625}, {0, 6, 0.03125}, {17, 3, 0.002577}, {15, 5, 0.041389}, {400, 500, 0.000956}} {
		if p := signs(c.heads, c.tails); math.Abs(p-c.want) > 0.000001 {
			t.Errorf("%d, %d: p is %v, want %v", c.heads, c.tails, p, c.want)
		}
	}
	old, new := read(t, runs("ns/op", 1, 1, 1, 1, 1)), read(t, runs("ns/op", 2, 2, 2, 2, 2))
	pairs := Rules{Alpha: 0.05, Tolerate: usual.Tolerate, Paired: true}
	if r := Compare(old, new, pairs); !r.Undecided() {
		t.Errorf("five rounds: %+v", r.Rows)
	}
	// Where there is no ratio, all are compared with all.
	old, new = read(t, runs("B/op", 0, 0, 0, 0, 0, 0)), read(t, runs("B/op", 0, 0, 0, 0, 0, 8))
	if r := Compare(old, new, pairs); r.Rows[0].Verdict != Same {
		t.Errorf("mostly nothing: %+v", r.Rows)
	}
	old, new = read(t, runs("B/op", 0, 0, 0, 0, 0, 0)), read(t, runs("B/op", 8, 8, 8, 8, 8, 8))
	if r := Compare(old, new, pairs); r.Rows[0].Verdict != Worse {
		t.Errorf("something for nothing: %+v", r.Rows)
	}
	pairs.Alpha = 0.01
	old, new = read(t, runs("ns/op", 1, 1, 1, 1, 1, 1, 1)), read(t, runs("ns/op", 2, 2, 2, 2, 2, 2, 2))
	if r := Compare(old, new, pairs); !r.Undecided() {
		t.Errorf("seven rounds at 0.01: %+v", r.Rows)
	}
}

func TestSameCodeIsTheSame(t *testing.T) {
	// Ensure a second run of the same code is hardly ever called worse or better, though ten benchmarks are compared.
	m := machine{rand.New(rand.NewPCG(2, 2))}
	wrong := 0
	for range 200 {
		for _, row := range Compare(m.results(t, 20, 1), m.results(t, 20, 1), usual).Rows {
			if row.Verdict != Same {
				wrong++
			}
		}
	}
	if wrong > 4 {
		t.Errorf("%d of 2000 benchmarks were called different", wrong)
	}
}

// runs are lines of one benchmark with these values.
func runs(unit string, values ...float64) string {
	var text strings.Builder
	for _, value := range values {
		fmt.Fprintf(&text, "BenchmarkX 1 %v %s\n", value, unit)
	}
	return text.String()
}

func TestVerdicts(t *testing.T) {
	// Ensure a difference counts only if it is more than chance, more than what is let pass, and in the bad direction of its unit.
	ten := []float64{100, 101, 102, 103, 104, 100.5, 101.5, 102.5, 103.5, 104.5}
	times := func(factor float64) (values []float64) {
		for _, value := range ten {
			values = append(values, value*factor)
		}
		return values
	}
	const exact = "Unit writes/op assume=exact better=lower\n"
	for _, c := range []struct {
		what, old, new string
		want           Verdict
	}{
		{"the same", runs("ns/op", ten...), runs("ns/op", ten...), Same},
		{"slower", runs("ns/op", ten...), runs("ns/op", times(1.2)...), Worse},
		{"faster", runs("ns/op", times(1.2)...), runs("ns/op", ten...), Better},
		{"slower by less than what is let pass", runs("ns/op", ten...), runs("ns/op", times(1.045)...), Same},
		{"more in a second", runs("ops/s", ten...), runs("ops/s", times(1.2)...), Better},
		{"less in a second", runs("MB/s", times(1.2)...), runs("MB/s", ten...), Worse},
		{"more memory", runs("B/op", 16, 16, 16, 16, 16), runs("B/op", 32, 32, 32, 32, 32), Worse},
		{"the first allocation", runs("allocs/op", 0, 0, 0, 0, 0), runs("allocs/op", 1, 1, 1, 1, 1), Worse},
		{"far apart, but few", runs("ns/op", 1, 1, 1), runs("ns/op", 2, 2, 2), Few},
		{"exact, one run", exact + runs("writes/op", 5), runs("writes/op", 6), Worse},
		{"exact, fewer", exact + runs("writes/op", 5), runs("writes/op", 4), Better},
		{"exact, and within what is let pass", exact + runs("writes/op", 5), runs("writes/op", 5.2), Same},
		{"exact, the first one", exact + runs("writes/op", 0), runs("writes/op", 0.001), Worse},
	} {
		r := Compare(read(t, c.old), read(t, c.new), usual)
		if len(r.Rows) != 1 || r.Rows[0].Verdict != c.want || r.Undecided() != (c.want == Few) || len(r.Worse()) > 0 != (c.want == Worse) {
			t.Errorf("%s: %+v", c.what, r.Rows)
		}
	}
}

func TestAbsoluteTolerance(t *testing.T) {
	// Ensure an absolute tolerance lets a small number be a little bigger, and never lets something come of nothing.
	rules := Rules{Alpha: 0.05, Tolerate: func(string) Tolerance { return Tolerance{Absolute: 0.02} }}
	const exact = "Unit writes/op assume=exact better=lower\n"
	for _, c := range []struct {
		old, new float64
		worse    bool
	}{{0.06, 0.079, false}, {0.06, 0.081, true}, {0, 0.001, true}} {
		r := Compare(read(t, exact+runs("writes/op", c.old)), read(t, runs("writes/op", c.new)), rules)
		if (len(r.Worse()) == 1) != c.worse {
			t.Errorf("%v to %v: %+v", c.old, c.new, r.Rows)
		}
	}
}

func TestOneSidedMeasures(t *testing.T) {
	// Ensure a measure that only one of the two has is told and not judged, and a removed unit is gone.
	old := read(t, "go: go1\n"+runs("ns/op", 5, 5, 5, 5, 5)+"BenchmarkGone 1 5 ns/op\n")
	new := read(t, runs("ns/op", 5, 5, 5, 5, 5)+runs("instr/op", 7))
	r := Compare(old, new, usual)
	if len(r.Rows) != 1 || len(r.OnlyOld) != 1 || r.OnlyOld[0].Name != "Gone" || len(r.OnlyNew) != 1 || r.OnlyNew[0].Unit != "instr/op" {
		t.Errorf("%+v", r)
	}
	if old.Config("go") != "go1" {
		t.Errorf("the configuration is %v", old.config)
	}
	new.Remove("instr/op")
	if r := Compare(old, new, usual); len(r.OnlyNew) != 0 {
		t.Errorf("%+v", r.OnlyNew)
	}
	var out strings.Builder
	if err := r.Print(&out, false); err != nil || !strings.Contains(out.String(), "1 measures are the same") || !strings.Contains(out.String(), "only in the old: Gone") {
		t.Errorf("%v, %s", err, out.String())
	}
}

func TestWrongFiles(t *testing.T) {
	// Ensure what is no result, a line that is cut off, a filter that is none and a file that is not there are errors.
	if _, err := Read(strings.NewReader("PASS\n"), "empty", "*"); !errors.Is(err, errNoResults) {
		t.Errorf("empty: %v", err)
	}
	if _, err := Read(strings.NewReader("BenchmarkX 1 5 ns/op\n"), "filtered", ".name:Y"); !errors.Is(err, errNoResults) {
		t.Errorf("filtered: %v", err)
	}
	if _, err := Read(strings.NewReader("BenchmarkX 1 5 ns/op\nBenchmarkY 1 5"), "cut", "*"); err == nil {
		t.Error("a line that is cut off was read")
	}
	if _, err := Read(strings.NewReader(""), "", "(("); err == nil {
		t.Error("a filter that is none was taken")
	}
	if _, err := ReadFile(filepath.Join(t.TempDir(), "none"), "*"); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("no file: %v", err)
	}
}

// binary is a shell script that stands for a test binary: it prints a benchmark and keeps its arguments.
func binary(t *testing.T, script string) string {
	t.Helper()
	if _, err := os.Stat("/bin/sh"); err != nil {
		t.Skip("no shell to run the script by")
	}
	name := filepath.Join(t.TempDir(), "binary.test")
	if err := os.WriteFile(name, []byte("#!/bin/sh\n"+script+"\n"), 0o777); err != nil {
		t.Fatal(err)
	}
	return name
}

func TestInterleave(t *testing.T) {
	// Ensure binaries run in turn, each first in every second round, with the arguments of a benchmark, and one that fails ends it.
	log := filepath.Join(t.TempDir(), "log")
	one := binary(t, "echo one $* >>"+log+"; echo BenchmarkX 1 5 ns/op")
	two := binary(t, "echo two >>"+log+"; echo BenchmarkX 1 6 ns/op")
	r := Runs{A: one, B: two, Pattern: "Get", Benchtime: 5 * time.Millisecond, Rounds: 3, CPU: 2, Progress: report.NewProgress(io.Discard)}
	a, b, err := r.Interleave()
	if err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(log)
	if err != nil {
		t.Fatal(err)
	}
	var order []string
	for line := range strings.Lines(string(text)) {
		order = append(order, strings.Fields(line)[0])
	}
	if got := strings.Join(order, " "); got != "one two two one one two" {
		t.Errorf("the order was %s", got)
	}
	for _, flag := range []string{"-test.run=^$", "-test.bench=Get", "-test.benchtime=5ms", "-test.cpu=2"} {
		if !bytes.Contains(text, []byte(flag)) {
			t.Errorf("%s was not given: %s", flag, text)
		}
	}
	if strings.Count(a.String(), " 5 ns/op") != 3 || strings.Count(b.String(), " 6 ns/op") != 3 {
		t.Errorf("%s\n%s", a, b)
	}
	r.B = binary(t, "echo broken >&2; exit 3")
	if _, _, err := r.Interleave(); err == nil || !strings.Contains(err.Error(), "broken") {
		t.Errorf("a binary that fails: %v", err)
	}
}
