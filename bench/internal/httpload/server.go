package httpload

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"strconv"
	"sync/atomic"
	"time"
)

// server is the one under load.
type server struct {
	keeper   keeper
	owners   uint64
	requests atomic.Int64
	accepted atomic.Int64 // connections
	closed   atomic.Int64
	wrong    atomic.Int64 // states that were another owner's
	timed    atomic.Int64 // requests whose state operations were timed
	took     atomic.Int64 // ns of all of those
	http     *http.Server
	address  string
}

type connKey struct{}

// sampleEvery is how many requests there are to one whose state operations are timed.
const sampleEvery = 8

// serve starts a server on a free port of the loopback interface.
func serve(k keeper, owners uint64) (*server, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	s := &server{keeper: k, owners: owners, address: listener.Addr().String()}
	s.http = &http.Server{
		Handler:           http.HandlerFunc(s.handle),
		ReadHeaderTimeout: 10 * time.Second,
		ConnContext: func(ctx context.Context, c net.Conn) context.Context {
			s.accepted.Add(1)
			// A handler learns its connection in no other way. The contestants pay for it alike.
			return k.accepted(context.WithValue(ctx, connKey{}, c), c)
		},
		ConnState: func(c net.Conn, to http.ConnState) {
			if to == http.StateClosed {
				k.closed(c)
				s.closed.Add(1)
			}
		},
	}
	go s.http.Serve(listener) // it ends with ErrServerClosed, which stop brings about
	return s, nil
}

// handle asks for every owner's state, counts in it, and answers the number of requests that the connection has brought: the
// client knows what it has to be.
func (s *server) handle(w http.ResponseWriter, r *http.Request) {
	conn := r.Context().Value(connKey{}).(net.Conn)
	var count int64
	if s.requests.Add(1)%sampleEvery == 0 {
		begin := time.Now()
		count = s.work(r, conn)
		s.took.Add(int64(time.Since(begin)))
		s.timed.Add(1)
	} else {
		count = s.work(r, conn)
	}
	w.Header().Set("Content-Type", "text/plain")
	w.Write(strconv.AppendInt(nil, count, 10)) // a client that has gone does not read it
}

func (s *server) work(r *http.Request, conn net.Conn) (count int64) {
	for owner := range s.owners {
		state := s.keeper.of(r, conn, owner)
		if state.owner != owner {
			s.wrong.Add(1)
		}
		count = state.requests.Add(1)
	}
	return count
}

// stop closes the server and waits until it is done with every connection.
func (s *server) stop() error {
	err := s.http.Close()
	for deadline := time.Now().Add(5 * time.Second); s.closed.Load() < s.accepted.Load(); {
		if time.Now().After(deadline) {
			return fmt.Errorf("%d of %d connections were closed", s.closed.Load(), s.accepted.Load())
		}
		time.Sleep(time.Millisecond)
	}
	return err
}
