package shadow_test

import (
	"errors"
	"fmt"
	"runtime"

	"github.com/shadowvars/shadow"
)

// Conn stands for a type of somebody else's, Note for what a program wants to keep with each of its objects.
type Conn struct{ Host string }

// Note is what the examples attach.
type Note struct {
	Text string
	Hits int
}

// newNotes opens a class in a space of its own; programs mostly open theirs once, as a package variable, by MustNew.
func newNotes(opts shadow.Options[Conn, Note]) *shadow.Var[Conn, Note] {
	opts.Space = shadow.NewSpace(nil)
	return shadow.MustNew(shadow.NameID("example/notes"), &opts)
}

func Example() {
	notes := shadow.MustNew[Conn, Note](shadow.NameID("example.com/notes"), nil)
	defer notes.Close()

	conn := &Conn{"ann"}
	if _, err := notes.Alloc(conn, &Note{Text: "hello"}); err != nil {
		fmt.Println(err)
	}
	notes.Get(conn).Hits++
	fmt.Println(*notes.Get(conn))
	fmt.Println(notes.Free(conn), notes.Has(conn))
	// Output:
	// {hello 1}
	// true false
}

func ExampleNew() {
	space := shadow.NewSpace(nil)
	a, err := shadow.New(7, &shadow.Options[Conn, Note]{Space: space, Name: "notes"})
	fmt.Println(a.Name(), err)

	// The same id, opened again, is one more handle on the same class.
	b, err := shadow.New(7, &shadow.Options[Conn, Note]{Space: space})
	conn := new(Conn)
	a.Alloc(conn, nil)
	fmt.Println(b.Has(conn), err)

	// With another type it is refused.
	_, err = shadow.New(7, &shadow.Options[Conn, int]{Space: space})
	fmt.Println(errors.Is(err, shadow.ErrConflict))
	// Output:
	// notes <nil>
	// true <nil>
	// true
}

func ExampleMustNew() {
	hits := shadow.MustNew[Conn, int](shadow.NameID("example.com/hits"), nil)
	defer hits.Close()
	fmt.Println(hits.Len())
	// Output: 0
}

func ExampleNameID() {
	fmt.Println(shadow.NameID("abc") == shadow.NameID("abd"))
	fmt.Printf("%#x\n", uint64(shadow.NameID("abc")))
	// Output:
	// false
	// 0x44bc2cf5ad770999
}

func ExampleID() {
	// As livepatches do it: the number of the bug, and a number within it.
	const bug = 1195950
	const counter shadow.ID = bug<<6 | 1
	v := shadow.MustNew[Conn, int](counter, nil)
	defer v.Close()
	fmt.Println(v.ID() == counter)
	// Output: true
}

func ExampleOptions() {
	notes := newNotes(shadow.Options[Conn, Note]{
		Name:     "notes",
		Lifetime: shadow.Pinned,
		Destroy:  func(c *Conn, n *Note) { fmt.Println("destroy", c.Host, n.Text) },
		Isolate:  true,
	})
	conn := &Conn{"ann"}
	notes.Alloc(conn, &Note{Text: "hello"})
	notes.Free(conn)
	// Output: destroy ann hello
}

func ExampleVar() {
	// Data that belongs to no object is attached to a package variable or to anything else that lives as long as it should.
	notes := newNotes(shadow.Options[Conn, Note]{})
	shared := new(Conn)
	for range 3 {
		n, _, err := notes.GetOrAlloc(shared, nil)
		if err != nil {
			fmt.Println(err)
			return
		}
		n.Hits++
	}
	fmt.Println(notes.Get(shared).Hits)
	// Output: 3
}

func ExampleVar_Get() {
	notes := newNotes(shadow.Options[Conn, Note]{})
	conn := new(Conn)
	fmt.Println(notes.Get(conn))
	notes.Alloc(conn, &Note{Text: "hello"})
	fmt.Println(notes.Get(conn).Text)
	// Output:
	// <nil>
	// hello
}

func ExampleVar_Has() {
	// Presence alone can be the information: data of size zero costs nothing.
	checked := shadow.MustNew[Conn, struct{}](shadow.NameID("example/checked"), nil)
	defer checked.Close()
	before, after := new(Conn), new(Conn)
	checked.Alloc(after, nil)
	fmt.Println(checked.Has(before), checked.Has(after))
	// Output: false true
}

func ExampleVar_GetBatch() {
	notes := newNotes(shadow.Options[Conn, Note]{})
	conns := []*Conn{new(Conn), nil, new(Conn)}
	notes.Alloc(conns[2], &Note{Text: "third"})
	found := make([]*Note, len(conns))
	fmt.Println(notes.GetBatch(conns, found), found[0], found[1], found[2].Text)
	// Output: 1 <nil> <nil> third
}

func ExampleVar_Alloc() {
	notes := newNotes(shadow.Options[Conn, Note]{Name: "notes"})
	conn := new(Conn)
	note, err := notes.Alloc(conn, &Note{Text: "first"})
	fmt.Println(note.Text, err)
	_, err = notes.Alloc(conn, &Note{Text: "second"})
	fmt.Println(errors.Is(err, shadow.ErrExists), notes.Get(conn).Text)
	// Output:
	// first <nil>
	// true first
}

func ExampleVar_AllocFunc() {
	notes := newNotes(shadow.Options[Conn, Note]{})
	conn := &Conn{"ann"}
	note, err := notes.AllocFunc(conn, func(n *Note) error {
		n.Text = "built in place for " + conn.Host
		return nil
	})
	fmt.Println(note.Text, err)

	refuse := errors.New("no")
	_, err = notes.AllocFunc(new(Conn), func(*Note) error { return refuse })
	fmt.Println(err == refuse, notes.Len())
	// Output:
	// built in place for ann <nil>
	// true 1
}

