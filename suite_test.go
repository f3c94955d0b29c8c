package shadow_test

import (
	"errors"
	"fmt"
	"iter"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/shadowvars/shadow"
)

// conn is what most tests attach to, note is what they attach.
type conn struct {
	first int
	name  string
	_     [4]int
}

type note struct {
	n    int
	text string
	next *note
}

// class is what Var[conn, note] has, and what Any[note] has once its parents are given back their type.
type class interface {
	Get(obj *conn) *note
	Has(obj *conn) bool
	GetBatch(objs []*conn, dst []*note) int
	Alloc(obj *conn, data *note) (*note, error)
	AllocFunc(obj *conn, ctor func(*note) error) (*note, error)
	GetOrAlloc(obj *conn, data *note) (*note, bool, error)
	GetOrAllocFunc(obj *conn, ctor func(*note) error) (*note, bool, error)
	Free(obj *conn) bool
	FreeAll() int
	FreeFunc(f func(obj *conn, data *note) bool) int
	Take(obj *conn) *note
	FreeIf(obj *conn, data *note) bool
	Copy(dst, src *conn) (*note, error)
	Move(dst, src *conn) (*note, error)
	All() iter.Seq2[*conn, *note]
	Len() int
	ID() shadow.ID
	Name() string
	Close() int
}

var _ class = (*shadow.Var[conn, note])(nil)

// anyClass is an Any as a class. A parent that comes back with another dynamic type than it went in with is a foreigner.
type anyClass struct{ *shadow.Any[note] }

var foreigner = new(conn)

func connOf(v any) *conn {
	if v == nil {
		return nil
	}
	if c, ok := v.(*conn); ok {
		return c
	}
	return foreigner
}

func (c anyClass) Get(obj *conn) *note { return c.Any.Get(obj) }
func (c anyClass) Has(obj *conn) bool  { return c.Any.Has(obj) }
func (c anyClass) GetBatch(objs []*conn, dst []*note) int {
	boxed := make([]any, len(objs))
	for i, obj := range objs {
		boxed[i] = obj
	}
	return c.Any.GetBatch(boxed, dst)
}
func (c anyClass) Alloc(obj *conn, data *note) (*note, error) { return c.Any.Alloc(obj, data) }
func (c anyClass) AllocFunc(obj *conn, ctor func(*note) error) (*note, error) {
	return c.Any.AllocFunc(obj, ctor)
}
func (c anyClass) GetOrAlloc(obj *conn, data *note) (*note, bool, error) {
	return c.Any.GetOrAlloc(obj, data)
}
func (c anyClass) GetOrAllocFunc(obj *conn, ctor func(*note) error) (*note, bool, error) {
	return c.Any.GetOrAllocFunc(obj, ctor)
}
func (c anyClass) Free(obj *conn) bool { return c.Any.Free(obj) }
func (c anyClass) FreeFunc(f func(obj *conn, data *note) bool) int {
	return c.Any.FreeFunc(func(obj any, data *note) bool { return f(connOf(obj), data) })
}
func (c anyClass) Take(obj *conn) *note               { return c.Any.Take(obj) }
func (c anyClass) FreeIf(obj *conn, data *note) bool  { return c.Any.FreeIf(obj, data) }
func (c anyClass) Copy(dst, src *conn) (*note, error) { return c.Any.Copy(dst, src) }
func (c anyClass) Move(dst, src *conn) (*note, error) { return c.Any.Move(dst, src) }
func (c anyClass) All() iter.Seq2[*conn, *note] {
	return func(yield func(*conn, *note) bool) {
		for obj, data := range c.Any.All() {
			if !yield(connOf(obj), data) {
				return
			}
		}
	}
}

// env is one construction that the suite runs on.
type env struct {
	space    *shadow.Space
	lifetime shadow.Lifetime
	kind     string
	nextID   shadow.ID

	mu   sync.Mutex
	kept []*conn
}

// conn makes an object that lives as long as e, as the parents of Manual variables have to.
func (e *env) conn() *conn {
	obj := new(conn)
	e.mu.Lock()
	defer e.mu.Unlock()
	e.kept = append(e.kept, obj)
	return obj
}

// settings are the options that Var and Any have in common.
type settings struct {
	name    string
	destroy func(obj *conn, data *note)
}

// open opens a class of a fresh id.
func (e *env) open(t testing.TB, s settings) class {
	t.Helper()
	e.nextID++
	c, err := e.openID(e.nextID, s)
	if err != nil {
		t.Fatalf("New: %v", err)
	}
	return c
}

func (e *env) openID(id shadow.ID, s settings) (class, error) {
	if e.kind == "Var" {
		return asClass(shadow.New(id, &shadow.Options[conn, note]{Space: e.space, Name: s.name, Lifetime: e.lifetime, Destroy: s.destroy}))
	}
	o := &shadow.AnyOptions[note]{Space: e.space, Name: s.name, Lifetime: e.lifetime}
	if s.destroy != nil {
		o.Destroy = func(obj any, data *note) { s.destroy(connOf(obj), data) }
	}
	v, err := shadow.NewAny(id, o)
	return asClass(anyClass{v}, err)
}

func asClass(c class, err error) (class, error) {
	if err != nil {
		return nil, err
	}
	return c, nil
}

// known is the parent as All, FreeFunc, and the destructors of FreeAll and Close must name it.
func (e *env) known(obj *conn) *conn {
	if e.lifetime == shadow.Manual {
		return nil
	}
	return obj
}

