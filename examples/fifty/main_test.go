package main

import (
	"io"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/shadowvars/shadow"
	"github.com/shadowvars/shadow/shadowdebug"
)

func TestTheCulpritIsFirst(t *testing.T) {
	// Ensure that the first line of the page names the class that holds the memory, that the growth between two looks names it too, and that its own page says what pins what.
	s := newServer(shadow.NewSpace(&shadow.SpaceOptions{Name: "fifty"}), 2000)
	n := 0
	serve := func(requests int) {
		for range requests {
			s.serve(n)
			n++
		}
	}
	serve(20_000)
	page := httptest.NewServer(shadowdebug.Handler(s.space))
	defer page.Close()
	get := func(link string) string {
		t.Helper()
		answer, err := http.Get(page.URL + "/" + strings.ReplaceAll(link, "&amp;", "&"))
		if err != nil {
			t.Fatal(err)
		}
		defer answer.Body.Close()
		body, err := io.ReadAll(answer.Body)
		if err != nil || answer.StatusCode != http.StatusOK {
			t.Fatal(answer.Status, err)
		}
		return string(body)
	}
	first := regexp.MustCompile(`(?s)<tbody>\s*<tr>\s*<td class="name"><a href="([^"]*)"[^>]*><bdi>([^<]*)</bdi>`)
	overview := get("")
	m := first.FindStringSubmatch(overview)
	if m == nil || m[2] != culprit {
		t.Fatalf("the first line is %q of\n%s", m, overview)
	}
	if rows := strings.Count(overview, `<td class="name">`); rows != 50 {
		t.Errorf("%d lines", rows)
	}
	class := get(m[1])
	for _, want := range []string{"Pinned", "main.Request", "main.Trace", "keeps its parent alive"} {
		if !strings.Contains(class, want) {
			t.Errorf("the class’s page does not say %q:\n%s", want, class)
		}
	}
	since := regexp.MustCompile(`href="(\?since=[^"]*)"`).FindStringSubmatch(overview)
	if since == nil {
		t.Fatal("the page offers no comparison")
	}
	serve(5000)
	if m := first.FindStringSubmatch(get(since[1] + "&amp;sort=growth")); m == nil || m[2] != culprit {
		t.Errorf("the class that grows most is %q", m)
	}
}

func TestMeasure(t *testing.T) {
	// Ensure that the measurement runs and says its figures.
	var out strings.Builder
	measure(&out, newServer(shadow.NewSpace(nil), 100), 1, time.Millisecond, 2)
	if !regexp.MustCompile(`(?s)alone .* M operations/s.*watched .* M operations/s.*looking every second costs -?[\d.]+ % of.*one look takes [\d.]+ ms`).MatchString(out.String()) {
		t.Error(out.String())
	}
}
