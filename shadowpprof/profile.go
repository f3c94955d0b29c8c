package shadowpprof

import (
	"fmt"
	"io"
	"runtime"
	"time"

	"github.com/google/pprof/profile"
	"github.com/shadowvars/shadow"
)

// Profile returns the profile of the live variables of some spaces, of the default one if none is given. It has two values for each stack, "variables"
// in count and "space" in bytes, and the labels "class" (its name), "id", "lifetime" and "handle" (its type).
//
// It costs what [shadow.Space.Samples] costs. It keeps no parent alive and stops nobody.
func Profile(spaces ...*shadow.Space) *profile.Profile {
	if len(spaces) == 0 {
		spaces = []*shadow.Space{shadow.Default()}
	}
	b := newBuilder()
	for _, s := range spaces {
		for sample := range s.Samples() {
			b.add(sample)
		}
	}
	return b.profile
}

// Write writes the profile as go tool pprof reads it: a compressed protocol buffer. It fails if w does.
func Write(w io.Writer, spaces ...*shadow.Space) error { return Profile(spaces...).Write(w) }

// builder makes a profile: pprof wants each function and each place in it once.
type builder struct {
	profile   *profile.Profile
	functions map[function]*profile.Function
	locations map[location]*profile.Location
}

type function struct{ name, file string }

type location struct {
	counter  uintptr
	function function
	line     int
}

func newBuilder() *builder {
	variables := &profile.ValueType{Type: "variables", Unit: "count"}
	// That names are known already keeps pprof from looking for the program.
	all := &profile.Mapping{ID: 1, HasFunctions: true, HasFilenames: true, HasLineNumbers: true, HasInlineFrames: true}
	return &builder{
		profile: &profile.Profile{
			SampleType:        []*profile.ValueType{variables, {Type: "space", Unit: "bytes"}},
			DefaultSampleType: variables.Type,
			PeriodType:        variables,
			Period:            1,
			TimeNanos:         time.Now().UnixNano(),
			Mapping:           []*profile.Mapping{all},
		},
		functions: map[function]*profile.Function{},
		locations: map[location]*profile.Location{},
	}
}

func (b *builder) add(s shadow.Sample) {
	sample := &profile.Sample{
		Value: []int64{int64(s.Count) * int64(s.Rate), int64(s.Bytes) * int64(s.Rate)},
		Label: map[string][]string{
			"class": {s.Name}, "id": {fmt.Sprintf("%#x", uint64(s.ID))}, "lifetime": {s.Lifetime.String()}, "handle": {s.Type},
		},
	}
	for _, f := range s.Stack {
		sample.Location = append(sample.Location, b.location(f))
	}
	b.profile.Sample = append(b.profile.Sample, sample)
}

func (b *builder) location(f runtime.Frame) *profile.Location {
	of := location{f.PC, function{f.Function, f.File}, f.Line}
	l := b.locations[of]
	if l == nil {
		l = &profile.Location{
			ID: uint64(len(b.locations) + 1), Mapping: b.profile.Mapping[0], Address: uint64(f.PC),
			Line: []profile.Line{{Function: b.function(of.function), Line: int64(f.Line)}},
		}
		b.locations[of] = l
		b.profile.Location = append(b.profile.Location, l)
	}
	return l
}

func (b *builder) function(of function) *profile.Function {
	f := b.functions[of]
	if f == nil {
		f = &profile.Function{ID: uint64(len(b.functions) + 1), Name: of.name, SystemName: of.name, Filename: of.file}
		b.functions[of] = f
		b.profile.Function = append(b.profile.Function, f)
	}
	return f
}