var tables = []struct {
	name     string
	space    func() *shadow.Space
	restless bool
}{
	{"plain", func() *shadow.Space { return shadow.NewSpace(nil) }, false},
	{"presized", func() *shadow.Space { return shadow.NewSpace(&shadow.SpaceOptions{Presize: 3000}) }, false},
	{"constant", func() *shadow.Space { return shadow.NewHashedSpace(1, 0) }, false},
	{"two", func() *shadow.Space { return shadow.NewHashedSpace(2, 0) }, false},
	{"migrating", func() *shadow.Space { return shadow.NewSpace(nil) }, true},
}

var lifetimes = []shadow.Lifetime{shadow.Collected, shadow.Pinned, shadow.Manual}

// suite runs a test over all constructions: tables, lifetimes, kinds of handle.
func suite(t *testing.T, test func(t *testing.T, e *env)) {
	for _, table := range tables {
		if instrumented && table.name == "presized" {
			continue // instrumentation sees nothing there that it does not see in the others
		}
		for _, lifetime := range lifetimes {
			for _, kind := range []string{"Var", "Any"} {
				t.Run(fmt.Sprintf("%s/%v/%s", table.name, lifetime, kind), func(t *testing.T) {
					e := &env{space: table.space(), lifetime: lifetime, kind: kind}
					if table.restless {
						defer migrate(e.space)()
					}
					test(t, e)
				})
			}
		}
	}
}

// each runs a test once per lifetime and kind, on a plain table: for what takes long.
func each(t *testing.T, test func(t *testing.T, e *env)) {
	for _, lifetime := range lifetimes {
		for _, kind := range []string{"Var", "Any"} {
			t.Run(fmt.Sprintf("%v/%s", lifetime, kind), func(t *testing.T) {
				test(t, &env{space: shadow.NewSpace(nil), lifetime: lifetime, kind: kind})
			})
		}
	}
}

// migrate keeps the table of a space migrating until the returned function is called.
func migrate(s *shadow.Space) (stop func()) {
	var stopped atomic.Bool
	var wg sync.WaitGroup
	wg.Go(func() {
		for !stopped.Load() {
			s.Purge()
			runtime.Gosched()
		}
	})
	return func() { stopped.Store(true); wg.Wait() }
}

// parents makes n objects to attach to.
func parents(n int) []*conn {
	objs := make([]*conn, n)
	for i := range objs {
		objs[i] = &conn{first: i, name: fmt.Sprint(i)}
	}
	return objs
}

// ended records what a destructor was called with.
type ended struct {
	mu    sync.Mutex
	calls []ending
}

type ending struct {
	obj  *conn
	data *note
}

func (d *ended) destroy(obj *conn, data *note) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.calls = append(d.calls, ending{obj, data})
}

// drain returns the calls so far and forgets them.
func (d *ended) drain() []ending {
	d.mu.Lock()
	defer d.mu.Unlock()
	calls := d.calls
	d.calls = nil
	return calls
}

// want fails the test unless the calls since the last look were these, in any order.
func (d *ended) want(t testing.TB, want ...ending) {
	t.Helper()
	calls := d.drain()
	got := make(map[ending]int, len(calls))
	for _, c := range calls {
		got[c]++
	}
	for _, w := range want {
		if got[w]--; got[w] < 0 {
			t.Fatalf("Destroy was not called with %v", w)
		}
	}
	if len(calls) != len(want) {
		t.Fatalf("%d calls of Destroy, want %d", len(calls), len(want))
	}
}

// must returns the result of an attachment that has to succeed.
func must(t testing.TB) func(p *note, err error) *note {
	return func(p *note, err error) *note {
		t.Helper()
		if err != nil {
			t.Fatalf("attaching: %v", err)
		}
		if p == nil {
			t.Fatal("attaching returned neither data nor an error")
		}
		return p
	}
}

// wantErr fails the test unless an attachment failed as it should, returning nothing.
func wantErr(t testing.TB, p *note, err, want error) {
	t.Helper()
	if !errors.Is(err, want) || p != nil {
		t.Fatalf("attaching returned %v, %v, want %v", p, err, want)
	}
}

// wantPanic runs f and fails the test unless it panics with the given value.
func wantPanic(t testing.TB, want any, f func()) {
	t.Helper()
	defer func() {
		t.Helper()
		if r := recover(); r != want {
			t.Fatalf("recovered %v, want %v", r, want)
		}
	}()
	f()
}

// exits tells whether f ends its goroutine by Goexit.
func exits(f func()) bool {
	exited := make(chan bool)
	go func() {
		returned := false
		defer func() { exited <- !returned }()
		f()
		returned = true
	}()
	return <-exited
}

func TestTablesOfTheSuite(t *testing.T) {
	// Ensure that the suite's tables are what they are called: bad hashes line keys up as they come, and a restless table migrates.
	descents := func(homes uintptr) (n int) {
		s := shadow.NewHashedSpace(homes, 256)
		v := shadow.MustNew(1, &shadow.Options[conn, note]{Space: s, Lifetime: shadow.Manual})
		objs := parents(40)
		at := make(map[uintptr]int)
		for i := range objs {
			obj := objs[i*7%len(objs)]
			if _, err := v.Alloc(obj, nil); err != nil {
				t.Fatal(err)
			}
			at[address(obj)] = i
		}
		order := s.TableOrder()
		if len(order) != len(at) {
			t.Fatalf("%d keys in the table, want %d", len(order), len(at))
		}
		for i := range order[1:] {
			if at[order[i]] > at[order[i+1]] {
				n++
			}
		}
		return n
	}
	if n := descents(1); n != 0 {
		t.Errorf("constant hash: %d descents", n)
	}
	if n := descents(2); n > 1 {
		t.Errorf("two-valued hash: %d descents", n)
	}
	if n := descents(0); n < 9 {
		t.Errorf("real hash: only %d descents", n)
	}
	s := shadow.NewSpace(nil)
	stop := migrate(s)
	for s.Stats().TableMigrations < 10 {
		runtime.Gosched()
	}
	stop()
}
