// Package httpload measures state that handlers of a net/http server keep for each connection, while a real client in a process of its own
// opens connections on loopback, uses each for some requests and closes it.
//
// The state belongs to several pieces of middleware that know nothing of each other, as in a real server: a rate limiter, a
// session, an audit log, a tracer. Each asks for its own state of the request's connection at every request, makes it at the first, and counts in it. The ways to
// keep it differ in where it is and in who ends it; everything else is the same.
package httpload

import (
	"context"
	"net"
	"net/http"
	"sync"
	"sync/atomic"

	xsync4 "github.com/puzpuzpuz/xsync/v4"

	"github.com/shadowvars/shadow"
)

// state is what a piece of middleware keeps of a connection.
type state struct {
	requests atomic.Int64
	owner    uint64
}

// keeper is one way to keep it.
type keeper interface {
	of(r *http.Request, conn net.Conn, owner uint64) *state // the owner's state of the request's connection, made if need be
	accepted(ctx context.Context, c net.Conn) context.Context
	closed(c net.Conn) // the server is done with the connection
	left() int         // states that are kept
	close()
}

// contestant names a keeper.
type contestant struct {
	name string
	long string
	new  func(owners uint64) keeper
}

// base is the contestant that the others are compared with.
const base = "shadow-collected"

func contestants() []contestant {
	return []contestant{
		{base, "shadow Collected", func(owners uint64) keeper { return newAttached(owners, shadow.Collected) }},
		{"shadow-manual", "shadow Manual", func(owners uint64) keeper { return newAttached(owners, shadow.Manual) }},
		{"context", "context of the connection", func(owners uint64) keeper { return &inContext{owners: owners} }},
		{"xsync4", "xsync v4 {conn,id}", func(owners uint64) keeper {
			return &inXsync{unaware: unaware{owners}, m: xsync4.NewMap[pair, *state]()}
		}},
		{"syncmap", "sync.Map {conn,id}", func(owners uint64) keeper { return &inSyncMap{unaware: unaware{owners}} }},
		{"mutex", "map + Mutex {conn,id}", func(owners uint64) keeper { return &inMutexMap{unaware: unaware{owners}, m: map[pair]*state{}} }},
	}
}

// attached attaches the state to the connection. Collected state goes with its connection; nobody tells the library that it is closed.
type attached struct {
	space    *shadow.Space
	states   []*shadow.Any[state] // by owner
	lifetime shadow.Lifetime
}

func newAttached(owners uint64, lifetime shadow.Lifetime) keeper {
	a := &attached{space: shadow.NewSpace(nil), lifetime: lifetime}
	for owner := range owners {
		a.states = append(a.states, shadow.MustNewAny(shadow.ID(owner), &shadow.AnyOptions[state]{Space: a.space, Lifetime: lifetime}))
	}
	return a
}

func (a *attached) of(_ *http.Request, conn net.Conn, owner uint64) *state {
	if s := a.states[owner].Get(conn); s != nil {
		return s
	}
	s, _, err := a.states[owner].GetOrAlloc(conn, &state{owner: owner})
	if err != nil {
		panic(err) // net/http's connections are ordinary objects
	}
	return s
}

func (a *attached) accepted(ctx context.Context, _ net.Conn) context.Context { return ctx }

func (a *attached) closed(c net.Conn) {
	if a.lifetime == shadow.Manual {
		a.space.FreeObject(c)
	}
}

func (a *attached) left() (n int) {
	for _, states := range a.states {
		n += states.Len()
	}
	return n
}

func (a *attached) close() { a.space.Close() }

// inContext puts each owner's state into the connection's context when the connection is accepted, whether or not it will be asked
// for: that is the moment at which net/http lets one do so, and one place has to know all owners.
type inContext struct {
	owners uint64
	living atomic.Int64
}

type ownerKey uint64

func (i *inContext) of(r *http.Request, _ net.Conn, owner uint64) *state {
	return r.Context().Value(ownerKey(owner)).(*state)
}

func (i *inContext) accepted(ctx context.Context, _ net.Conn) context.Context {
	for owner := range i.owners {
		ctx = context.WithValue(ctx, ownerKey(owner), &state{owner: owner})
	}
	i.living.Add(int64(i.owners))
	return ctx
}

func (i *inContext) closed(net.Conn) { i.living.Add(-int64(i.owners)) }
func (i *inContext) left() int       { return int(i.living.Load()) }
func (i *inContext) close()          {}

// pair is the key of the maps. It keeps the connection alive until the entry is deleted. An interface value is hashed by its dynamic
// value, here a pointer.
type pair struct {
	conn  net.Conn
	owner uint64
}

// unaware is what all maps have in common: the context is not theirs, and an end of a connection is one deletion for each owner.
type unaware struct{ owners uint64 }

func (unaware) accepted(ctx context.Context, _ net.Conn) context.Context { return ctx }
func (unaware) close()                                                   {}

type inXsync struct {
	unaware
	m *xsync4.Map[pair, *state]
}

func (i *inXsync) of(_ *http.Request, conn net.Conn, owner uint64) *state {
	s, _ := i.m.LoadOrCompute(pair{conn, owner}, func() (*state, bool) { return &state{owner: owner}, false })
	return s
}

func (i *inXsync) closed(c net.Conn) {
	for owner := range i.owners {
		i.m.Delete(pair{c, owner})
	}
}

func (i *inXsync) left() int { return i.m.Size() }

type inSyncMap struct {
	unaware
	m sync.Map
}

func (i *inSyncMap) of(_ *http.Request, conn net.Conn, owner uint64) *state {
	key := pair{conn, owner}
	if s, ok := i.m.Load(key); ok {
		return s.(*state)
	}
	s, _ := i.m.LoadOrStore(key, &state{owner: owner})
	return s.(*state)
}

func (i *inSyncMap) closed(c net.Conn) {
	for owner := range i.owners {
		i.m.Delete(pair{c, owner})
	}
}

func (i *inSyncMap) left() (n int) {
	i.m.Range(func(any, any) bool { n++; return true })
	return n
}

type inMutexMap struct {
	unaware
	mu sync.Mutex
	m  map[pair]*state
}

func (i *inMutexMap) of(_ *http.Request, conn net.Conn, owner uint64) *state {
	i.mu.Lock()
	defer i.mu.Unlock()
	s := i.m[pair{conn, owner}]
	if s == nil {
		s = &state{owner: owner}
		i.m[pair{conn, owner}] = s
	}
	return s
}

func (i *inMutexMap) closed(c net.Conn) {
	i.mu.Lock()
	defer i.mu.Unlock()
	for owner := range i.owners {
		delete(i.m, pair{c, owner})
	}
}

func (i *inMutexMap) left() int {
	i.mu.Lock()
	defer i.mu.Unlock()
	return len(i.m)
}
