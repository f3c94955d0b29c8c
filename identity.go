package shadow

import (
	"fmt"
	"reflect"

	"github.com/cespare/xxhash/v2"
)

// ID is a number that tells one kind of attached data from another.
type ID uint64

// NameID makes an id of a name: XXH64 with seed 0. Ids made of names cannot collide by accident of numbering, and
// should two names ever share a number, opening the second is [ErrConflict].
func NameID(name string) ID { return ID(xxhash.Sum64String(name)) }

// Lifetime says what ends a variable besides being freed, and what the library holds of the parent meanwhile.
type Lifetime uint8

const (
	// Collected variables end by themselves once the parent is unreachable; the library holds the parent weakly. It is the default.
	Collected Lifetime = iota
	// Pinned variables keep their parent alive until they are freed.
	Pinned
	// Manual variables do neither: only the address is kept. The caller frees them before the parent is unreachable or
	// its memory used again, as in the kernel.
	Manual
)

// String gives the lifetime's name.
func (l Lifetime) String() string {
	switch l {
	case Collected:
		return "Collected"
	case Pinned:
		return "Pinned"
	case Manual:
		return "Manual"
	}
	return fmt.Sprintf("Lifetime(%d)", uint8(l))
}

// kind tells the three sorts of handle apart; they never share a class.
type kind uint8

const (
	kindVar kind = iota
	kindAny
	kindBytes
)

// identity is what a class is, for everybody who opens it: two openings of an id must agree on it.
type identity struct {
	id       ID
	name     string
	kind     kind
	lifetime Lifetime
	object   reflect.Type // nil for Any
	data     reflect.Type // nil for Bytes
}

// agrees tells whether an opening as asked is an opening of the class i.
func (i identity) agrees(asked identity) bool {
	sameName := i.name == "" || asked.name == "" || i.name == asked.name
	return sameName && i.kind == asked.kind && i.lifetime == asked.lifetime && i.object == asked.object && i.data == asked.data
}

func (i identity) String() string {
	return fmt.Sprintf("%s %s %q id %#x", i.lifetime, i.handleType(), i.name, uint64(i.id))
}

// handleType is the type of the class's handles as a Go programmer would write it.
func (i identity) handleType() string {
	switch i.kind {
	case kindAny:
		return fmt.Sprintf("Any[%v]", i.data)
	case kindBytes:
		return fmt.Sprintf("Bytes[%v]", i.object)
	}
	return fmt.Sprintf("Var[%v, %v]", i.object, i.data)
}
