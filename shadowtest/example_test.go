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
	type Conn struct{ id, port int }
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

func ExampleCollect() {
	type Conn struct{ id, port int }
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
