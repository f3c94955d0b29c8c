package main

import (
	"fmt"

	"github.com/shadowvars/shadow"
)

// Request is what everybody in the program attaches to. Its type is not theirs.
type Request struct {
	Number int
	Path   string
	_      [4]uint64
}

// What the components attach.
type (
	Counters struct{ Reads, Writes uint64 }
	Tag      struct {
		Tenant uint32
		Region [12]byte
	}
	Trace struct{ Spans [48]uint64 }
	Plan  struct {
		Steps []string
		Next  *Plan
	}
)

// attachable is a class as the program uses it, its data type forgotten.
type attachable interface {
	attach(r *Request)
	has(r *Request) bool
	free(r *Request)
}

type variables[T any] struct{ *shadow.Var[Request, T] }

func (v variables[T]) attach(r *Request)   { v.GetOrAlloc(r, nil) }
func (v variables[T]) has(r *Request) bool { return v.Has(r) }
func (v variables[T]) free(r *Request)     { v.Free(r) }

type buffers struct{ *shadow.Bytes[Request] }

func (b buffers) attach(r *Request)   { b.GetOrAlloc(r, nil, 16+r.Number%200) }
func (b buffers) has(r *Request) bool { return b.Has(r) }
func (b buffers) free(r *Request)     { b.Free(r) }

// The components, and what each attaches.
var (
	components = []string{"http", "auth", "session", "cache", "search", "mail", "billing", "queue", "render", "audit"}
	things     = []string{"counters", "tag", "trace", "plan", "buffer"}
)

// culprit is the class that holds the memory.
const culprit = "search/trace"

// server is the program: its classes, and the requests that are under way.
type server struct {
	space   *shadow.Space
	classes []attachable
	leaking attachable
	current []*Request
}

func newServer(space *shadow.Space, standing int) *server {
	s := &server{space: space, current: make([]*Request, standing)}
	for _, component := range components {
		for _, thing := range things {
			c := open(space, component+"/"+thing, thing)
			if component+"/"+thing == culprit {
				s.leaking = c
			}
			s.classes = append(s.classes, c)
		}
	}
	return s
}

// open opens the class of a name, with the data that the thing is.
func open(space *shadow.Space, name, thing string) attachable {
	lifetime := shadow.Collected
	if name == culprit {
		lifetime = shadow.Pinned // "to be on the safe side"
	}
	switch thing {
	case "counters":
		return variables[Counters]{openVar(space, name, lifetime, func(c *Counters) string { return fmt.Sprintf("%+v", *c) })}
	case "tag":
		return variables[Tag]{openVar[Tag](space, name, lifetime, nil)}
	case "trace":
		return variables[Trace]{openVar[Trace](space, name, lifetime, nil)}
	case "plan":
		return variables[Plan]{openVar[Plan](space, name, lifetime, nil)}
	}
	return buffers{shadow.MustNewBytes(shadow.NameID(name), &shadow.BytesOptions[Request]{Space: space, Name: name, Lifetime: lifetime})}
}

func openVar[T any](space *shadow.Space, name string, l shadow.Lifetime, format func(*T) string) *shadow.Var[Request, T] {
	return shadow.MustNew(shadow.NameID(name), &shadow.Options[Request, T]{Space: space, Name: name, Lifetime: l, Format: format})
}

// serve lets request n take the place of an earlier one, which ends. Of what is attached to that, a part is freed and the rest goes with it; but the
// traces of the search, of every fourth request, are forgotten by everybody.
func (s *server) serve(n int) {
	slot := n % len(s.current)
	if old := s.current[slot]; old != nil {
		for i := range 3 {
			s.class(old.Number, i).free(old)
		}
	}
	r := &Request{Number: n, Path: fmt.Sprintf("/page/%d", n)}
	s.current[slot] = r
	for i := range 6 {
		s.class(n, i).attach(r)
	}
	if n%4 == 0 {
		s.leaking.attach(r)
	}
}

// class is the i-th class that deals with request n. All are as frequent, and the one that leaks is left to serve.
func (s *server) class(n, i int) attachable {
	c := s.classes[(n*7+i*11)%len(s.classes)]
	if c == s.leaking {
		return s.classes[0]
	}
	return c
}
