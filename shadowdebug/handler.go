package shadowdebug

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
	"time"

	"github.com/shadowvars/shadow"
)

// Handler serves the pages of some spaces, of [shadow.Default] if none is given. It keeps no state between requests and may be used
// concurrently, and under any path. The package's documentation says what it serves, and whom to let in.
//
// It answers 405 to methods other than GET and HEAD, 400 to parameters that make no sense, 404 to a class that is not open, each with a
// reason in the form that was asked for.
func Handler(spaces ...*shadow.Space) http.Handler {
	if len(spaces) == 0 {
		spaces = []*shadow.Space{shadow.Default()}
	}
	return &handler{spaces: append([]*shadow.Space(nil), spaces...)}
}

type handler struct {
	spaces []*shadow.Space
}

// view is something that has the three forms.
type view interface {
	text(w *bytes.Buffer)
	page() string // the template that shows it
}

// problem is a request that cannot be answered.
type problem struct {
	Status int    `json:"status"`
	Reason string `json:"reason"`
}

func (p *problem) Error() string        { return p.Reason }
func (p *problem) page() string         { return "problem" }
func (p *problem) text(w *bytes.Buffer) { fmt.Fprintln(w, p.Reason) }

func wrong(status int, format string, args ...any) *problem {
	return &problem{status, fmt.Sprintf(format, args...)}
}

func (h *handler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	header := w.Header()
	header.Set("X-Content-Type-Options", "nosniff")
	header.Set("Content-Security-Policy", policy)
	header.Set("Cache-Control", "no-store")
	header.Set("Referrer-Policy", "no-referrer")
	header.Set("Cross-Origin-Resource-Policy", "same-origin")
	q, bad := parse(r.URL.Query())
	var v view
	switch {
	case r.Method != http.MethodGet && r.Method != http.MethodHead:
		header.Set("Allow", "GET, HEAD")
		bad = wrong(http.StatusMethodNotAllowed, "This page can only be read.")
	case bad == nil:
		v, bad = h.look(q)
	}
	status := http.StatusOK
	if bad != nil {
		v, status = bad, bad.Status
	}
	// Everything is written here first: a slow reader holds up nothing, and an answer is whole or an error.
	var body bytes.Buffer
	kind, err := render(&body, q, v)
	if err != nil {
		body.Reset()
		kind, status = "text/plain; charset=utf-8", http.StatusInternalServerError
		fmt.Fprintln(&body, err)
	}
	header.Set("Content-Type", kind)
	header.Set("Content-Length", strconv.Itoa(body.Len()))
	w.WriteHeader(status)
	if r.Method != http.MethodHead {
		w.Write(body.Bytes()) // a reader who has gone is no error of ours
	}
}

// look answers a request.
func (h *handler) look(q *query) (view, *problem) {
	switch {
	case q.space >= len(h.spaces):
		return nil, wrong(http.StatusNotFound, "There is no space %d.", q.space)
	case q.hasAddr:
		return h.object(q), nil
	case q.hasClass:
		return h.class(q)
	}
	return h.overview(q), nil
}

// render writes a view in the form that was asked for and returns its content type.
func render(w *bytes.Buffer, q *query, v view) (kind string, err error) {
	switch q.format {
	case "json":
		e := json.NewEncoder(w)
		e.SetIndent("", "  ")
		return "application/json", e.Encode(v)
	case "text":
		v.text(w)
		return "text/plain; charset=utf-8", nil
	}
	return "text/html; charset=utf-8", pages.ExecuteTemplate(w, v.page(), frame{q, v})
}

// frame is what a template gets: the request and the view.
type frame struct {
	Query *query
	View  view
}

// now is when a look was taken, to the millisecond, which is what a former look is remembered by.
func now() time.Time { return time.Now().Truncate(time.Millisecond) }