func ExampleVar_GetOrAlloc() {
	notes := newNotes(shadow.Options[Conn, Note]{})
	conn := new(Conn)
	for range 2 {
		note, loaded, err := notes.GetOrAlloc(conn, &Note{Text: "hello"})
		fmt.Println(note.Text, loaded, err)
	}
	// Output:
	// hello false <nil>
	// hello true <nil>
}

func ExampleVar_GetOrAllocFunc() {
	notes := newNotes(shadow.Options[Conn, Note]{})
	conn := new(Conn)
	build := func(n *Note) error {
		fmt.Println("once")
		n.Text = "expensive"
		return nil
	}
	for range 2 {
		note, loaded, err := notes.GetOrAllocFunc(conn, build)
		fmt.Println(note.Text, loaded, err)
	}
	// Output:
	// once
	// expensive false <nil>
	// expensive true <nil>
}

func ExampleVar_Free() {
	notes := newNotes(shadow.Options[Conn, Note]{Destroy: func(c *Conn, _ *Note) { fmt.Println("destroy", c.Host) }})
	conn := &Conn{"ann"}
	notes.Alloc(conn, nil)
	fmt.Println(notes.Free(conn), notes.Free(conn))
	// Output:
	// destroy ann
	// true false
}

func ExampleVar_FreeAll() {
	notes := newNotes(shadow.Options[Conn, Note]{})
	a, b := new(Conn), new(Conn)
	notes.Alloc(a, nil)
	notes.Alloc(b, nil)
	fmt.Println(notes.FreeAll(), notes.Has(a), notes.Has(b))
	runtime.KeepAlive(a)
	// Output: 2 false false
}

func ExampleVar_FreeFunc() {
	notes := newNotes(shadow.Options[Conn, Note]{})
	conns := []*Conn{{"ann"}, {"bob"}}
	for _, conn := range conns {
		notes.Alloc(conn, &Note{Text: conn.Host})
	}
	fmt.Println(notes.FreeFunc(func(c *Conn, _ *Note) bool { return c.Host == "ann" }))
	fmt.Println(notes.Has(conns[0]), notes.Has(conns[1]))
	// Output:
	// 1
	// false true
}

func ExampleVar_Take() {
	notes := newNotes(shadow.Options[Conn, Note]{Destroy: func(*Conn, *Note) { fmt.Println("never") }})
	conn := new(Conn)
	notes.Alloc(conn, &Note{Text: "mine now"})
	note := notes.Take(conn)
	fmt.Println(note.Text, notes.Has(conn))
	// Output: mine now false
}

func ExampleVar_FreeIf() {
	notes := newNotes(shadow.Options[Conn, Note]{})
	conn := new(Conn)
	old, _ := notes.Alloc(conn, nil)
	notes.Free(conn)
	notes.Alloc(conn, &Note{Text: "newer"})
	fmt.Println(notes.FreeIf(conn, old), notes.Get(conn).Text)
	fmt.Println(notes.FreeIf(conn, notes.Get(conn)), notes.Has(conn))
	// Output:
	// false newer
	// true false
}

func ExampleVar_Copy() {
	// An object was copied by its owner; the copy gets what the original had.
	notes := newNotes(shadow.Options[Conn, Note]{})
	conn := &Conn{"ann"}
	notes.Alloc(conn, &Note{Text: "hello"})
	clone := &Conn{conn.Host}
	note, err := notes.Copy(clone, conn)
	fmt.Println(note.Text, err, note != notes.Get(conn))
	// Output: hello <nil> true
}

func ExampleVar_Move() {
	notes := newNotes(shadow.Options[Conn, Note]{})
	from, to := new(Conn), new(Conn)
	note, _ := notes.Alloc(from, nil)
	moved, err := notes.Move(to, from)
	fmt.Println(moved == note, err, notes.Has(from), notes.Has(to))
	// Output: true <nil> false true
}

func ExampleVar_All() {
	notes := newNotes(shadow.Options[Conn, Note]{})
	conn := &Conn{"ann"}
	notes.Alloc(conn, &Note{Text: "hello"})
	for c, note := range notes.All() {
		fmt.Println(c.Host, note.Text)
	}
	runtime.KeepAlive(conn)
	// Output: ann hello
}

func ExampleVar_Len() {
	notes := newNotes(shadow.Options[Conn, Note]{Lifetime: shadow.Pinned})
	for range 3 {
		notes.Alloc(new(Conn), nil)
	}
	fmt.Println(notes.Len())
	// Output: 3
}

func ExampleVar_ID() {
	notes := newNotes(shadow.Options[Conn, Note]{})
	fmt.Println(notes.ID() == shadow.NameID("example/notes"))
	// Output: true
}

func ExampleVar_Name() {
	notes := newNotes(shadow.Options[Conn, Note]{Name: "notes"})
	fmt.Println(notes.Name())
	// Output: notes
}

func ExampleVar_Close() {
	space := shadow.NewSpace(nil)
	one := shadow.MustNew(1, &shadow.Options[Conn, Note]{Space: space})
	two := shadow.MustNew(1, &shadow.Options[Conn, Note]{Space: space})
	conn := new(Conn)
	one.Alloc(conn, nil)
	fmt.Println(one.Close(), one.Has(conn), two.Has(conn))
	fmt.Println(two.Close())
	runtime.KeepAlive(conn)
	// Output:
	// 0 false true
	// 1
}
