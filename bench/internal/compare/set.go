// Package compare tells whether one set of benchmark results is worse than another: by how much, whether that is more than chance, and more
// than what one lets pass. Results are in Go's benchmark format, read by x/perf's benchfmt and judged by its benchmath.
package compare

import (
	"errors"
	"fmt"
	"io"
	"os"
	"slices"

	"golang.org/x/perf/benchfmt"
	"golang.org/x/perf/benchproc"
)

// Key is one measure of one benchmark.
type Key struct {
	Name string // with its parameters and GOMAXPROCS
	Unit string // tidied: ns/op is sec/op
}

// Set is the results of one file, or of several runs of one program.
type Set struct {
	order   []Key
	samples map[Key][]float64
	config  map[string]string
	units   benchfmt.UnitMetadataMap
}

// ReadFile reads a file of results; those that do not match the filter, in the syntax of benchstat's -filter, are left out.
func ReadFile(name, filter string) (*Set, error) {
	file, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	return Read(file, name, filter)
}

// Read reads results. A line that looks like a result and is none is an error: a run that was cut off must not
// look like one that is whole.
func Read(from io.Reader, name, filter string) (*Set, error) {
	keep, err := benchproc.NewFilter(filter)
	if err != nil {
		return nil, fmt.Errorf("filter %q: %w", filter, err)
	}
	s := &Set{samples: map[Key][]float64{}, config: map[string]string{}}
	reader := benchfmt.NewReader(from, name)
	for reader.Scan() {
		switch record := reader.Result().(type) {
		case *benchfmt.SyntaxError:
			return nil, record
		case *benchfmt.Result:
			if kept, _ := keep.Apply(record); !kept {
				continue // it says why not, which nobody has to know
			}
			for _, c := range record.Config {
				s.config[c.Key] = string(c.Value)
			}
			for _, value := range record.Values {
				s.add(Key{record.Name.String(), value.Unit}, value.Value)
			}
		}
	}
	s.units = reader.Units()
	if err := reader.Err(); err != nil {
		return nil, err
	}
	if len(s.order) == 0 {
		return nil, fmt.Errorf("%s: %w", name, errNoResults)
	}
	return s, nil
}

var errNoResults = errors.New("no benchmark results, or none that the filter lets pass")

func (s *Set) add(key Key, value float64) {
	if _, known := s.samples[key]; !known {
		s.order = append(s.order, key)
	}
	s.samples[key] = append(s.samples[key], value)
}

// Config is the value of a line "key: value" of the results, "" if there is none.
func (s *Set) Config(key string) string { return s.config[key] }

// Remove takes all measures in a unit out.
func (s *Set) Remove(unit string) {
	s.order = slices.DeleteFunc(s.order, func(key Key) bool {
		if key.Unit != unit {
			return false
		}
		delete(s.samples, key)
		return true
	})
}
