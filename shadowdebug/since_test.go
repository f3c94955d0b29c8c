package shadowdebug_test

import (
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"math"
	"math/rand/v2"
	"runtime"
	"strings"
	"testing"

	"github.com/shadowvars/shadow"
	"github.com/shadowvars/shadow/shadowdebug"
)

func TestChanges(t *testing.T) {
	// Ensure that a page with a former look says what has come and gone since, class by class, and which classes are new.
	s := newSpace(t, "changes")
	h := shadowdebug.Handler(newSpace(t, "unused"), s)
	objs := make([]conn, 100)
	open := func(id shadow.ID, n int) *shadow.Var[conn, note] {
		v := shadow.MustNew(id, &shadow.Options[conn, note]{Space: s, Lifetime: shadow.Manual})
		for i := range n {
			must[*note](t)(v.Alloc(&objs[i], nil))
		}
		return v
	}
	a, b, c := open(1, 10), open(2, 40), open(3, 20)
	since := read[overview](t, h).Look
	for i := 10; i < 60; i++ {
		must[*note](t)(a.Alloc(&objs[i], nil))
	}
	for i := range 5 {
		b.Free(&objs[i])
	}
	c.Close()
	open(3, 4) // another class of the same id
	open(4, 3)
	o := read[overview](t, h, "since", since)
	got := map[shadow.ID]change{}
	for _, r := range o.Spaces[1].Rows {
		got[r.ID] = *r.Change
		got[r.ID] = change{New: r.Change.New, Live: r.Change.Live, Attached: r.Change.Attached, Ended: r.Change.Ended}
		if r.Change.New != (r.ID > 2) || r.Change.New && r.Change.Held != int64(r.BytesHeld) {
			t.Errorf("%+v", r)
		}
	}
	want := map[shadow.ID]change{1: {Live: 50, Attached: 50}, 2: {Live: -5, Ended: 5}, 3: {New: true, Live: 4, Attached: 4}, 4: {New: true, Live: 3, Attached: 3}}
	if fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("%+v, want %+v", got, want)
	}
	if c := o.Spaces[1].Change; c.Live != 50-5-20+4+3 || c.Attached != 50+4+3 || c.Ended != 25 {
		t.Errorf("%+v", c)
	}
	if c := o.Spaces[0].Change; *c != (change{}) {
		t.Errorf("%+v", c)
	}
	page := get(t, h, "since", since, "refresh", "5")
	sane(t, page)
	for _, want := range []string{">&#43;50<", ">−5<", ">new<", "Changes since", `http-equiv="refresh" content="5"`} {
		if !strings.Contains(page, want) {
			t.Errorf("%q is missing in\n%s", want, page)
		}
	}
	page = get(t, h, "since", since, "class", "1", "space", "1")
	sane(t, page)
	if !strings.Contains(page, ">&#43;50<") || !strings.Contains(page, "since=") {
		t.Error(page)
	}
	if text := get(t, h, "since", since, "format", "text"); !strings.Contains(text, "+50 live, 50 attached, 0 ended") || !strings.Contains(text, ", new") {
		t.Error(text)
	}
	runtime.KeepAlive(&objs)
}

func TestFormerLooksAreShort(t *testing.T) {
	// Ensure that a former look of thousands of classes fits into a link, knows the largest, and does not take the others for new.
	s := newSpace(t, "many")
	h := shadowdebug.Handler(s)
	obj := new(conn)
	for i := range 3000 {
		v := shadow.MustNew(shadow.NameID(fmt.Sprint("class ", i)), &shadow.Options[conn, note]{Space: s})
		v.Alloc(obj, nil)
	}
	large := shadow.MustNew(1, &shadow.Options[conn, [100]note]{Space: s})
	large.Alloc(obj, nil)
	since := read[overview](t, h).Look
	if len(since) > 6000 {
		t.Errorf("%d bytes", len(since))
	}
	known := 0
	for _, r := range read[overview](t, h, "since", since).Spaces[0].Rows {
		if r.Change != nil {
			known++
			if *r.Change != (change{}) {
				t.Errorf("%+v", r)
			}
		} else if r.ID == 1 {
			t.Error("the largest class is not known")
		}
	}
	if known != shadowdebug.MostRemembered {
		t.Errorf("%d are known", known)
	}
	if page := get(t, h, "since", since); !strings.Contains(page, "not known") {
		t.Error("the page says nothing of what is not known")
	}
	runtime.KeepAlive(obj)
}

func TestFormerLooksOfOthers(t *testing.T) {
	// Ensure that a former look is read as it was written, that one of another handler spoils nothing, and that any other text is refused or harmless.
	s := newSpace(t, "written")
	for i := range 5 {
		shadow.MustNew(shadow.ID(1)<<(13*i), &shadow.Options[conn, note]{Space: s})
	}
	h := shadowdebug.Handler(s)
	look := read[overview](t, h).Look
	if again, err := shadowdebug.ReadFormer(look); err != nil || again != look {
		t.Errorf("%q became %q, %v", look, again, err)
	}
	get(t, shadowdebug.Handler(newSpace(t, "a"), newSpace(t, "b")), "since", look)
	get(t, h, "since", read[overview](t, shadowdebug.Handler(newSpace(t, "a"), s, newSpace(t, "b"))).Look)

	// The year 10000 is none that JSON has.
	for _, at := range []int64{253402300800000, math.MaxInt64, -1, math.MinInt64} {
		text := base64.RawURLEncoding.EncodeToString(append(binary.AppendVarint([]byte{1}, at), 0))
		if r := ask(t, h, "since", text, "format", "json"); r.StatusCode != 400 {
			t.Errorf("a look from %d is answered by %s", at, r.Status)
		}
	}

	random := rand.New(rand.NewPCG(1, 2))
	raw, err := base64.RawURLEncoding.DecodeString(look)
	if err != nil {
		t.Fatal(err)
	}
	refused := 0
	for range 20_000 {
		b := append([]byte(nil), raw...)
		for range 1 + random.IntN(4) {
			b[random.IntN(len(b))] = byte(random.Uint32())
		}
		b = b[:random.IntN(len(b)+1)]
		text := base64.RawURLEncoding.EncodeToString(b)
		r := ask(t, h, "since", text)
		switch {
		case text == "" || r.StatusCode == 200:
		case r.StatusCode == 400:
			refused++
		default:
			t.Fatalf("%q: %s", text, r.Status)
		}
	}
	if refused < 10_000 {
		t.Errorf("only %d were refused", refused)
	}
}
