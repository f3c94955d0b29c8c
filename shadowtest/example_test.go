package shadowtest_test

import (
	"fmt"
	"testing"

	"github.com/shadowvars/shadow"
	"github.com/shadowvars/shadow/shadowtest"
)

// printer stands for the *testing.T of a test.
type printer struct{ testing.TB }

func (printer) Helper()                           {}
func (printer) Errorf(format string, args ...any) { fmt.Printf(format+"\n", args...) }

func ExampleKeptAlive() {
	type Conn struct{ peer string }
	type Session struct{ onClose []*Conn }
	sessions := shadow.MustNew(shadow.NameID("example.Session"), &shadow.Options[Conn, *Session]{Name: "sessions"})
	defer sessions.Close()

	var t printer
	shadowtest.KeptAlive(t, func() *Conn {
		c := new(Conn)
		s := &Session{onClose: []*Conn{c}} // leads back to the parent, over another object
		if _, err := sessions.Alloc(c, &s); err != nil {
			fmt.Println(err)
		}
		return c
	}, sessions)
	// Output:
	// shadowtest: class "sessions" id 0xb651b4abee830f4c keeps its parent alive: *shadowtest_test.Session.onClose[0]
}

// Cleanup runs what a test would run at its end.
func (printer) Cleanup(f func()) { atEnd = f }

var atEnd func()

func ExampleNoLeaks() {
	type Conn struct{ peer string }
	space := shadow.NewSpace(nil)
	open := shadow.MustNew(1, &shadow.Options[Conn, int]{Space: space, Name: "open", Lifetime: shadow.Pinned})
	closed := shadow.MustNew(2, &shadow.Options[Conn, int]{Space: space, Name: "closed"})

	var t printer
	shadowtest.NoLeaks(t, space) // first in the test
	for range 3 {
		c := new(Conn)
		open.Alloc(c, nil)
		closed.Alloc(c, nil)
	}
	first := new(Conn)
	open.Alloc(first, nil)
	open.Free(first)
	atEnd()
	// Output:
	// shadowtest: class "closed" id 0x2, Var[shadowtest_test.Conn, int], Collected: 3 variables were left by this test
	// shadowtest: class "open" id 0x1, Var[shadowtest_test.Conn, int], Pinned: 3 variables were left by this test
}

func ExampleHandle() {
	type Conn struct{ peer string }
	space := shadow.NewSpace(nil)
	for _, h := range []shadowtest.Handle{
		shadow.MustNew(1, &shadow.Options[Conn, int]{Space: space, Name: "hits"}),
		shadow.MustNewAny(2, &shadow.AnyOptions[int]{Space: space, Name: "tags"}),
		shadow.MustNewBytes(3, &shadow.BytesOptions[Conn]{Space: space, Name: "pages"}),
	} {
		fmt.Println(h.ID(), h.Name(), h.Len())
	}
	// Output:
	// 1 hits 0
	// 2 tags 0
	// 3 pages 0
}

func ExampleCollect() {
	type Conn struct{ peer string } // small objects without pointers share a block, and die with it
	space := shadow.NewSpace(nil)
	closed := shadow.MustNew(1, &shadow.Options[Conn, int]{Space: space})
	for range 100 {
		if _, err := closed.Alloc(new(Conn), nil); err != nil {
			fmt.Println(err)
		}
	}

	var t printer
	shadowtest.Collect(t, space)
	fmt.Println(closed.Len(), "left,", space.Stats().Collected, "collected")
	// Output: 0 left, 100 collected
}
