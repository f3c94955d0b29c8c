package shadow

import (
	"errors"
	"strconv"
	"strings"
)

// What attaching and opening can fail with. They come wrapped in an [*Error]; test for them with [errors.Is].
var (
	// ErrExists: Alloc, AllocFunc, Copy and Move found that the pair has a variable already, or that one is under construction.
	ErrExists = errors.New("the object already has a variable of this class")
	// ErrNilObject: attaching to nil.
	ErrNilObject = errors.New("the object is nil")
	// ErrAbsent: Copy and Move found no variable at the source.
	ErrAbsent = errors.New("the source object has no variable of this class")
	// ErrForeign: under Collected and Pinned the parent must be memory that Go's collector manages, or a package variable; and the last address of all is nobody's.
	ErrForeign = errors.New("the object is not in memory that Go's collector manages; use Manual")
	// ErrZeroSize: a parent of size zero has no address of its own, hence no identity.
	ErrZeroSize = errors.New("a zero-size object has no identity")
	// ErrConflict: the id is open with another kind of handle, parent type, data type or lifetime, or under another name.
	ErrConflict = errors.New("the id is open as something else")
	// ErrClosed: attaching through a handle that was closed, or whose class or space was.
	ErrClosed = errors.New("the handle is closed")
	// ErrSelf: under Collected a pointer field of the data leads straight into the data's own parent, which could then never be collected.
	ErrSelf = errors.New("the data points into its own parent, which could never be collected")
	// ErrSize: Bytes was asked for less than no bytes, for fewer than it was given, or for more than there can be.
	ErrSize = errors.New("the size is negative, smaller than the data, or too large")
	// ErrLifetime: New was given a lifetime that is none of Collected, Pinned and Manual.
	ErrLifetime = errors.New("there is no such lifetime")
	// ErrKind: Any was given a value that is not a pointer, map, channel or unsafe.Pointer; New was given an interface type as the parent's.
	ErrKind = errors.New("the object is not pointer-shaped")
)

// Error says which operation failed, on which class and which object, and why. It is built on the failing path and
// formatted only when printed: losing a race to attach costs one small allocation.
type Error struct {
	Op    string  // the method, as "Alloc"
	Class string  // the class's name, if it has one
	ID    ID      // the class's id
	Addr  uintptr // the object's address, 0 when opening a class
	Err   error   // one of the sentinels of this package

	conflict *conflict // for the message alone: what an ErrConflict collided with
}

// Error names the operation, the class by name and id, the address, and the reason.
func (e *Error) Error() string {
	var b strings.Builder
	b.WriteString("shadow: ")
	b.WriteString(e.Op)
	b.WriteString(" class ")
	if e.Class != "" {
		b.WriteString(strconv.Quote(e.Class))
		b.WriteByte(' ')
	}
	b.WriteString("id 0x")
	b.WriteString(strconv.FormatUint(uint64(e.ID), 16))
	if e.Addr != 0 {
		b.WriteString(" object 0x")
		b.WriteString(strconv.FormatUint(uint64(e.Addr), 16))
	}
	b.WriteString(": ")
	if e.Err != nil {
		b.WriteString(e.Err.Error())
	}
	if e.conflict != nil {
		b.WriteString(": open is ")
		b.WriteString(e.conflict.open.String())
		b.WriteString(", asked for was ")
		b.WriteString(e.conflict.asked.String())
	}
	return b.String()
}

// Unwrap gives the sentinel.
func (e *Error) Unwrap() error { return e.Err }

// conflict holds both sides of an ErrConflict.
type conflict struct{ open, asked identity }
