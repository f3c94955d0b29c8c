package shadowdebug_test

import (
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"

	"github.com/shadowvars/shadow"
	"github.com/shadowvars/shadow/shadowdebug"
)

func TestNothingIsRegistered(t *testing.T) {
	// Ensure that importing the package, and making a handler, registers nothing with the mux that everybody shares.
	shadowdebug.Handler()
	for _, path := range []string{"/", "/debug/", "/debug/shadow", "/debug/shadow/"} {
		r := httptest.NewRequest(http.MethodGet, path, nil)
		if _, pattern := http.DefaultServeMux.Handler(r); pattern != "" {
			t.Errorf("%s is served by %q", path, pattern)
		}
	}
}

func TestMethods(t *testing.T) {
	// Ensure that only GET and HEAD are answered, HEAD without a body and otherwise as GET.
	h := shadowdebug.Handler(newSpace(t, "methods"))
	for _, method := range []string{"POST", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "BREW"} {
		w := httptest.NewRecorder()
		h.ServeHTTP(w, httptest.NewRequest(method, "/", nil))
		if w.Code != http.StatusMethodNotAllowed || w.Header().Get("Allow") != "GET, HEAD" {
			t.Errorf("%s: %d, Allow %q", method, w.Code, w.Header().Get("Allow"))
		}
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, httptest.NewRequest(http.MethodHead, "/", nil))
	if n, _ := strconv.Atoi(w.Header().Get("Content-Length")); w.Code != http.StatusOK || w.Body.Len() != 0 || n < 1000 {
		t.Errorf("HEAD: %d, %d bytes of %d", w.Code, w.Body.Len(), n)
	}
}

func TestHeaders(t *testing.T) {
	// Ensure that every answer, errors included, says what it is, is kept by nobody, may be framed by nobody, and may load nothing.
	s := newSpace(t, "headers")
	shadow.MustNew(1, &shadow.Options[conn, note]{Space: s})
	h := shadowdebug.Handler(s)
	kinds := map[string]string{"": "text/html; charset=utf-8", "html": "text/html; charset=utf-8", "text": "text/plain; charset=utf-8", "json": "application/json"}
	for format, kind := range kinds {
		for _, page := range [][]string{{}, {"class", "1"}, {"addr", "0x10"}, {"class", "2"}, {"addr", "horse"}} {
			r := ask(t, h, append(page, "format", format)...)
			if got := r.Header.Get("Content-Type"); got != kind {
				t.Errorf("%q as %q: %s", page, format, got)
			}
			for name, want := range map[string]string{
				"X-Content-Type-Options": "nosniff", "Cache-Control": "no-store", "Referrer-Policy": "no-referrer", "Cross-Origin-Resource-Policy": "same-origin",
			} {
				if got := r.Header.Get(name); got != want {
					t.Errorf("%q as %q: %s is %q", page, format, name, got)
				}
			}
			policy := r.Header.Get("Content-Security-Policy")
			for _, want := range []string{"default-src 'none'", "frame-ancestors 'none'", "base-uri 'none'", "form-action 'self'"} {
				if !strings.Contains(policy, want) {
					t.Errorf("%q as %q: the policy %q lacks %s", page, format, policy, want)
				}
			}
			if strings.Contains(policy, "unsafe") || strings.Contains(policy, "script") {
				t.Errorf("the policy %q lets too much through", policy)
			}
		}
	}
}

func TestStyleFitsItsHash(t *testing.T) {
	// Ensure that the style sheet is in the page as the policy's hash has it: otherwise a browser drops it.
	r := ask(t, shadowdebug.Handler(newSpace(t, "style")))
	body := bodyOf(t, r)
	_, rest, _ := strings.Cut(body, "<style>")
	style, _, found := strings.Cut(rest, "</style>")
	if !found || !strings.Contains(r.Header.Get("Content-Security-Policy"), "'"+shadowdebug.HashOf(style)+"'") {
		t.Errorf("the policy is %q, the hash %s", r.Header.Get("Content-Security-Policy"), shadowdebug.HashOf(style))
	}
	if strings.Contains(body, " style=") {
		t.Error("there is a style attribute, which the policy forbids")
	}
}

