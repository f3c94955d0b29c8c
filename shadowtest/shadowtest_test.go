package shadowtest_test

import (
	"fmt"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/shadowvars/shadow"
	"github.com/shadowvars/shadow/shadowtest"
)

type conn struct {
	name string
	peer *conn
	n    int
}

type session struct {
	user    string
	log     *log
	peers   []*log
	byName  map[string]*log
	face    any
	onClose func()
	done    chan *conn
	field   *int
}

type log struct {
	next *log
	of   *conn
}

// recorder is a testing.TB that takes failures down instead of failing.
type recorder struct {
	testing.TB
	failures []string
	cleanups []func()
}

func (r *recorder) Helper() {}

func (r *recorder) Errorf(format string, args ...any) {
	r.failures = append(r.failures, fmt.Sprintf(format, args...))
}
func (r *recorder) Cleanup(f func()) { r.cleanups = append(r.cleanups, f) }

func (r *recorder) all() string { return strings.Join(r.failures, "\n") }

func TestKeptAlive(t *testing.T) {
	// Ensure that each way from data back to its parent is found, with the class and the path that holds, and that there is no false alarm.
	for _, c := range []struct {
		name string
		fill func(s *session, c *conn)
		path string // in the report; empty: not kept alive
	}{
		{"nothing", func(s *session, c *conn) { s.user, s.log = "u", &log{of: &conn{name: "another"}} }, ""},
		{"over another object", func(s *session, c *conn) { s.log = &log{of: c} }, "session.log.of"},
		{"farther away", func(s *session, c *conn) { s.log = &log{next: &log{next: &log{of: c}}} }, "session.log.next.next.of"},
		{"round a cycle", func(s *session, c *conn) {
			a := &log{of: c}
			a.next = &log{next: a}
			s.log = a.next
		}, "session.log.next.of"},
		{"slice", func(s *session, c *conn) { s.peers = []*log{nil, {of: c}} }, "session.peers[1].of"},
		{"map", func(s *session, c *conn) { s.byName = map[string]*log{"x": {of: c}} }, "session.byName[x].of"},
		{"interface", func(s *session, c *conn) { s.face = log{of: c} }, "session.face.(shadowtest_test.log).of"},
		{"interior", func(s *session, c *conn) { s.face = &session{field: &c.n} }, "session.face.(*shadowtest_test.session).field"},
		{"closure", func(s *session, c *conn) { s.onClose = func() { c.n++ } }, "cannot be seen"},
		{"channel", func(s *session, c *conn) { s.done = make(chan *conn, 1); s.done <- c }, "cannot be seen"},
	} {
		t.Run(c.name, func(t *testing.T) {
			space := shadow.NewSpace(nil)
			sessions := shadow.MustNew(1, &shadow.Options[conn, session]{Space: space, Name: "sessions"})
			counts := shadow.MustNew(2, &shadow.Options[conn, int]{Space: space, Name: "counts"})
			notes := shadow.MustNewAny(3, &shadow.AnyOptions[int]{Space: space, Name: "notes"})
			blobs := shadow.MustNewBytes(4, &shadow.BytesOptions[conn]{Space: space, Name: "blobs"})
			r := new(recorder)
			kept := shadowtest.KeptAlive(r, func() *conn {
				o := &conn{name: "it"}
				var s session
				c.fill(&s, o)
				for _, err := range []error{
					second(sessions.Alloc(o, &s)), second(counts.Alloc(o, nil)), second(notes.Alloc(o, nil)), second(blobs.Alloc(o, nil, 100)),
				} {
					if err != nil {
						t.Error(err)
					}
				}
				return o
			}, counts, notes, blobs, sessions)
			switch {
			case c.path == "" && (kept || r.failures != nil):
				t.Error("a false alarm:", r.all())
			case c.path != "" && (!kept || len(r.failures) != 1 || !strings.Contains(r.all(), `"sessions"`) || !strings.HasSuffix(r.all(), c.path) && !strings.Contains(r.all(), "cannot be seen")):
				t.Error("reported:", r.all(), "want:", c.path)
			}
			runtime.KeepAlive(space)
		})
	}
}

func second[T any](_ T, err error) error { return err }

var global any

func TestKeptAliveByOthers(t *testing.T) {
	// Ensure that several holders are all named, and one that is no class is not blamed on a class.
	space := shadow.NewSpace(nil)
	first := shadow.MustNew(1, &shadow.Options[conn, log]{Space: space, Name: "first", Lifetime: shadow.Pinned})
	other := shadow.MustNew(2, &shadow.Options[conn, session]{Space: space, Name: "other"})
	attach := func() *conn {
		o := new(conn)
		if _, err := first.Alloc(o, &log{of: o}); err != nil {
			t.Error(err)
		}
		if _, err := other.Alloc(o, &session{log: &log{of: o}}); err != nil {
			t.Error(err)
		}
		return o
	}
	r := new(recorder)
	if !shadowtest.KeptAlive(r, attach, first, other) || len(r.failures) != 2 ||
		!strings.Contains(r.failures[0], `"first"`) || !strings.Contains(r.failures[1], `"other"`) {
		t.Error(r.all())
	}
	r = new(recorder)
	counts := shadow.MustNew(3, &shadow.Options[conn, int]{Space: space, Name: "counts"})
	if !shadowtest.KeptAlive(r, func() *conn {
		o := new(conn)
		if _, err := counts.Alloc(o, nil); err != nil {
			t.Error(err)
		}
		global = o
		return o
	}, counts) || len(r.failures) != 1 || !strings.Contains(r.all(), "not by the data") {
		t.Error(r.all())
	}
	global = nil
	r = new(recorder)
	if shadowtest.KeptAlive(r, func() *conn { return nil }) || len(r.failures) != 1 {
		t.Error(r.all())
	}
	r = new(recorder)
	if shadowtest.KeptAlive(r, func() *conn { runtime.Goexit(); return nil }) || len(r.failures) != 1 {
		t.Error(r.all())
	}
	runtime.KeepAlive(space)
}

