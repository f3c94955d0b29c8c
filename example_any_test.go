package shadow_test

import (
	"errors"
	"fmt"
	"io"
	"net"
	"runtime"
	"strings"

	"github.com/shadowvars/shadow"
)

// newAnyNotes opens a class of parents of any kind in a space of its own.
func newAnyNotes(opts shadow.AnyOptions[Note]) *shadow.Any[Note] {
	opts.Space = shadow.NewSpace(nil)
	return shadow.MustNewAny(shadow.NameID("example/any"), &opts)
}

func ExampleAny() {
	// Connections are interface values; their types are unexported or wrapped.
	notes := newAnyNotes(shadow.AnyOptions[Note]{})
	client, server := net.Pipe()
	notes.Alloc(client, &Note{Text: "the client's end"})
	notes.Alloc(server, &Note{Text: "the server's end"})
	fmt.Println(notes.Get(client).Text)
	fmt.Println(notes.Get(server).Text)
	// Output:
	// the client's end
	// the server's end
}

func ExampleNewAny() {
	notes, err := shadow.NewAny[Note](shadow.NameID("example/newany"), nil)
	if err != nil {
		fmt.Println(err)
		return
	}
	defer notes.Close()
	m := map[string]int{}
	notes.Alloc(m, &Note{Text: "maps have identity, too"})
	fmt.Println(notes.Get(m).Text)
	// Output: maps have identity, too
}

func ExampleMustNewAny() {
	notes := shadow.MustNewAny[Note](shadow.NameID("example/mustnewany"), nil)
	defer notes.Close()
	done := make(chan bool)
	notes.Alloc(done, nil)
	fmt.Println(notes.Has(done))
	// Output: true
}

func ExampleAnyOptions() {
	notes := newAnyNotes(shadow.AnyOptions[Note]{
		Lifetime: shadow.Pinned,
		Destroy:  func(obj any, _ *Note) { fmt.Printf("destroy that of a %T\n", obj) },
	})
	notes.Alloc(strings.NewReader("x"), nil)
	notes.FreeAll()
	// Output: destroy that of a *strings.Reader
}

func ExampleAny_Get() {
	notes := newAnyNotes(shadow.AnyOptions[Note]{})
	var r io.Reader = strings.NewReader("x")
	notes.Alloc(r, &Note{Text: "hello"})
	fmt.Println(notes.Get(r).Text, notes.Get("a string is no parent"))
	// Output: hello <nil>
}

func ExampleAny_Has() {
	notes := newAnyNotes(shadow.AnyOptions[Note]{})
	fmt.Println(notes.Has(new(Conn)), notes.Has(nil), notes.Has(7))
	// Output: false false false
}

func ExampleAny_GetBatch() {
	notes := newAnyNotes(shadow.AnyOptions[Note]{})
	conn, ch := new(Conn), make(chan int)
	notes.Alloc(conn, nil)
	notes.Alloc(ch, nil)
	found := make([]*Note, 3)
	fmt.Println(notes.GetBatch([]any{conn, 5, ch}, found), found[1])
	// Output: 2 <nil>
}

func ExampleAny_Alloc() {
	notes := newAnyNotes(shadow.AnyOptions[Note]{})
	_, err := notes.Alloc(new(Conn), nil)
	_, err2 := notes.Alloc(Conn{}, nil)
	fmt.Println(err, errors.Is(err2, shadow.ErrKind))
	// Output: <nil> true
}

func ExampleAny_AllocFunc() {
	notes := newAnyNotes(shadow.AnyOptions[Note]{})
	note, err := notes.AllocFunc(new(Conn), func(n *Note) error { n.Text = "built"; return nil })
	fmt.Println(note.Text, err)
	// Output: built <nil>
}

func ExampleAny_GetOrAlloc() {
	notes := newAnyNotes(shadow.AnyOptions[Note]{})
	conn := new(Conn)
	_, first, _ := notes.GetOrAlloc(conn, nil)
	_, second, _ := notes.GetOrAlloc(conn, nil)
	fmt.Println(first, second)
	// Output: false true
}

func ExampleAny_GetOrAllocFunc() {
	notes := newAnyNotes(shadow.AnyOptions[Note]{})
	note, loaded, err := notes.GetOrAllocFunc(new(Conn), func(n *Note) error { n.Hits = 1; return nil })
	fmt.Println(note.Hits, loaded, err)
	// Output: 1 false <nil>
}

