// Httpstate keeps state per connection of a net/http server: how many requests each connection has brought. It does so in three ways:
// attached to the connection, in the connection's context, and in a map with a lock.
//
// The handlers, the server and net.Conn are the same in all three. The context has to be given the state when the connection is
// accepted, by the server's one ConnContext, whether or not any handler will ask for it. The map has to be told when a connection ends, by the
// server's one ConnState, and never hears of the end of one that was hijacked. Attached data asks for neither: any package can
// attach its own at the first request, and it goes when the connection does.
package main

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"runtime"
	"sync"
	"sync/atomic"

	"github.com/shadowvars/shadow"
)

// state is what is kept per connection.
type state struct{ requests atomic.Int64 }

// keeper is one way to keep it.
type keeper interface {
	of(r *http.Request) *state // the state of the request's connection
	configure(s *http.Server)
	left() int // how many states are kept
}

type connKey struct{}

// connOf is the request's connection, which withConn has put there: the one thing that net/http does not tell its handlers.
func connOf(r *http.Request) net.Conn { return r.Context().Value(connKey{}).(net.Conn) }

func withConn(ctx context.Context, c net.Conn) context.Context {
	return context.WithValue(ctx, connKey{}, c)
}

// attached keeps the state attached to the connection. A net.Conn is an interface, so it is an Any.
type attached struct{ states *shadow.Any[state] }

func newAttached() attached {
	return attached{shadow.MustNewAny(shadow.NameID("example/httpstate"), &shadow.AnyOptions[state]{Name: "httpstate"})}
}

func (a attached) of(r *http.Request) *state {
	s, _, err := a.states.GetOrAlloc(connOf(r), nil)
	if err != nil {
		return new(state) // the connection is nothing to attach to
	}
	return s
}

func (a attached) configure(s *http.Server) { s.ConnContext = withConn }

func (a attached) left() int { return a.states.Len() }

// inContext keeps it in the connection's context.
type inContext struct{}

type stateKey struct{}

func (inContext) of(r *http.Request) *state { return r.Context().Value(stateKey{}).(*state) }

func (inContext) configure(s *http.Server) {
	s.ConnContext = func(ctx context.Context, c net.Conn) context.Context {
		return context.WithValue(withConn(ctx, c), stateKey{}, new(state))
	}
}

func (inContext) left() int { return 0 }

// inMap keeps it in a map.
type inMap struct {
	mu     sync.Mutex
	states map[net.Conn]*state
}

func (m *inMap) of(r *http.Request) *state {
	m.mu.Lock()
	defer m.mu.Unlock()
	c := connOf(r)
	s := m.states[c]
	if s == nil {
		s = new(state)
		m.states[c] = s
	}
	return s
}

func (m *inMap) configure(s *http.Server) {
	s.ConnContext = withConn
	s.ConnState = func(c net.Conn, to http.ConnState) {
		if to == http.StateClosed {
			m.mu.Lock()
			defer m.mu.Unlock()
			delete(m.states, c)
		}
	}
}

func (m *inMap) left() int {
	m.mu.Lock()
	defer m.mu.Unlock()
	return len(m.states)
}

// serve runs a server on loopback until the returned function is called.
func serve(k keeper) (address string, stop func(), err error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", nil, err
	}
	mux := http.NewServeMux()
	mux.HandleFunc("/count", func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprint(w, k.of(r).requests.Add(1))
	})
	mux.HandleFunc("/hijack", func(w http.ResponseWriter, r *http.Request) {
		k.of(r)
		c, buffered, err := w.(http.Hijacker).Hijack()
		if err != nil {
			return
		}
		fmt.Fprintf(buffered, "HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\n1")
		buffered.Flush()
		c.Close()
	})
	s := &http.Server{Handler: mux}
	k.configure(s)
	done := make(chan error)
	go func() { done <- s.Serve(l) }()
	return l.Addr().String(), func() { s.Close(); <-done }, nil
}

// visit makes one connection and sends requests on it, and checks what they are answered: 1, 2, 3, ...
func visit(address, path string, requests int) error {
	c, err := net.Dial("tcp", address)
	if err != nil {
		return err
	}
	defer c.Close()
	in := bufio.NewReader(c)
	for i := range requests {
		if _, err := fmt.Fprintf(c, "GET %s HTTP/1.1\r\nHost: x\r\n\r\n", path); err != nil {
			return err
		}
		answer, err := http.ReadResponse(in, nil)
		if err != nil {
			return err
		}
		body, err := io.ReadAll(answer.Body)
		answer.Body.Close()
		if want := fmt.Sprint(i + 1); err != nil || string(body) != want {
			return fmt.Errorf("request %d was answered %q, %v", i+1, body, err)
		}
	}
	return nil
}

// visits makes many connections, a few at a time.
func visits(address, path string, connections, requests int) error {
	errs := make(chan error, connections)
	places := make(chan struct{}, 32)
	for range connections {
		places <- struct{}{}
		go func() {
			errs <- visit(address, path, requests)
			<-places
		}()
	}
	for range connections {
		if err := <-errs; err != nil {
			return err
		}
	}
	return nil
}

// demo visits a server of each sort and says what is left when all connections are gone.
func demo(w io.Writer, connections int) error {
	for _, way := range []struct {
		name string
		keeper
	}{
		{"attached", newAttached()},
		{"context", inContext{}},
		{"map", &inMap{states: make(map[net.Conn]*state)}},
	} {
		address, stop, err := serve(way)
		if err != nil {
			return err
		}
		if err := visits(address, "/count", connections, 3); err != nil {
			return err
		}
		if err := visits(address, "/hijack", connections/10, 1); err != nil {
			return err
		}
		stop()
		for i := 0; i < 50 && way.left() > 0; i++ {
			runtime.GC()
		}
		fmt.Fprintf(w, "%s: %d connections, %d of them hijacked, %d states left\n", way.name, connections+connections/10, connections/10, way.left())
	}
	return nil
}

func main() {
	if err := demo(os.Stdout, 3000); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
