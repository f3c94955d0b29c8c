package shadowdebug_test

import (
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"runtime"
	"slices"
	"strings"
	"testing"
	"unicode"

	"github.com/shadowvars/shadow"
	"github.com/shadowvars/shadow/shadowdebug"
)

// hostile are names that would like to be more than names.
var hostile = []string{
	"<script>alert(1)</script>", `" onmouseover="alert(1)`, "' onfocus='alert(1)", "</title><script>", "javascript:alert(1)", "{{.}}", "%s%n", "<!--", "&lt;b&gt;",
	"שלום", "abc\u202egnp.exe", "\u2066isolated", "zero\u200bwidth", "line\nbreak", "tab\tcolumn", "nul\x00", "\x1b[31mred", "\xff\xfe", strings.Repeat("long ", 2000), "",
}

// sane parses a page and fails unless it consists of the few elements and attributes that the templates have.
func sane(t *testing.T, page string) {
	t.Helper()
	elements := strings.Fields("html head meta style title body header main section b a form input button h1 h2 p small span time dl dt dd div table thead tbody tr th td svg rect code bdi i ul li pre")
	attributes := strings.Fields("lang charset name content http-equiv href method type value placeholder aria-label aria-hidden aria-sort autocomplete spellcheck required class title datetime viewBox preserveAspectRatio shape-rendering role x y width height dir")
	for _, r := range page {
		if r != '\n' && !unicode.IsPrint(r) && r != '\u202f' && r != '\u00a0' {
			t.Fatalf("the page has %U in it", r)
		}
	}
	_, body, _ := strings.Cut(page, "<!doctype html>")
	d := xml.NewDecoder(strings.NewReader(body))
	d.Strict, d.AutoClose, d.Entity = false, xml.HTMLAutoClose, xml.HTMLEntity
	for {
		token, err := d.Token()
		if errors.Is(err, io.EOF) {
			return
		}
		if err != nil {
			t.Fatalf("%v in\n%s", err, page)
		}
		e, ok := token.(xml.StartElement)
		if !ok {
			continue
		}
		if !slices.Contains(elements, e.Name.Local) {
			t.Errorf("the page has an element %s", e.Name.Local)
		}
		for _, a := range e.Attr {
			if !slices.Contains(attributes, a.Name.Local) {
				t.Errorf("%s has an attribute %s", e.Name.Local, a.Name.Local)
			}
			if a.Name.Local == "href" && !strings.HasPrefix(a.Value, "?") {
				t.Errorf("a link leads to %q", a.Value)
			}
		}
	}
}

func TestHostileNames(t *testing.T) {
	// Ensure that no name, type or content becomes part of a page's markup, turns its direction, or breaks a line of its text.
	s := newSpace(t, "<i>space</i>\u202e")
	obj := new(conn)
	var vars []*shadow.Var[conn, note]
	for i, name := range hostile {
		v := shadow.MustNew(shadow.ID(i+1), &shadow.Options[conn, note]{Space: s, Name: name, Format: func(*note) string { return name }})
		must[*note](t)(v.Alloc(obj, nil))
		vars = append(vars, v)
	}
	type odd struct {
		F struct{} `json:"<script>"`
	}
	shadow.MustNewAny(1000, &shadow.AnyOptions[struct {
		odd
		X int `tag:"<script>\u202e\" onclick=x"`
	}]{Space: s})
	h := shadowdebug.Handler(s)
	since := read[overview](t, h).Look
	pages := [][]string{{"since", since}, {"addr", fmt.Sprintf("%p", obj)}, {"q", "<script>\"' onclick=x"}, {"class", "1000"}, {"class", "<script>\u202e"}}
	for i := range hostile {
		pages = append(pages, []string{"class", fmt.Sprint(i + 1), "since", since})
	}
	for _, page := range pages {
		body := bodyOf(t, ask(t, h, page...))
		sane(t, body)
		text := bodyOf(t, ask(t, h, append(page, "format", "text")...))
		for _, r := range text {
			if r != '\n' && !unicode.IsPrint(r) && r != '\u202f' {
				t.Errorf("%q: the text has %U in it", page, r)
			}
		}
	}
	// One line for each class, and its name as JSON has it is its name.
	text := get(t, h, "format", "text")
	if n := strings.Count(text, "Collected  0x"); n != len(hostile)+1 {
		t.Errorf("%d lines for %d classes:\n%s", n, len(hostile)+1, text)
	}
	names := map[string]bool{}
	for _, r := range read[overview](t, h).Spaces[0].Rows {
		names[r.Name] = true
	}
	for _, name := range hostile {
		if !names[strings.ToValidUTF8(name, "\ufffd")] && !strings.Contains(name, "\xff") {
			t.Errorf("%q is not in the JSON", name)
		}
	}
	for _, v := range vars {
		v.Close()
	}
}