func TestCollect(t *testing.T) {
	// Ensure that after Collect nothing of unreachable parents is left.
	space := shadow.NewSpace(nil)
	counts := shadow.MustNew(1, &shadow.Options[conn, int]{Space: space})
	for range 10 {
		done := make(chan struct{})
		go func() {
			defer close(done)
			for range 1000 {
				o := new(conn)
				counts.Alloc(o, nil)
				runtime.SetFinalizer(o, func(o *conn) { counts.Alloc(o, nil) }) // attaches once more
			}
		}()
		<-done
		shadowtest.Collect(t, space)
		if n := counts.Len(); n != 0 {
			t.Fatalf("%d variables are left", n)
		}
	}
	runtime.KeepAlive(space)
}

func TestNoLeaks(t *testing.T) {
	// Ensure that NoLeaks names the classes that have grown, and only those, and lets pass what was there before and what dies.
	space := shadow.NewSpace(nil)
	manual := shadow.MustNew(1, &shadow.Options[conn, int]{Space: space, Name: "manual", Lifetime: shadow.Manual})
	counts := shadow.MustNew(2, &shadow.Options[conn, int]{Space: space, Name: "counts"})
	old := new(conn)
	manual.Alloc(old, nil)
	counts.Alloc(old, nil)

	r := new(recorder)
	shadowtest.NoLeaks(r, space)
	counts.Alloc(new(conn), nil)
	manual.Free(old)
	fresh := new(conn)
	manual.Alloc(fresh, nil)
	r.cleanups[0]()
	if r.failures != nil {
		t.Error("a false alarm:", r.all())
	}

	r = new(recorder)
	shadowtest.NoLeaks(r, space)
	manual.Alloc(old, nil)
	counts.Alloc(new(conn), nil)
	r.cleanups[0]()
	if len(r.failures) != 1 || !strings.Contains(r.all(), `"manual"`) || !strings.Contains(r.all(), "1 variables") {
		t.Error(r.all())
	}
	runtime.KeepAlive(old)
	runtime.KeepAlive(fresh)
	runtime.KeepAlive(space)
}

// leave attaches to its argument and does not free.
//
//go:noinline
func leave(v *shadow.Var[conn, int], c *conn) { v.Alloc(c, nil) }

func TestNoLeaksStacks(t *testing.T) {
	// Ensure that NoLeaks says which stacks attached what is left, most first, a few of them, and not those that attached what was there before.
	space := shadow.NewSpace(nil)
	v := shadow.MustNew(1, &shadow.Options[conn, int]{Space: space, Name: "profiled", Lifetime: shadow.Pinned, Profile: 1})
	v.Alloc(new(conn), nil)
	r := new(recorder)
	shadowtest.NoLeaks(r, space)
	v.Alloc(new(conn), nil)
	for range 3 {
		leave(v, new(conn))
	}
	r.cleanups[0]()
	if len(r.failures) != 1 || !strings.Contains(r.all(), "4 variables") {
		t.Fatal(r.all())
	}
	first, second := strings.Index(r.all(), "3 attached by"), strings.Index(r.all(), "1 attached by")
	by := strings.Index(r.all(), "shadowtest_test.leave\n")
	if first < 0 || first > by || by > second || strings.Count(r.all(), "attached by") != 2 || !strings.Contains(r.all(), "shadowtest_test.go:") {
		t.Error(r.all())
	}

	r = new(recorder)
	shadowtest.NoLeaks(r, space)
	for n := range 9 {
		deeper(n, func() { v.Alloc(new(conn), nil) })
	}
	r.cleanups[0]()
	if strings.Count(r.all(), "attached by") != 5 || !strings.Contains(r.all(), "and by 4 more stacks") {
		t.Error(r.all())
	}
	runtime.KeepAlive(space)
}

//go:noinline
func deeper(n int, f func()) {
	if n == 0 {
		f()
		return
	}
	deeper(n-1, f)
}

func TestCollectGivesUp(t *testing.T) {
	// Ensure that Collect fails the test if something goes on attaching and dropping.
	defer shadowtest.SetPatience(shadowtest.SetPatience(100 * time.Millisecond))
	space := shadow.NewSpace(&shadow.SpaceOptions{Name: "busy"})
	counts := shadow.MustNew(1, &shadow.Options[conn, int]{Space: space})
	stop, done := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(done)
		for {
			select {
			case <-stop:
				return
			case <-time.After(100 * time.Microsecond):
				counts.Alloc(new(conn), nil)
			}
		}
	}()
	r := new(recorder)
	shadowtest.Collect(r, space)
	close(stop)
	<-done
	if len(r.failures) != 1 || !strings.Contains(r.all(), `"busy" is not quiet`) {
		t.Error(r.all())
	}
}
