package main

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"sync"
	"sync/atomic"
	"weak"

	"github.com/shadowvars/shadow"
	"github.com/shadowvars/shadow/shadowdebug"
	"github.com/shadowvars/shadow/shadowpprof"
)

// chat is a server whose parts attach what they need to connections, which belong to net/http: many classes, one of which leaks.
type chat struct {
	space    *shadow.Space
	sessions *shadow.Var[net.TCPConn, session]
	requests *shadow.Var[net.TCPConn, atomic.Int64]
	leaky    bool
}

// session is what the chat knows of a connection.
type session struct {
	mu      sync.Mutex
	history [4096]byte
	said    int
	room    *room
}

// room is where people hear each other. A new connection has one of its own until it enters another's.
type room struct{ members []member }

// member is somebody in a room.
type member struct {
	conn *net.TCPConn // the leak: session, room, members, conn, and attached to conn the session
	weak weak.Pointer[net.TCPConn]
}

func newChat(leaky bool) *chat {
	s := shadow.NewSpace(&shadow.SpaceOptions{Name: "chat"})
	c := &chat{
		space:    s,
		sessions: shadow.MustNew(shadow.NameID("chat/sessions"), &shadow.Options[net.TCPConn, session]{Space: s, Name: "chat sessions", Profile: 1}),
		requests: shadow.MustNew(shadow.NameID("chat/requests"), &shadow.Options[net.TCPConn, atomic.Int64]{Space: s, Name: "request counters", Profile: 1}),
		leaky:    leaky,
	}
	for i := range 48 {
		name := fmt.Sprintf("feature %d", i)
		shadow.MustNew(shadow.NameID(name), &shadow.Options[http.Request, int]{Space: s, Name: name})
	}
	return c
}

// count counts the requests of a connection.
func (c *chat) count(conn *net.TCPConn) {
	if n, _, err := c.requests.GetOrAlloc(conn, nil); err == nil {
		n.Add(1)
	}
}

// join gives a connection its session.
func (c *chat) join(conn *net.TCPConn) (*session, error) {
	s, _, err := c.sessions.GetOrAllocFunc(conn, func(s *session) error { // here it is attached
		m := member{weak: weak.Make(conn)}
		if c.leaky {
			m = member{conn: conn}
		}
		s.room = &room{members: []member{m}}
		return nil
	})
	return s, err
}

type connKey struct{}

// say is the handler: it keeps the end of what was said.
func (c *chat) say(w http.ResponseWriter, r *http.Request) {
	conn := r.Context().Value(connKey{}).(*net.TCPConn)
	c.count(conn)
	s, err := c.join(conn)
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.said += copy(s.history[s.said%len(s.history):], r.FormValue("text"))
	fmt.Fprintln(w, s.said)
}

// serve runs the server on loopback until stop is called.
func (c *chat) serve() (address string, stop func(), err error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", nil, err
	}
	mux := http.NewServeMux()
	mux.HandleFunc("/say", c.say)
	// For those who run the server: they, and nobody else, should reach it.
	mux.Handle("/debug/shadow/", shadowdebug.Handler(c.space))
	mux.HandleFunc("/debug/shadow/profile", func(w http.ResponseWriter, _ *http.Request) { shadowpprof.Write(w, c.space) })
	s := &http.Server{
		Handler: mux,
		ConnContext: func(ctx context.Context, conn net.Conn) context.Context {
			return context.WithValue(ctx, connKey{}, conn)
		},
	}
	done := make(chan error)
	go func() { done <- s.Serve(l) }()
	return l.Addr().String(), func() { s.Close(); <-done }, nil
}
