package shadowpprof_test

import (
	"net"
	"net/http"

	"github.com/shadowvars/shadow"
	"github.com/shadowvars/shadow/shadowpprof"
)

// What the package's comment quotes.
var _ = func(id shadow.ID, mux *http.ServeMux) any {
	type Session struct{}

	var sessions = shadow.MustNew(id, &shadow.Options[net.TCPConn, Session]{Name: "sessions", Profile: 1000})

	mux.HandleFunc("/debug/shadow/profile", func(w http.ResponseWriter, r *http.Request) { shadowpprof.Write(w) })

	return sessions
}
