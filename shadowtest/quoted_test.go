package shadowtest_test

import (
	"testing"

	"github.com/shadowvars/shadow"
	"github.com/shadowvars/shadow/shadowtest"
)

type (
	Conn    struct{ port int }
	Session struct{ requests int }
)

var (
	sessions = shadow.MustNew[Conn, Session](shadow.NameID("example.com/sessions"), nil)
	counters = shadow.MustNew[Conn, int](shadow.NameID("example.com/counters"), nil)
)

func dial() *Conn { return &Conn{80} }

func startSession(c *Conn) {
	sessions.Alloc(c, &Session{c.port})
	counters.Alloc(c, nil)
}

func TestSessionsEnd(t *testing.T) {
	// Ensure that a session ends with its connection.
	shadowtest.NoLeaks(t, shadow.Default())
	shadowtest.KeptAlive(t, func() *Conn {
		c := dial()
		startSession(c)
		return c
	}, sessions, counters)
}
