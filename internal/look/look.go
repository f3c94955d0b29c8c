// Package look is what the debug page may ask of a space beyond its statistics. Package shadow answers it, by functions that it sets when it
// is initialised; so nothing of this is part of its own interface. A space is a *shadow.Space.
//
// Asking stops nobody, and nothing that is returned keeps a parent alive: parents are addresses here.
package look

import "time"

// Class is one class, looked at closely.
type Class struct {
	Kind     string  // "Var", "Any" or "Bytes"
	Parent   string  // the parents' type; empty for Any, whose parents have types of their own
	Data     string  // the type of the data
	DataSize uintptr // its size; 0 for Bytes
	Handles  int64   // how many are open
	Destroys bool    // whether it has a destructor
	Formats  bool    // whether its owner shows the data

	Memory []Part // how its chunks are used, in the order of memory

	Rate int   // one attachment in so many is recorded by the class's profile; 0 if it has none
	Ages []Age // of the recorded variables that are live, in the order of [Ages]

	// Some of its parents, evenly chosen, and by how many of the space's classes each has a variable.
	Parents []uintptr
	IDs     []int
}

// Part says how many slots of a stretch of memory are used how.
type Part struct {
	Live  int // variables
	Dead  int // variables that have ended, in chunks where others live
	Fresh int // room
}

// Age says how many variables were attached less than Below ago, and not less than the Below before it.
type Age struct {
	Below     time.Duration // 0: no bound
	Variables int
}

// Ages are the bounds of the ages.
var Ages = []time.Duration{time.Second, 10 * time.Second, time.Minute, 10 * time.Minute, time.Hour, 24 * time.Hour, 0}

// Variable is one variable of an object.
type Variable struct {
	ID       uint64
	Name     string // the class's
	Lifetime string
	Type     string // the handle's type
	Parent   string // the type of the parent as it was attached to; the class's for all but Any
	Address  uintptr
	Size     uintptr
	Format   func() string // shows the data, as the class's owner knows how; nil if he gave nothing
}

var (
	// ClassOf looks at the class of an id, at no more than samples of its parents, and at its memory in no more than parts parts. It reports false if the id is not open.
	ClassOf func(space any, id uint64, samples, parts int) (Class, bool)

	// NameOf is the space's name.
	NameOf func(space any) string

	// VariablesOf lists what is attached to the object at an address now, in no particular order.
	VariablesOf func(space any, address uintptr) []Variable
)
