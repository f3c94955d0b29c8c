package shadow_test

import (
	"net/http"
	"time"

	"github.com/shadowvars/shadow"
)

// What the package's comment quotes.
var _ = func(req *http.Request, now time.Time) {
	type Note struct {
		Started time.Time
		Hits    int
	}

	var notes = shadow.MustNew[http.Request, Note](shadow.NameID("example.com/notes"), nil)

	notes.Alloc(req, &Note{Started: now}) // attach a copy
	notes.Get(req).Hits++                 // find it again, wherever req has gone
	notes.Free(req)                       // or do nothing: it goes when req is collected
}
