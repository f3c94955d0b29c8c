package httpload

import (
	"io"
	"net"
	"net/http"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/shadowvars/shadow/bench/internal/report"
)

func TestMain(m *testing.M) {
	ClientMain() // the test's own binary is the client
	os.Exit(m.Run())
}

func options(requests int) Options {
	return Options{
		Load:     Load{Requests: requests, Connections: 4, PerConn: 7, Limit: 20 * time.Second},
		Owners:   3,
		Rounds:   1,
		Progress: report.NewProgress(io.Discard),
	}
}

func TestEveryContestantServes(t *testing.T) {
	// Ensure a client in a process of its own gets the right answer to every request from every contestant, connections come and go, and
	// no state is left at the end.
	for _, c := range contestants() {
		f, err := turn(c, options(300))
		if err != nil {
			t.Error(err)
			continue
		}
		if f.requests != 300 || f.connections < 300/7 || f.left != 0 || f.rate <= 0 {
			t.Errorf("%s: %+v", c.name, f)
		}
	}
}

// amnesiac makes new state at every request, confused gives everybody the first one's, and clinging keeps what it should end.
type amnesiac struct{ keeper }

func (amnesiac) of(_ *http.Request, _ net.Conn, owner uint64) *state { return &state{owner: owner} }

type confused struct{ keeper }

func (c confused) of(r *http.Request, conn net.Conn, _ uint64) *state { return c.keeper.of(r, conn, 0) }

type clinging struct{ keeper }

func (clinging) closed(net.Conn) {}

func TestWrongStateIsAnError(t *testing.T) {
	// Ensure a contestant that loses state, or mixes it up, is an error, and one that never ends it is seen to leave it.
	xsync := contestants()[3]
	for _, c := range []contestant{
		{name: "amnesiac", new: func(owners uint64) keeper { return amnesiac{xsync.new(owners)} }},
		{name: "confused", new: func(owners uint64) keeper { return confused{xsync.new(owners)} }},
	} {
		if f, err := turn(c, options(50)); err == nil {
			t.Errorf("%s: %+v", c.name, f)
		}
	}
	k := clinging{xsync.new(3)}
	if _, err := turn(contestant{name: "clinging", new: func(uint64) keeper { return k }}, options(20)); err != nil {
		t.Fatal(err)
	}
	if k.left() == 0 {
		t.Error("nothing is left of what was never ended")
	}
}

func TestClientIsBounded(t *testing.T) {
	// Ensure a client ends by its limit though the server does not answer, and speaks to nothing but loopback.
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	load := Load{Address: listener.Addr().String(), Requests: 3, Connections: 2, PerConn: 2, Limit: time.Second}
	if d, err := load.start(); err == nil || !strings.Contains(err.Error(), "deadline") {
		t.Errorf("%+v, %v", d, err)
	}
	for _, address := range []string{"192.0.2.1:80", "example.com:80", "localhost"} {
		load.Address = address
		if d, err := load.run(); err == nil {
			t.Errorf("%s: %+v", address, d)
		}
	}
}

func TestRun(t *testing.T) {
	// Ensure a run prints a line for every contestant that was asked for.
	var out strings.Builder
	o := options(40)
	o.Only = []string{base, "context"}
	if err := Run(o, &out); err != nil {
		t.Fatal(err)
	}
	if text := out.String(); !strings.Contains(text, "shadow Collected") || !strings.Contains(text, "context of the connection") || strings.Contains(text, "xsync") {
		t.Error(text)
	}
}
