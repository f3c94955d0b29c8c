// Package trace replays the births and deaths of objects of a real program: of the Go compiler at work on a package of the
// standard library, as the compiler's runtime reported them. The program in record made the recording,
// compile.trace.gz, and its head says of what.
//
// # What is recorded
//
// The objects that somebody might attach data to: of named types with pointers, from 24 bytes to 2 KiB (syntax nodes, types, symbols, blocks,
// scopes, locations of the escape analysis), allocated one by one. Of each: its size, the moment of its birth and that of its death in the order of all births and
// deaths. A death is when the compiler's own collector, running with a small GOGC, swept the object; an object that lived
// to the end has none. Names of types are kept as counts, for people.
//
// What was not recorded: time, because a replay has its own; which goroutine, because the compiler ran its backend on one; and lookups,
// because the compiler keeps its data in fields. They follow a rule: see [Program].
package trace

import (
	"bufio"
	"cmp"
	"compress/gzip"
	_ "embed"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"

	"github.com/shadowvars/shadow/bench/internal/report"
)

// MaxSize is the size of the biggest parent.
const MaxSize = 2048

// Recording is births and deaths in their order. Parents are numbered by birth.
type Recording struct {
	Source string // the program and how it ran
	events []event
	sizes  []uint16       // by number
	types  map[string]int // how many parents of each
	deaths int
}

// event is a birth of the next number, or the death of number.
type event struct {
	death  bool
	number uint32
}

// Birth adds the birth of a parent and returns its number.
func (r *Recording) Birth(size int, typeName string) uint32 {
	number := uint32(len(r.sizes))
	r.sizes = append(r.sizes, uint16(size))
	r.events = append(r.events, event{number: number})
	if r.types == nil {
		r.types = map[string]int{}
	}
	r.types[typeName]++
	return number
}

// Death adds the death of a living parent.
func (r *Recording) Death(number uint32) {
	r.events = append(r.events, event{death: true, number: number})
	r.deaths++
}

// Births is the number of parents.
func (r *Recording) Births() int { return len(r.sizes) }

// Describe says what the recording is, for people.
func (r *Recording) Describe() string {
	bytes := 0
	for _, size := range r.sizes {
		bytes += int(size)
	}
	return fmt.Sprintf("%s: %s parents of %d types, %d bytes on average, %s of them die, at most %s live at once", r.Source, report.Count(int64(r.Births())),
		len(r.types), bytes/max(1, r.Births()), report.Count(int64(r.deaths)), report.Count(int64(r.mostLiving())))
}

func (r *Recording) mostLiving() (most int) {
	living := 0
	for _, e := range r.events {
		if e.death {
			living--
		} else {
			living++
		}
		most = max(most, living)
	}
	return most
}

// The form of a file, compressed by gzip: the magic line, the source's line, a line "count name" for each type, the most frequent
// first, an empty line, and then numbers as uvarints. Runs of births and runs of deaths alternate, births first: the length of the run, then
// of each birth its size in words, or of the deaths, whose order within a run is only that of the sweep and so has been
// made ascending, the distance to the one before.
const magic = "shadow trace 1"

// Write writes the recording.
func (r *Recording) Write(to io.Writer) error {
	compressed, err := gzip.NewWriterLevel(to, gzip.BestCompression)
	if err != nil {
		return err
	}
	fmt.Fprintf(compressed, "%s\n%s\n", magic, r.Source)
	for _, name := range slices.SortedFunc(maps.Keys(r.types), func(a, b string) int {
		return cmp.Or(cmp.Compare(r.types[b], r.types[a]), cmp.Compare(a, b))
	}) {
		fmt.Fprintf(compressed, "%d %s\n", r.types[name], name)
	}
	fmt.Fprintln(compressed)
	var body []byte
	for rest := r.events; len(rest) > 0; {
		births := runOf(rest, false)
		body = binary.AppendUvarint(body, uint64(len(births)))
		for _, e := range births {
			body = binary.AppendUvarint(body, uint64(r.sizes[e.number]+7)/8)
		}
		rest = rest[len(births):]
		deaths := runOf(rest, true)
		body = binary.AppendUvarint(body, uint64(len(deaths)))
		rest = rest[len(deaths):]
		deaths = slices.Clone(deaths)
		slices.SortFunc(deaths, func(a, b event) int { return cmp.Compare(a.number, b.number) })
		before := uint32(0)
		for _, e := range deaths {
			body = binary.AppendUvarint(body, uint64(e.number-before))
			before = e.number
		}
	}
	if _, err := compressed.Write(body); err != nil {
		return err
	}
	return compressed.Close()
}

// runOf is how many events at the beginning are deaths, or births.
func runOf(events []event, deaths bool) []event {
	n := slices.IndexFunc(events, func(e event) bool { return e.death != deaths })
	if n < 0 {
		return events
	}
	return events[:n]
}

var errBroken = errors.New("trace: not a recording, or a broken one")

// Read reads what Write wrote. Every death is of a parent that lives.
func Read(from io.Reader) (*Recording, error) {
	compressed, err := gzip.NewReader(from)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", errBroken, err)
	}
	source := bufio.NewReader(compressed)
	r := &Recording{types: map[string]int{}}
	if err := r.readHead(source); err != nil {
		return nil, err
	}
	var living []bool
	for deaths := false; ; deaths = !deaths {
		length, err := binary.ReadUvarint(source)
		if errors.Is(err, io.EOF) && !deaths {
			return r, nil
		}
		if err != nil {
			return nil, fmt.Errorf("%w: %w", errBroken, err)
		}
		number := uint64(0)
		for range length {
			value, err := binary.ReadUvarint(source)
			if err != nil {
				return nil, fmt.Errorf("%w: %w", errBroken, err)
			}
			if !deaths {
				if value == 0 || value > MaxSize/8 {
					return nil, fmt.Errorf("%w: a parent of %d words", errBroken, value)
				}
				r.sizes = append(r.sizes, uint16(value*8))
				r.events = append(r.events, event{number: uint32(len(living))})
				living = append(living, true)
				continue
			}
			if number += value; number >= uint64(len(living)) || !living[number] {
				return nil, fmt.Errorf("%w: the death of %d, which does not live", errBroken, number)
			}
			living[number] = false
			r.Death(uint32(number))
		}
	}
}

func (r *Recording) readHead(source *bufio.Reader) error {
	for n := 0; ; n++ {
		line, err := source.ReadString('\n')
		if err != nil {
			return fmt.Errorf("%w: %w", errBroken, err)
		}
		line = strings.TrimSuffix(line, "\n")
		switch {
		case n == 0 && line != magic:
			return fmt.Errorf("%w: it begins with %q", errBroken, line)
		case n == 0:
		case n == 1:
			r.Source = line
		case line == "":
			return nil
		default:
			var count int
			var name string
			if _, err := fmt.Sscanf(line, "%d %s", &count, &name); err != nil {
				return fmt.Errorf("%w: %q", errBroken, line)
			}
			r.types[name] = count
		}
	}
}

//go:embed compile.trace.gz
var compileTrace string

// Compile is the recording of the compiler.
func Compile() (*Recording, error) { return Read(strings.NewReader(compileTrace)) }
