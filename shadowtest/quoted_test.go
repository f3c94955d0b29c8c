package shadowtest_test

import (
	"testing"

	"github.com/shadowvars/shadow"
	"github.com/shadowvars/shadow/shadowtest"
)

type (
	Conn    struct{ host string } // a connection smaller than 16 bytes and without pointers could share its memory with another object
	Session struct{ requests int }
)

var (
	sessions = shadow.MustNew[Conn, Session](shadow.NameID("example.com/sessions"), nil)
	counters = shadow.MustNew[Conn, int](shadow.NameID("example.com/counters"), nil)
)

func dial() *Conn { return &Conn{"localhost"} }

func startSession(c *Conn) {
	sessions.Alloc(c, &Session{len(c.host)})
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
