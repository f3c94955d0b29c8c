package shadow_test

import (
	"errors"
	"fmt"
	"runtime"
	"slices"

	"github.com/shadowvars/shadow"
)

func ExampleSpace() {
	// A library keeps its ids apart from everybody else's by a space of its own.
	mine, theirs := shadow.NewSpace(nil), shadow.NewSpace(nil)
	a := shadow.MustNew(1, &shadow.Options[Conn, int]{Space: mine})
	b := shadow.MustNew(1, &shadow.Options[Conn, string]{Space: theirs})
	conn := new(Conn)
	a.Alloc(conn, nil)
	fmt.Println(a.Has(conn), b.Has(conn))
	// Output: true false
}

func ExampleDefault() {
	v := shadow.MustNew[Conn, int](shadow.NameID("example/default"), nil)
	conn := new(Conn)
	v.Alloc(conn, nil)
	fmt.Println(shadow.Default().FreeObject(conn))
	v.Close()
	// Output: 1
}

func ExampleNewSpace() {
	space := shadow.NewSpace(&shadow.SpaceOptions{Name: "cache", Presize: 10_000})
	fmt.Println(space.Stats().Name)
	// Output: cache
}

func ExampleSpaceOptions() {
	// With a Presize the table need not grow for so many variables.
	space := shadow.NewSpace(&shadow.SpaceOptions{Presize: 1000})
	v := shadow.MustNew(1, &shadow.Options[Conn, int]{Space: space, Lifetime: shadow.Pinned})
	for range 1000 {
		v.Alloc(new(Conn), nil)
	}
	fmt.Println(space.Stats().TableMigrations)
	// Output: 0
}

func ExampleSpace_Stats() {
	space := shadow.NewSpace(nil)
	v := shadow.MustNew(1, &shadow.Options[Conn, int]{Space: space, Lifetime: shadow.Pinned})
	v.Alloc(new(Conn), nil)
	stats := space.Stats()
	fmt.Println(stats.Classes, stats.Live)
	// Output: 1 1
}

func ExampleStats() {
	var stats shadow.Stats = shadow.NewSpace(nil).Stats()
	fmt.Println(stats.Live, stats.Migrating)
	// Output: 0 false
}

func ExampleSpace_Classes() {
	space := shadow.NewSpace(nil)
	shadow.MustNew(2, &shadow.Options[Conn, int]{Space: space, Name: "hits"})
	shadow.MustNewAny(1, &shadow.AnyOptions[Note]{Space: space, Name: "notes"})
	var names []string
	for c := range space.Classes() {
		names = append(names, c.Name)
	}
	slices.Sort(names)
	fmt.Println(names)
	// Output: [hits notes]
}

func ExampleClassStats() {
	space := shadow.NewSpace(nil)
	shadow.MustNew(2, &shadow.Options[Conn, int]{Space: space, Name: "hits"})
	for c := range space.Classes() {
		fmt.Println(c.ID, c.Name, c.Lifetime, c.Type, c.Live)
	}
	// Output: 2 hits Collected Var[shadow_test.Conn, int] 0
}

func ExampleSpace_Reap() {
	space := shadow.NewSpace(nil)
	v := shadow.MustNew(1, &shadow.Options[Conn, int]{Space: space})
	v.Alloc(new(Conn), nil)
	for v.Len() > 0 {
		runtime.GC()
		space.Reap() // now, and not when the library would have done it by itself
	}
	fmt.Println(v.Len())
	// Output: 0
}

func ExampleSpace_FreeObject() {
	space := shadow.NewSpace(nil)
	a := shadow.MustNew(1, &shadow.Options[Conn, int]{Space: space})
	b := shadow.MustNew(2, &shadow.Options[Conn, string]{Space: space})
	conn := new(Conn)
	a.Alloc(conn, nil)
	b.Alloc(conn, nil)
	fmt.Println(space.FreeObject(conn), a.Has(conn), b.Has(conn))
	// Output: 2 false false
}

func ExampleSpace_Close() {
	space := shadow.NewSpace(nil)
	v := shadow.MustNew(1, &shadow.Options[Conn, int]{Space: space, Lifetime: shadow.Pinned})
	v.Alloc(new(Conn), nil)
	fmt.Println(space.Close(), v.Close())
	// Output: 1 0
}

func ExampleLifetime() {
	var l shadow.Lifetime
	fmt.Println(l, shadow.Pinned, shadow.Manual)
	// Output: Collected Pinned Manual
}

func ExampleLifetime_String() {
	fmt.Println(shadow.Pinned.String())
	// Output: Pinned
}

func ExampleCollected() {
	notes := newNotes(shadow.Options[Conn, Note]{Lifetime: shadow.Collected})
	notes.Alloc(new(Conn), nil)
	for notes.Len() > 0 {
		runtime.GC() // the connection is unreachable, so its note goes
	}
	fmt.Println(notes.Len())
	// Output: 0
}