func TestRefusals(t *testing.T) {
	// Ensure that parameters that make no sense are refused, with a reason, whatever form is asked for.
	s := newSpace(t, "refusals")
	shadow.MustNew(42, &shadow.Options[conn, note]{Space: s})
	h := shadowdebug.Handler(s)
	for _, test := range []struct {
		status     int
		parameters []string
	}{
		{200, []string{"class", "42"}},
		{200, []string{"class", "0x2a", "space", "0"}},
		{200, []string{"addr", "C000012340"}},
		{200, []string{"addr", "0x0"}},
		{200, []string{"addr", "ffffffff"}},
		{404, []string{"class", "43"}},
		{404, []string{"class", "42", "space", "1"}},
		{404, []string{"space", "7"}},
		{400, []string{"class", "cow"}},
		{400, []string{"class", "-1"}},
		{400, []string{"space", "-1"}},
		{400, []string{"addr", "0x10000000000000000"}},
		{400, []string{"addr", "<script>"}},
		{400, []string{"format", "xml"}},
		{400, []string{"sort", "colour"}},
		{400, []string{"since", "yesterday"}},
		{400, []string{"refresh", "0"}},
		{400, []string{"refresh", "1000000"}},
	} {
		if strconv.IntSize == 32 && test.parameters[1] == "C000012340" {
			continue // no address there
		}
		r := ask(t, h, test.parameters...)
		body := bodyOf(t, r)
		if r.StatusCode != test.status || strings.Contains(body, "<script") || r.StatusCode != 200 && !strings.Contains(body, "<h1>") {
			t.Errorf("%q: %s\n%s", test.parameters, r.Status, body)
		}
	}
	if r := ask(t, h, "class", "43", "format", "json"); r.StatusCode != 404 || !strings.Contains(bodyOf(t, r), `"reason": "No class has the id 0x2b."`) {
		t.Error("an error is no JSON")
	}
	if r := ask(t, h, "class", "43", "format", "text"); bodyOf(t, r) != "No class has the id 0x2b.\n" {
		t.Error("an error is no text")
	}
}

func TestDefaultSpace(t *testing.T) {
	// Ensure that a handler without spaces shows the default one, and one with several shows them in order.
	v := shadow.MustNew(shadow.NameID("shadowdebug test"), &shadow.Options[conn, note]{Name: "shadowdebug test"})
	defer v.Close()
	if text := get(t, shadowdebug.Handler(), "format", "text"); !strings.Contains(text, "\ndefault: ") || !strings.Contains(text, "shadowdebug test") {
		t.Error(text)
	}
	a, b := newSpace(t, "first"), newSpace(t, "")
	text := get(t, shadowdebug.Handler(a, b), "format", "text")
	if i, j := strings.Index(text, "\nfirst: "), strings.Index(text, "\nspace 1, without a name: "); i < 0 || j < i {
		t.Error(text)
	}
}

func TestPagesRememberNothing(t *testing.T) {
	// Ensure that looking changes no figure that a look shows: two looks at rest are the same but for their time.
	s := newSpace(t, "rest")
	v := shadow.MustNew(1, &shadow.Options[conn, note]{Space: s, Name: "notes", Lifetime: shadow.Manual})
	objs := make([]conn, 100)
	for i := range objs {
		must[*note](t)(v.Alloc(&objs[i], nil))
	}
	h := shadowdebug.Handler(s)
	for _, page := range [][]string{{}, {"class", "1"}} {
		p := append(page, "format", "text")
		_, first, _ := strings.Cut(get(t, h, p...), "\n")
		get(t, h, "since", read[overview](t, h).Look, "sort", "live", "q", "x", "all", "1")
		if _, again, _ := strings.Cut(get(t, h, p...), "\n"); first != again {
			t.Errorf("%s\nand then\n%s", first, again)
		}
	}
}
