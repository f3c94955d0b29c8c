// Package figures reads benchmark output back and sums it up: every table and plot is made of a file that anyone can read, compare and
// pivot with the usual tools.
package figures

import (
	"cmp"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/perf/benchfmt"
	"golang.org/x/perf/benchproc"

	"github.com/shadowvars/shadow/bench/internal/measure"
	"github.com/shadowvars/shadow/bench/internal/report"
)

// Place is what figures of different contestants have in common.
type Place struct {
	Base    string // Table, Syntax
	Op      string
	N, G    int    // 0: the name does not tell
	Variant string // batch=16, role=get, part=2
}

// String says where, without the operation.
func (p Place) String() (text string) {
	join := func(part string) {
		if text != "" {
			text += " "
		}
		text += part
	}
	if p.N > 0 {
		join("n=" + report.Size(p.N))
	}
	if p.G > 0 {
		join("g=" + strconv.Itoa(p.G))
	}
	if p.Variant != "" {
		join(p.Variant)
	}
	return text
}

// Figures are all figures of a file.
type Figures struct {
	Config  map[string]string // of the last result: machine, commit
	Results int
	values  map[Place]map[string]map[string][]float64 // by place, contestant and unit, in the order of the rounds
	units   map[string]map[string][]string            // by base and operation, in the order of first sight
	impls   []string
}

// variants are the parts of a name that make a place's variant.
var variants = []string{"batch", "ids", "role", "part"}

// Read reads benchmark output. Lines that are no results are ignored, as everywhere; a broken result is an error.
func Read(in io.Reader, name string) (*Figures, error) {
	f := &Figures{
		Config: map[string]string{},
		values: map[Place]map[string]map[string][]float64{},
		units:  map[string]map[string][]string{},
	}
	pivot, err := newPivot()
	if err != nil {
		return nil, err
	}
	reader := benchfmt.NewReader(in, name)
	for reader.Scan() {
		switch record := reader.Result().(type) {
		case *benchfmt.SyntaxError:
			return nil, record
		case *benchfmt.Result:
			if err := f.add(pivot, record); err != nil {
				return nil, err
			}
		}
	}
	return f, reader.Err()
}

// pivot takes names apart.
type pivot struct {
	impl, base, op, n, g *benchproc.Projection
	variants             []*benchproc.Projection
}

func newPivot() (*pivot, error) {
	var parser benchproc.ProjectionParser
	filter, err := benchproc.NewFilter("*")
	if err != nil {
		return nil, err
	}
	p := &pivot{}
	for key, to := range map[string]**benchproc.Projection{"/impl": &p.impl, ".name": &p.base, "/op": &p.op, "/n": &p.n, "/g": &p.g} {
		if *to, err = parser.Parse(key, filter); err != nil {
			return nil, err
		}
	}
	for _, key := range variants {
		projection, err := parser.Parse("/"+key, filter)
		if err != nil {
			return nil, err
		}
		p.variants = append(p.variants, projection)
	}
	return p, nil
}

// get is the value of a projection of one field, without the slash and the equals sign.
func get(p *benchproc.Projection, r *benchfmt.Result) string {
	return p.Project(r).Get(p.Fields()[0])
}

func (f *Figures) add(p *pivot, r *benchfmt.Result) error {
	at := Place{Base: get(p.base, r), Op: get(p.op, r)}
	var err error
	if text := get(p.n, r); text != "" {
		if at.N, err = report.ParseSize(text); err != nil {
			return fmt.Errorf("%s: %w", r.Name, err)
		}
	}
	if text := get(p.g, r); text != "" {
		if at.G, err = strconv.Atoi(text); err != nil {
			return fmt.Errorf("%s: %w", r.Name, err)
		}
	}
	for i, projection := range p.variants {
		if text := get(projection, r); text != "" {
			at.Variant = variants[i] + "=" + text
		}
	}
	impl := get(p.impl, r)
	if !slices.Contains(f.impls, impl) {
		f.impls = append(f.impls, impl)
	}
	if f.values[at] == nil {
		f.values[at] = map[string]map[string][]float64{}
	}
	if f.values[at][impl] == nil {
		f.values[at][impl] = map[string][]float64{}
	}
	if f.units[at.Base] == nil {
		f.units[at.Base] = map[string][]string{}
	}
	for _, v := range r.Values {
		amount, unit := v.Value, v.Unit
		if v.OrigUnit != "" {
			amount, unit = v.OrigValue, v.OrigUnit // nanoseconds, as it was written
		}
		f.values[at][impl][unit] = append(f.values[at][impl][unit], amount)
		if !slices.Contains(f.units[at.Base][at.Op], unit) {
			f.units[at.Base][at.Op] = append(f.units[at.Base][at.Op], unit)
		}
	}
	for _, c := range r.Config {
		f.Config[c.Key] = string(c.Value)
	}
	f.Results++
	return nil
}

// Summary is what the rounds of a contestant at a place say; false if there are none.
func (f *Figures) Summary(at Place, impl, unit string) (measure.Summary, bool) {
	rounds := f.values[at][impl][unit]
	return measure.Summarize(rounds), len(rounds) > 0
}

// Rounds is how often it was measured.
func (f *Figures) Rounds(at Place, impl, unit string) int { return len(f.values[at][impl][unit]) }

// Ratio is how many times the base's figure a contestant's is, taken round by round.
func (f *Figures) Ratio(at Place, impl, base, unit string) (measure.Summary, bool) {
	ratios := measure.Ratios(f.values[at][impl][unit], f.values[at][base][unit])
	return measure.Summarize(ratios), len(ratios) > 0
}

// Units are those of an operation.
func (f *Figures) Units(base, op string) []string { return f.units[base][op] }

// Places are those of an operation that have a figure in that unit, small ones first.
func (f *Figures) Places(base, op, unit string) (places []Place) {
	for at, byImpl := range f.values {
		if at.Base != base || at.Op != op {
			continue
		}
		for _, byUnit := range byImpl {
			if len(byUnit[unit]) > 0 {
				places = append(places, at)
				break
			}
		}
	}
	slices.SortFunc(places, func(a, b Place) int {
		return cmp.Or(a.N-b.N, a.G-b.G, compareVariants(a.Variant, b.Variant))
	})
	return places
}

// compareVariants puts batch=4 before batch=16, and what is no number before both.
func compareVariants(a, b string) int {
	number := func(variant string) int {
		_, digits, _ := strings.Cut(variant, "=")
		n, err := strconv.Atoi(digits)
		if err != nil {
			return -1
		}
		return n
	}
	return cmp.Or(number(a)-number(b), cmp.Compare(a, b))
}

// Impls are the contestants, in the order of first sight, that have a figure in that unit at one of the places.
func (f *Figures) Impls(places []Place, unit string) (impls []string) {
	for _, impl := range f.impls {
		for _, at := range places {
			if len(f.values[at][impl][unit]) > 0 {
				impls = append(impls, impl)
				break
			}
		}
	}
	return impls
}

// Bases are the kinds of benchmarks there are: the first part of their names.
func (f *Figures) Bases() (bases []string) {
	for base := range f.units {
		bases = append(bases, base)
	}
	slices.Sort(bases)
	return bases
}

// Ops are the operations of a kind, in the order of their names.
func (f *Figures) Ops(base string) (ops []string) {
	for op := range f.units[base] {
		ops = append(ops, op)
	}
	slices.Sort(ops)
	return ops
}
