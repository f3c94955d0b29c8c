package guide_test

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"sync/atomic"

	"github.com/shadowvars/shadow"
)

// Budget is what a middleware keeps for each connection.
type Budget struct{ used atomic.Int64 }

var budgets = shadow.MustNewAny(shadow.NameID("example.com/budgets"), &shadow.AnyOptions[Budget]{Name: "budgets"})

type connKey struct{}

// keepConn is for http.Server.ConnContext: handlers find their connection in the request's context.
func keepConn(ctx context.Context, c net.Conn) context.Context {
	return context.WithValue(ctx, connKey{}, c)
}

func limit(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		b, _, err := budgets.GetOrAlloc(r.Context().Value(connKey{}), nil)
		if err != nil || b.used.Add(1) > 2 {
			http.Error(w, "enough for this connection", http.StatusTooManyRequests)
			return
		}
		next.ServeHTTP(w, r)
	})
}

func Example_perConnectionState() {
	server := httptest.NewUnstartedServer(limit(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, "ok") })))
	server.Config.ConnContext = keepConn
	server.Start()
	defer server.Close()
	ask := func(client *http.Client) int {
		answer, err := client.Get(server.URL)
		if err != nil {
			fmt.Println(err)
			return 0
		}
		defer answer.Body.Close()
		io.Copy(io.Discard, answer.Body)
		return answer.StatusCode
	}
	one, two := &http.Client{Transport: new(http.Transport)}, &http.Client{Transport: new(http.Transport)}
	fmt.Println(ask(one), ask(one), ask(one), ask(two))
	// Output: 200 200 429 200
}
