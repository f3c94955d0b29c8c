package shadowdebug

import (
	"cmp"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
)

// query is a request, understood.
type query struct {
	values   url.Values
	format   string
	space    int
	class    uint64
	hasClass bool
	addr     uint64
	hasAddr  bool
	since    *former
	sort     string
	Filter   string
	all      bool
	Refresh  int // seconds, 0 for never
}

// sortings are the orders of classes by name of the parameter. The largest come first; names from A on.
var sortings = map[string]func(a, b *classRow) int{
	"held":     func(a, b *classRow) int { return cmp.Compare(b.BytesHeld, a.BytesHeld) },
	"live":     func(a, b *classRow) int { return cmp.Compare(b.Live, a.Live) },
	"attached": func(a, b *classRow) int { return cmp.Compare(b.Attached, a.Attached) },
	"ended":    func(a, b *classRow) int { return cmp.Compare(b.Ended, a.Ended) },
	"waiting":  func(a, b *classRow) int { return cmp.Compare(b.Waste(), a.Waste()) },
	"growth":   func(a, b *classRow) int { return cmp.Compare(b.growth(), a.growth()) },
	"name":     func(a, b *classRow) int { return strings.Compare(strings.ToLower(a.Name), strings.ToLower(b.Name)) },
}

func parse(values url.Values) (*query, *problem) {
	q := &query{values: values, sort: "held"}
	bad := func(name string) (*query, *problem) {
		return q, wrong(http.StatusBadRequest, "The parameter %s=%s makes no sense.", name, visible(values.Get(name)))
	}
	if f := values.Get("format"); slices.Contains([]string{"", "html", "text", "json"}, f) {
		q.format = f
	} else {
		return bad("format")
	}
	var err error
	if s := values.Get("space"); s != "" {
		if q.space, err = strconv.Atoi(s); err != nil || q.space < 0 {
			return bad("space")
		}
	}
	if s := strings.TrimSpace(values.Get("class")); s != "" {
		if q.class, err = strconv.ParseUint(s, 0, 64); err != nil {
			return bad("class")
		}
		q.hasClass = true
	}
	if s := strings.TrimSpace(values.Get("addr")); s != "" {
		// As %p prints it, or without the 0x, as some debuggers do.
		if q.addr, err = strconv.ParseUint(strings.TrimPrefix(strings.ToLower(s), "0x"), 16, strconv.IntSize); err != nil {
			return bad("addr")
		}
		q.hasAddr = true
	}
	if s := values.Get("since"); s != "" {
		if q.since, err = decodeFormer(s); err != nil {
			return bad("since")
		}
	}
	if s := values.Get("sort"); s != "" {
		if sortings[s] == nil {
			return bad("sort")
		}
		q.sort = s
	}
	if s := values.Get("refresh"); s != "" {
		if q.Refresh, err = strconv.Atoi(s); err != nil || q.Refresh < 1 || q.Refresh > 3600 {
			return bad("refresh")
		}
	}
	q.Filter = values.Get("q")
	q.all = values.Get("all") != ""
	return q, nil
}

// carried are the parameters that a link on a page hands on to the next.
var carried = []string{"since", "refresh"}

// Link is a reference to a page with these parameters, and with what is handed on. An empty value takes a parameter away.
func (q *query) Link(pairs ...string) string { return q.link(carried, pairs) }

// Again is a reference to the same page with some parameters changed.
func (q *query) Again(pairs ...string) string {
	names := make([]string, 0, len(q.values))
	for name := range q.values {
		names = append(names, name)
	}
	return q.link(names, pairs)
}

func (q *query) link(names, pairs []string) string {
	next := url.Values{}
	for _, name := range names {
		if s := q.values.Get(name); s != "" {
			next.Set(name, s)
		}
	}
	for i := 0; i+1 < len(pairs); i += 2 {
		if pairs[i+1] == "" {
			next.Del(pairs[i])
		} else {
			next.Set(pairs[i], pairs[i+1])
		}
	}
	return "?" + next.Encode()
}

// Hidden are the handed-on parameters of a form that asks for something else: all but its own.
func (q *query) Hidden(own ...string) map[string]string {
	fields := map[string]string{}
	for _, name := range append([]string{"sort"}, carried...) {
		if s := q.values.Get(name); s != "" && !slices.Contains(own, name) {
			fields[name] = s
		}
	}
	return fields
}

// Sort is the order of classes.
func (q *query) Sort() string { return q.sort }

// Since is the former look, nil if there is none.
func (q *query) Since() *former { return q.since }
