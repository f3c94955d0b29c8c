package shadowdebug_test

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/shadowvars/shadow"
)

type conn struct {
	n int
	_ [5]uint64
}

type note struct{ n, m uint64 }

// ask answers a request to a handler, by GET.
func ask(t testing.TB, h http.Handler, parameters ...string) *http.Response {
	t.Helper()
	q := url.Values{}
	for i := 0; i < len(parameters); i += 2 {
		q.Set(parameters[i], parameters[i+1])
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/debug/shadow/?"+q.Encode(), nil))
	return w.Result()
}

// get is the body of an answer that has to be good.
func get(t testing.TB, h http.Handler, parameters ...string) string {
	t.Helper()
	r := ask(t, h, parameters...)
	body := bodyOf(t, r)
	if r.StatusCode != http.StatusOK {
		t.Fatalf("%q: %s\n%s", parameters, r.Status, body)
	}
	return body
}

func bodyOf(t testing.TB, r *http.Response) string {
	t.Helper()
	body, err := io.ReadAll(r.Body)
	if err != nil {
		t.Fatal(err)
	}
	return string(body)
}

// overview is what the JSON of the first page has, as far as tests look at it.
type overview struct {
	Look   string
	Spaces []struct {
		shadow.Stats
		Change *change
		Rows   []row
	}
}

// change is what has changed since a former look.
type change struct {
	New                         bool
	Live, Attached, Ended, Held int64
}

type row struct {
	shadow.ClassStats
	Lifetime string
	Key      string
	Ended    int64
	Change   *change
}

// read decodes the JSON of a page.
func read[T any](t testing.TB, h http.Handler, parameters ...string) (v T) {
	t.Helper()
	d := json.NewDecoder(strings.NewReader(get(t, h, append(parameters, "format", "json")...)))
	if err := d.Decode(&v); err != nil {
		t.Fatal(err)
	}
	return v
}

func newSpace(t testing.TB, name string) *shadow.Space {
	s := shadow.NewSpace(&shadow.SpaceOptions{Name: name})
	t.Cleanup(func() { s.Close() })
	return s
}

func must[T any](t testing.TB) func(p T, err error) T {
	return func(p T, err error) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return p
	}
}