func TestManyClasses(t *testing.T) {
	// Ensure that a page with thousands of classes shows the largest, sums up the rest, and shows all if asked; text and JSON have all.
	s := newSpace(t, "many")
	const n = 3000
	obj := new(conn)
	for i := range n {
		v := shadow.MustNew(shadow.ID(i+1), &shadow.Options[conn, note]{Space: s, Name: fmt.Sprintf("class %04d", i)})
		if i%3 == 0 {
			v.Alloc(obj, nil)
		}
	}
	large := shadow.MustNew(n+1, &shadow.Options[conn, [500]uint64]{Space: s, Name: "zz large"})
	large.Alloc(obj, nil)
	h := shadowdebug.Handler(s)
	rows := func(page string) int { return strings.Count(page, `<td class="name">`) }
	page := get(t, h)
	sane(t, page)
	if got := rows(page); got != shadowdebug.MostShown || strings.Index(page, "zz large") > strings.Index(page, "class 0000") || !strings.Contains(page, "and 2\u202f901 more classes with 901 variables") {
		t.Errorf("%d rows:\n%s", got, page)
	}
	if got := rows(get(t, h, "all", "1")); got != n+1 {
		t.Errorf("%d rows of all", got)
	}
	if got := rows(get(t, h, "q", "CLASS 012")); got != 10 {
		t.Errorf("%d rows of a filter", got)
	}
	if got := rows(get(t, h, "q", "0xbb9")); got != 1 {
		t.Errorf("%d rows of an id", got)
	}
	if text := get(t, h, "q", "nothing like it"); rows(text) != 0 || !strings.Contains(text, "No class matches") {
		t.Error("a filter that matches nothing does not say so")
	}
	if got := strings.Count(get(t, h, "format", "text"), "\n"); got < n+1 {
		t.Errorf("%d lines", got)
	}
	if got := len(read[overview](t, h).Spaces[0].Rows); got != n+1 {
		t.Errorf("%d rows of JSON", got)
	}
	runtime.KeepAlive(obj)
}

func TestNoClasses(t *testing.T) {
	// Ensure that a space without classes is a page that says so.
	page := get(t, shadowdebug.Handler(newSpace(t, "empty")))
	sane(t, page)
	if !strings.Contains(page, "No class is open") || !strings.Contains(page, ">never<") {
		t.Error(page)
	}
}

func TestSorting(t *testing.T) {
	// Ensure that classes come in the order that was asked for, the largest first.
	s := newSpace(t, "order")
	h := shadowdebug.Handler(s)
	objs := make([]conn, 100)
	fill := func(id shadow.ID, name string, attach, free int) {
		v := shadow.MustNew(id, &shadow.Options[conn, [4]uint64]{Space: s, Name: name, Lifetime: shadow.Manual})
		for i := range attach {
			v.Alloc(&objs[i], nil)
		}
		for i := range free {
			v.Free(&objs[i])
		}
	}
	fill(1, "b", 20, 0)
	fill(2, "C", 70, 69)
	fill(3, "a", 50, 48)
	since := read[overview](t, h).Look
	fill(4, "new", 5, 0)
	for _, test := range []struct{ sort, want string }{
		{"name", "a b C new"}, {"live", "b new a C"}, {"attached", "C a b new"}, {"ended", "C a b new"},
		{"growth", "new b a C"},
	} {
		var names []string
		for _, r := range read[overview](t, h, "sort", test.sort, "since", since).Spaces[0].Rows {
			names = append(names, r.Name)
		}
		if test.sort == "growth" {
			names = names[:1]
			test.want = "new"
		}
		if got := strings.Join(names, " "); got != test.want {
			t.Errorf("by %s: %s, want %s", test.sort, got, test.want)
		}
	}
	for _, sort := range []string{"held", "waiting", ""} {
		rows := read[overview](t, h, "sort", sort).Spaces[0].Rows
		for i := range rows[1:] {
			a, b := rows[i].ClassStats, rows[i+1].ClassStats
			if sort == "waiting" {
				a.BytesHeld, b.BytesHeld = a.BytesHeld-a.BytesLive, b.BytesHeld-b.BytesLive
			}
			if a.BytesHeld < b.BytesHeld {
				t.Errorf("by %q: %+v before %+v", sort, a, b)
			}
		}
	}
	runtime.KeepAlive(&objs)
}