func ExamplePinned() {
	notes := newNotes(shadow.Options[Conn, Note]{Lifetime: shadow.Pinned})
	notes.Alloc(&Conn{"ann"}, nil)
	runtime.GC()
	runtime.GC()
	for conn := range notes.All() {
		fmt.Println(conn.Host) // the note keeps its connection alive
	}
	// Output: ann
}

func ExampleManual() {
	notes := newNotes(shadow.Options[Conn, Note]{Lifetime: shadow.Manual})
	conn := new(Conn)
	notes.Alloc(conn, nil)
	defer runtime.KeepAlive(conn)
	defer notes.Free(conn) // before the connection is gone
	for obj := range notes.All() {
		fmt.Println(obj) // only the address is kept
	}
	// Output: <nil>
}

func ExampleError() {
	notes := newNotes(shadow.Options[Conn, Note]{Name: "notes"})
	conn := new(Conn)
	notes.Alloc(conn, nil)
	_, err := notes.Alloc(conn, nil)
	var e *shadow.Error
	if errors.As(err, &e) {
		fmt.Println(e.Op, e.Class, e.ID == notes.ID(), e.Err == shadow.ErrExists)
	}
	// Output: Alloc notes true true
}

func ExampleError_Error() {
	err := &shadow.Error{Op: "Alloc", Class: "notes", ID: 0x1234, Addr: 0xc0012340, Err: shadow.ErrExists}
	fmt.Println(err.Error())
	// Output: shadow: Alloc class "notes" id 0x1234 object 0xc0012340: the object already has a variable of this class
}

func ExampleError_Unwrap() {
	err := &shadow.Error{Op: "Alloc", Err: shadow.ErrExists}
	fmt.Println(err.Unwrap() == shadow.ErrExists)
	// Output: true
}

func ExampleErrExists() {
	notes := newNotes(shadow.Options[Conn, Note]{})
	conn := new(Conn)
	notes.Alloc(conn, nil)
	_, err := notes.Alloc(conn, nil)
	fmt.Println(errors.Is(err, shadow.ErrExists))
	// Output: true
}

func ExampleErrNilObject() {
	_, err := newNotes(shadow.Options[Conn, Note]{}).Alloc(nil, nil)
	fmt.Println(errors.Is(err, shadow.ErrNilObject))
	// Output: true
}

func ExampleErrAbsent() {
	_, err := newNotes(shadow.Options[Conn, Note]{}).Move(new(Conn), new(Conn))
	fmt.Println(errors.Is(err, shadow.ErrAbsent))
	// Output: true
}

func ExampleErrForeign() {
	// What is in no memory of Go's can be a parent under Manual only. Here it is the descriptor of a type.
	notes := newAnyNotes(shadow.AnyOptions[Note]{})
	_, err := notes.Alloc(errorType, nil)
	fmt.Println(errors.Is(err, shadow.ErrForeign))
	// Output: true
}

func ExampleErrLifetime() {
	_, err := shadow.New(1, &shadow.Options[Conn, int]{Lifetime: 7})
	fmt.Println(errors.Is(err, shadow.ErrLifetime))
	// Output: true
}

func ExampleErrZeroSize() {
	_, err := shadow.New[struct{}, Note](1, nil)
	fmt.Println(errors.Is(err, shadow.ErrZeroSize))
	// Output: true
}

func ExampleErrConflict() {
	space := shadow.NewSpace(nil)
	shadow.MustNew(0x1234, &shadow.Options[Conn, int]{Space: space, Name: "hits"})
	_, err := shadow.New(0x1234, &shadow.Options[Conn, string]{Space: space, Name: "texts"})
	fmt.Println(errors.Is(err, shadow.ErrConflict))
	// Output: true
}

func ExampleErrClosed() {
	notes := newNotes(shadow.Options[Conn, Note]{})
	notes.Close()
	_, err := notes.Alloc(new(Conn), nil)
	fmt.Println(errors.Is(err, shadow.ErrClosed))
	// Output: true
}

func ExampleErrSelf() {
	// The data would keep its own parent alive, and the parent the data.
	owners := shadow.MustNew(1, &shadow.Options[Conn, *Conn]{Space: shadow.NewSpace(nil)})
	conn := new(Conn)
	_, err := owners.Alloc(conn, &conn)
	fmt.Println(errors.Is(err, shadow.ErrSelf))
	// Output: true
}

func ExampleErrSize() {
	_, err := newTexts(shadow.BytesOptions[Conn]{}).Alloc(new(Conn), []byte("too long"), 3)
	fmt.Println(errors.Is(err, shadow.ErrSize))
	// Output: true
}

func ExampleErrKind() {
	_, err := newAnyNotes(shadow.AnyOptions[Note]{}).Alloc("a string", nil)
	_, err2 := shadow.New[error, Note](1, nil)
	fmt.Println(errors.Is(err, shadow.ErrKind), errors.Is(err2, shadow.ErrKind))
	// Output: true true
}
