package main

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"regexp"

	execution "golang.org/x/exp/trace"

	"github.com/shadowvars/shadow/bench/internal/trace"
)

// objectType is what the runtime's trace tells of a type.
type objectType struct {
	size, pointerBytes uint64
	name               string
}

// named are types that a program gave a name to. Slices, maps, closures and boxed pointers have none, and so
// are no objects that anybody would attach data to.
var named = regexp.MustCompile(`^[\w/]+\.\w+(\[.*\])?$`)

// inner are types of the runtime's maps and interfaces: they have names, but no program holds them.
var inner = regexp.MustCompile(`^(maps|runtime|internal/.*)\.`)

// isParent tells whether an object of the type is one that a program might attach data to: of a named type with
// pointers. The smallest ones are left out, because an interface value alone in a slice looks the same.
func (t objectType) isParent() bool {
	return t.size >= 24 && t.size <= trace.MaxSize && t.pointerBytes > 0 && named.MatchString(t.name) && !inner.MatchString(t.name)
}

// reader turns the runtime's events into a recording. The runtime names an object by its address and
// a type by a number that holds for one generation of the trace.
type reader struct {
	types  map[uint64]objectType
	living map[uint64]uint32 // number of the parent at an address
	out    trace.Recording
}

// read reads an execution trace.
func read(from io.Reader, most int) (*trace.Recording, error) {
	source, err := execution.NewReader(from)
	if err != nil {
		return nil, err
	}
	r := &reader{living: map[uint64]uint32{}}
	for {
		event, err := source.ReadEvent()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, err
		}
		switch event.Kind() {
		case execution.EventSync:
			if err := r.readTypes(event.Sync().ExperimentalBatches["AllocFree"]); err != nil {
				return nil, err
			}
		case execution.EventExperimental:
			r.add(event.Experimental())
		}
		if most > 0 && r.out.Births() == most {
			break
		}
	}
	if r.out.Births() == 0 {
		return nil, errors.New("the trace has no allocations; was it made with GODEBUG=traceallocfree=1?")
	}
	return &r.out, nil
}

// add takes in one event of the alloc-free experiment.
func (r *reader) add(event execution.ExperimentalEvent) {
	switch event.Name {
	case "HeapObjectAlloc":
		address := event.ArgValue(0).Uint64()
		// What died without a word, and was one of ours, died now at the latest.
		r.die(address)
		if t := r.types[event.ArgValue(1).Uint64()]; t.isParent() {
			r.living[address] = r.out.Birth(int(t.size), t.name)
		}
	case "HeapObjectFree":
		r.die(event.ArgValue(0).Uint64())
	}
}

func (r *reader) die(address uint64) {
	if number, ok := r.living[address]; ok {
		r.out.Death(number)
		delete(r.living, address)
	}
}

// readTypes reads the types of the generation that begins. A batch is a byte that tells its kind, 0 for types, and then for each of
// them: number, address, size, pointer bytes, length of the name, name.
func (r *reader) readTypes(batches []execution.ExperimentalBatch) error {
	r.types = map[uint64]objectType{}
	for _, batch := range batches {
		if len(batch.Data) == 0 || batch.Data[0] != 0 {
			continue
		}
		for data := batch.Data[1:]; len(data) > 0; {
			var fields [5]uint64
			for i := range fields {
				value, n := binary.Uvarint(data)
				if n <= 0 {
					return errors.New("a type record of the trace is cut off")
				}
				fields[i], data = value, data[n:]
			}
			if fields[4] > uint64(len(data)) {
				return fmt.Errorf("a type's name of %d bytes is cut off", fields[4])
			}
			r.types[fields[0]] = objectType{fields[2], fields[3], string(data[:fields[4]])}
			data = data[fields[4]:]
		}
	}
	return nil
}
