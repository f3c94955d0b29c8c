package httpload

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// Load is what a client does.
type Load struct {
	Address     string
	Requests    int           // in all
	Connections int           // open at the same time, one goroutine each
	PerConn     int           // requests on a connection before it is closed and another one opened
	Limit       time.Duration // the client ends by then, whatever is left to do
}

// done is what it has done.
type done struct {
	Requests    int64
	Connections int64
	Took        time.Duration // from the first request to the last answer
}

// clientVariable, if it is set in the environment, makes a process a client: see [ClientMain].
const clientVariable = "SHADOW_BENCH_HTTP_CLIENT"

// ClientMain is the whole life of the second process. A program that calls [Run] calls it first: it does nothing unless
// the program was started as a client, and then it does not return.
func ClientMain() {
	text := os.Getenv(clientVariable)
	if text == "" {
		return
	}
	var load Load
	err := json.Unmarshal([]byte(text), &load)
	if err == nil {
		var d done
		if d, err = load.run(); err == nil {
			err = json.NewEncoder(os.Stdout).Encode(d)
		}
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "client:", err)
		os.Exit(1)
	}
	os.Exit(0)
}

// start runs the load in a process of its own, which is this program once more, and waits for its end.
func (l Load) start() (d done, err error) {
	program, err := os.Executable()
	if err != nil {
		return d, err
	}
	text, err := json.Marshal(l)
	if err != nil {
		return d, err
	}
	// The client ends by itself; should it not, it is killed.
	ctx, cancel := context.WithTimeout(context.Background(), l.Limit+5*time.Second)
	defer cancel()
	client := exec.CommandContext(ctx, program)
	client.Env = append(os.Environ(), clientVariable+"="+string(text))
	var said, complaint strings.Builder
	client.Stdout, client.Stderr = &said, &complaint
	if err := client.Run(); err != nil {
		return d, fmt.Errorf("the client's process: %w: %s", err, complaint.String())
	}
	return d, json.Unmarshal([]byte(said.String()), &d)
}

// run is the load itself, in the client's process. It speaks to loopback only.
func (l Load) run() (d done, err error) {
	host, _, err := net.SplitHostPort(l.Address)
	if err != nil {
		return d, err
	}
	if ip := net.ParseIP(host); ip == nil || !ip.IsLoopback() {
		return d, fmt.Errorf("%s is not a loopback address", l.Address)
	}
	ctx, cancel := context.WithTimeout(context.Background(), l.Limit)
	defer cancel()
	var todo, requests, connections atomic.Int64
	todo.Store(int64(l.Requests))
	errs := make([]error, l.Connections)
	var workers sync.WaitGroup
	begin := time.Now()
	for worker := range l.Connections {
		workers.Go(func() {
			for todo.Load() > 0 && errs[worker] == nil {
				errs[worker] = l.connection(ctx, &todo, &requests, &connections)
			}
		})
	}
	workers.Wait()
	return done{requests.Load(), connections.Load(), time.Since(begin)}, errors.Join(errs...)
}

// connection opens a connection, uses it, and closes it; none if others have taken the last requests meanwhile. Each answer has to be the number of the
// request on this connection.
func (l Load) connection(ctx context.Context, todo, requests, connections *atomic.Int64) error {
	transport := &http.Transport{MaxConnsPerHost: 1, MaxIdleConnsPerHost: 1, DisableCompression: true}
	defer transport.CloseIdleConnections()
	for n := 1; n <= l.PerConn && todo.Add(-1) >= 0; n++ {
		if n == 1 {
			connections.Add(1)
		}
		request, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+l.Address+"/", nil)
		if err != nil {
			return err
		}
		answer, err := transport.RoundTrip(request)
		if err != nil {
			return err
		}
		body, err := io.ReadAll(answer.Body)
		answer.Body.Close()
		if err != nil {
			return err
		}
		if string(body) != strconv.Itoa(n) {
			return fmt.Errorf("request %d of a connection was answered by %q", n, body)
		}
		requests.Add(1)
	}
	return nil
}