func ExampleAny_Free() {
	notes := newAnyNotes(shadow.AnyOptions[Note]{})
	conn := new(Conn)
	notes.Alloc(conn, nil)
	// Identity is the pointer alone: the first field's address is the object's.
	fmt.Println(notes.Free(&conn.Host), notes.Has(conn))
	// Output: true false
}

func ExampleAny_FreeAll() {
	notes := newAnyNotes(shadow.AnyOptions[Note]{Lifetime: shadow.Pinned})
	notes.Alloc(new(Conn), nil)
	notes.Alloc(make(chan int), nil)
	fmt.Println(notes.FreeAll())
	// Output: 2
}

func ExampleAny_FreeFunc() {
	notes := newAnyNotes(shadow.AnyOptions[Note]{Lifetime: shadow.Pinned})
	notes.Alloc(new(Conn), nil)
	notes.Alloc(make(chan int), nil)
	fmt.Println(notes.FreeFunc(func(obj any, _ *Note) bool {
		_, is := obj.(chan int)
		return is
	}))
	// Output: 1
}

func ExampleAny_Take() {
	notes := newAnyNotes(shadow.AnyOptions[Note]{})
	conn := new(Conn)
	notes.Alloc(conn, &Note{Text: "mine"})
	fmt.Println(notes.Take(conn).Text, notes.Take(conn))
	// Output: mine <nil>
}

func ExampleAny_FreeIf() {
	notes := newAnyNotes(shadow.AnyOptions[Note]{})
	conn := new(Conn)
	note, _ := notes.Alloc(conn, nil)
	fmt.Println(notes.FreeIf(conn, new(Note)), notes.FreeIf(conn, note))
	// Output: false true
}

func ExampleAny_Copy() {
	notes := newAnyNotes(shadow.AnyOptions[Note]{})
	conn := new(Conn)
	notes.Alloc(conn, &Note{Text: "hello"})
	note, err := notes.Copy(make(chan int), conn)
	fmt.Println(note.Text, err)
	// Output: hello <nil>
}

func ExampleAny_Move() {
	// A connection is wrapped; what was attached to it follows.
	notes := newAnyNotes(shadow.AnyOptions[Note]{Lifetime: shadow.Pinned})
	conn := &Conn{"ann"}
	wrapped := &struct{ *Conn }{conn}
	notes.Alloc(conn, nil)
	_, err := notes.Move(wrapped, conn)
	fmt.Println(err, notes.Has(conn), notes.Has(wrapped))
	// Output: <nil> false true
}

func ExampleAny_All() {
	notes := newAnyNotes(shadow.AnyOptions[Note]{Lifetime: shadow.Pinned})
	notes.Alloc(&Conn{"ann"}, &Note{Text: "hello"})
	for obj, note := range notes.All() {
		fmt.Println(obj.(*Conn).Host, note.Text)
	}
	// Output: ann hello
}

func ExampleAny_Len() {
	notes := newAnyNotes(shadow.AnyOptions[Note]{})
	fmt.Println(notes.Len())
	// Output: 0
}

func ExampleAny_ID() {
	fmt.Println(newAnyNotes(shadow.AnyOptions[Note]{}).ID() == shadow.NameID("example/any"))
	// Output: true
}

func ExampleAny_Name() {
	fmt.Println(newAnyNotes(shadow.AnyOptions[Note]{Name: "notes"}).Name())
	// Output: notes
}

func ExampleAny_Close() {
	notes := newAnyNotes(shadow.AnyOptions[Note]{Lifetime: shadow.Pinned})
	notes.Alloc(new(Conn), nil)
	fmt.Println(notes.Close(), notes.Close())
	// Output: 1 0
}

// newTexts opens a class of bytes in a space of its own.
func newTexts(opts shadow.BytesOptions[Conn]) *shadow.Bytes[Conn] {
	opts.Space = shadow.NewSpace(nil)
	return shadow.MustNewBytes(shadow.NameID("example/texts"), &opts)
}

func ExampleBytes() {
	texts := newTexts(shadow.BytesOptions[Conn]{})
	ann, bob := new(Conn), new(Conn)
	texts.Alloc(ann, []byte("short"), 8)
	texts.Alloc(bob, nil, 1<<20)
	fmt.Printf("%q %d\n", texts.Get(ann), len(texts.Get(bob)))
	// Output: "short\x00\x00\x00" 1048576
}

