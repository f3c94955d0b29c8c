package deterministic

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"strings"

	"golang.org/x/perf/benchfmt"

	"github.com/shadowvars/shadow/bench/internal/compare"
	"github.com/shadowvars/shadow/bench/internal/report"
)

// units are those of the measures, and how much worse each may get: what two runs of the same code differ by, and some more.
var units = []struct {
	name      string
	tolerance compare.Tolerance
}{
	{"allocs/op", compare.Tolerance{Relative: 0.01, Absolute: 0.002}},
	{"B/var", compare.Tolerance{Relative: 0.01}},
	{"writes/op", compare.Tolerance{Relative: 0.01, Absolute: 0.03}},
	{"common-writes/op", compare.Tolerance{Relative: 0.01, Absolute: 0.03}},
	{"growing-writes/op", compare.Tolerance{Relative: 0.05}},
	{instructionUnit, compare.Tolerance{Relative: 0.03}},
}

const instructionUnit = "instructions/op"

func tolerate(unit string) compare.Tolerance {
	for _, u := range units {
		if u.name == unit {
			return u.tolerance
		}
	}
	return compare.Tolerance{}
}

// Measurement is all measures of this tree.
type Measurement struct {
	measures []Measure
	root     string
	NoCount  bool // instructions could not be counted
}

// Run measures everything. It takes about a minute.
func Run(progress *report.Progress) (m *Measurement, err error) {
	m = new(Measurement)
	if m.root, err = Root(); err != nil {
		return nil, err
	}
	progress.Stage("writes of shared words")
	if m.measures, err = Writes(m.root); err != nil {
		return nil, err
	}
	progress.Stage("instructions")
	counted, err := Instructions(m.root, lifetimes...)
	switch {
	case errors.Is(err, errNoValgrind):
		m.NoCount = true
	case err != nil:
		return nil, err
	}
	m.measures = append(m.measures, counted...)
	progress.Stage("allocations")
	m.measures = append(m.measures, Allocations()...)
	progress.Stage("bytes")
	m.measures = append(m.measures, Bytes()...)
	progress.Done()
	return m, nil
}

// Name is where the baseline is.
func (m *Measurement) Name() string { return filepath.Join(m.root, "bench", "baseline.txt") }

// Write writes the measures in Go's benchmark format, with what they depend on.
func (m *Measurement) Write(to io.Writer) error {
	var head bytes.Buffer
	for _, c := range m.config() {
		fmt.Fprintf(&head, "%s: %s\n", c[0], c[1])
	}
	for _, u := range units {
		fmt.Fprintf(&head, "Unit %s assume=exact better=lower\n", u.name)
	}
	if _, err := to.Write(head.Bytes()); err != nil {
		return err
	}
	writer := benchfmt.NewWriter(to)
	for _, measure := range m.measures {
		if err := writer.Write(&benchfmt.Result{
			Name: benchfmt.Name(measure.Name), Iters: 1,
			Values: []benchfmt.Value{{Value: measure.Value, Unit: measure.Unit}},
		}); err != nil {
			return err
		}
	}
	return nil
}

// The keys of the configuration that measures depend on.
const (
	goVersion    = "goversion"
	architecture = "goarch"
)

// config is the machine and the commit. The commit is the last one: that of the baseline itself cannot be in it.
func (m *Measurement) config() [][2]string {
	commit := "unknown"
	if text, err := run(m.root, nil, "git", "describe", "--always", "--dirty", "--abbrev=12"); err == nil {
		commit = strings.TrimSpace(text)
	}
	return [][2]string{{"goos", runtime.GOOS}, {architecture, runtime.GOARCH}, {goVersion, runtime.Version()}, {"machine", report.Machine()}, {"after-commit", commit}}
}

// WriteFile replaces the baseline by these measures.
func (m *Measurement) WriteFile() error {
	if m.NoCount {
		return fmt.Errorf("%w to count instructions by: the baseline would lose them", errNoValgrind)
	}
	var text bytes.Buffer
	if err := m.Write(&text); err != nil {
		return err
	}
	return os.WriteFile(m.Name(), text.Bytes(), 0o666)
}

// Check compares the measures with the baseline. The notes say what could not be compared, and why.
func (m *Measurement) Check() (result compare.Result, notes []string, err error) {
	baseline, err := compare.ReadFile(m.Name(), "*")
	if err != nil {
		return result, nil, err
	}
	var text bytes.Buffer
	if err := m.Write(&text); err != nil {
		return result, nil, err
	}
	now, err := compare.Read(&text, "these measures", "*")
	if err != nil {
		return result, nil, err
	}
	return check(baseline, now, m.NoCount)
}

// check compares. A measure that the baseline has and these have not is an error, or a broken measurement would pass for a good one.
func check(baseline, now *compare.Set, noCount bool) (result compare.Result, notes []string, err error) {
	if was, is := baseline.Config(architecture), now.Config(architecture); was != is {
		return result, nil, fmt.Errorf("the baseline is of %q, and this is %q: nothing can be compared", was, is)
	}
	for _, reason := range []struct {
		applies bool
		note    string
	}{
		{noCount, errNoValgrind.Error()},
		{baseline.Config(goVersion) != now.Config(goVersion), "the baseline is of " + baseline.Config(goVersion)},
	} {
		if reason.applies {
			notes = append(notes, "instructions are not compared: "+reason.note)
		}
	}
	if len(notes) > 0 {
		baseline.Remove(instructionUnit)
		now.Remove(instructionUnit)
	}
	result = compare.Compare(baseline, now, compare.Rules{Alpha: 0.5, Tolerate: tolerate})
	if len(result.OnlyOld) > 0 {
		return result, notes, fmt.Errorf("%d measures of the baseline were not made, the first is %s", len(result.OnlyOld), result.OnlyOld[0].Name)
	}
	return result, notes, nil
}