func ExampleNewBytes() {
	texts, err := shadow.NewBytes[Conn](shadow.NameID("example/newbytes"), nil)
	fmt.Println(texts.Len(), err)
	texts.Close()
	// Output: 0 <nil>
}

func ExampleMustNewBytes() {
	texts := shadow.MustNewBytes[Conn](shadow.NameID("example/mustnewbytes"), nil)
	fmt.Println(texts.Close())
	// Output: 0
}

func ExampleBytesOptions() {
	texts := newTexts(shadow.BytesOptions[Conn]{Destroy: func(c *Conn, data []byte) { fmt.Println("destroy", c.Host, len(data)) }})
	conn := &Conn{"ann"}
	texts.Alloc(conn, nil, 5)
	texts.Free(conn)
	// Output: destroy ann 5
}

func ExampleBytes_Get() {
	texts := newTexts(shadow.BytesOptions[Conn]{})
	conn, empty := new(Conn), new(Conn)
	texts.Alloc(empty, nil, 0)
	fmt.Println(texts.Get(conn) == nil, texts.Get(empty) == nil)
	// Output: true false
}

func ExampleBytes_Has() {
	texts := newTexts(shadow.BytesOptions[Conn]{})
	conn := new(Conn)
	texts.Alloc(conn, nil, 0)
	fmt.Println(texts.Has(conn))
	// Output: true
}

func ExampleBytes_Alloc() {
	texts := newTexts(shadow.BytesOptions[Conn]{})
	data, err := texts.Alloc(new(Conn), []byte("ab"), 4)
	fmt.Println(data, cap(data), err)
	_, err = texts.Alloc(new(Conn), []byte("ab"), 1)
	fmt.Println(errors.Is(err, shadow.ErrSize))
	// Output:
	// [97 98 0 0] 4 <nil>
	// true
}

func ExampleBytes_GetOrAlloc() {
	texts := newTexts(shadow.BytesOptions[Conn]{})
	conn := new(Conn)
	for size := range 2 {
		data, loaded, err := texts.GetOrAlloc(conn, nil, 3+size)
		fmt.Println(data, loaded, err)
	}
	// Output:
	// [0 0 0] false <nil>
	// [0 0 0] true <nil>
}

func ExampleBytes_Free() {
	texts := newTexts(shadow.BytesOptions[Conn]{})
	conn := new(Conn)
	texts.Alloc(conn, nil, 3)
	fmt.Println(texts.Free(conn), texts.Has(conn))
	// Output: true false
}

func ExampleBytes_FreeAll() {
	texts := newTexts(shadow.BytesOptions[Conn]{Lifetime: shadow.Pinned})
	texts.Alloc(new(Conn), nil, 3)
	fmt.Println(texts.FreeAll(), texts.Len())
	// Output: 1 0
}

func ExampleBytes_Take() {
	texts := newTexts(shadow.BytesOptions[Conn]{})
	conn := new(Conn)
	texts.Alloc(conn, []byte("mine"), 4)
	fmt.Printf("%s %v\n", texts.Take(conn), texts.Has(conn))
	// Output: mine false
}

func ExampleBytes_All() {
	texts := newTexts(shadow.BytesOptions[Conn]{})
	conn := &Conn{"ann"}
	texts.Alloc(conn, []byte("hello"), 5)
	for c, data := range texts.All() {
		fmt.Printf("%s %s\n", c.Host, data)
	}
	runtime.KeepAlive(conn)
	// Output: ann hello
}

func ExampleBytes_Len() {
	texts := newTexts(shadow.BytesOptions[Conn]{Lifetime: shadow.Pinned})
	texts.Alloc(new(Conn), nil, 3)
	fmt.Println(texts.Len())
	// Output: 1
}

func ExampleBytes_ID() {
	fmt.Println(newTexts(shadow.BytesOptions[Conn]{}).ID() == shadow.NameID("example/texts"))
	// Output: true
}

func ExampleBytes_Name() {
	fmt.Println(newTexts(shadow.BytesOptions[Conn]{Name: "texts"}).Name())
	// Output: texts
}

func ExampleBytes_Close() {
	texts := newTexts(shadow.BytesOptions[Conn]{Lifetime: shadow.Pinned})
	texts.Alloc(new(Conn), nil, 3)
	fmt.Println(texts.Close(), texts.Close())
	// Output: 1 0
}
