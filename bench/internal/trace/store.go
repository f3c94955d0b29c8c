package trace

import (
	"runtime"
	"sync"
	"weak"

	xsync4 "github.com/puzpuzpuz/xsync/v4"

	"github.com/shadowvars/shadow"
)

// store is a contestant. The replay pays one dynamic call for every operation, some two nanoseconds, the same for all.
type store interface {
	Attach(parent *Parent, number uint64) // the parent has nothing attached
	Get(parent *Parent) *Data             // nil if nothing is attached
	Drop(parent *Parent)                  // the parent is about to be let go
	Len() int
	Close()
}

// contestant names a store and says who ends its variables.
type contestant struct {
	name string // as benchmark names have it
	long string // as tables have it
	new  func() store
	once bool // replays in the first round only: it takes longer than all others together
}

// base is the contestant that the others are compared with.
const base = "shadow-manual"

func contestants() []contestant {
	return []contestant{
		{"field", "a field of the object", func() store { return &fields{} }, false},
		{base, "shadow Manual", func() store { return newAttached(shadow.Manual) }, false},
		{"shadow-pinned", "shadow Pinned", func() store { return newAttached(shadow.Pinned) }, false},
		{"shadow-collected", "shadow Collected", func() store { return newAttached(shadow.Collected) }, false},
		{"xsync4", "xsync v4 {ptr,id}", func() store { return xsyncMap{xsync4.NewMap[pair, *Data]()} }, false},
		{"syncmap", "sync.Map {ptr,id}", func() store { return new(syncMap) }, false},
		{"mutex", "map + Mutex {ptr,id}", func() store { return &mutexMap{m: map[pair]*Data{}} }, false},
		{"weak-idiom", "sync.Map of weak pointers", func() store { return weakIdiom{new(sync.Map)} }, true},
	}
}

// attached is the library. A Collected variable goes with its parent; the others are freed by who lets the parent go.
type attached struct {
	space    *shadow.Space
	variable *shadow.Var[Parent, Data]
	lifetime shadow.Lifetime
}

func newAttached(lifetime shadow.Lifetime) store {
	space := shadow.NewSpace(nil)
	variable := shadow.MustNew(id, &shadow.Options[Parent, Data]{Space: space, Lifetime: lifetime})
	return &attached{space, variable, lifetime}
}

func (a *attached) Attach(parent *Parent, number uint64) {
	if _, err := a.variable.Alloc(parent, &Data{Number: number}); err != nil {
		panic(err)
	}
}

func (a *attached) Get(parent *Parent) *Data { return a.variable.Get(parent) }

func (a *attached) Drop(parent *Parent) {
	if a.lifetime != shadow.Collected && !a.variable.Free(parent) {
		panic("trace: nothing was attached")
	}
}

func (a *attached) Len() int { return a.variable.Len() }
func (a *attached) Close()   { a.space.Close() }

// pair is the key of the rivals: which object, which kind of data. Its pointer keeps the object alive until the entry is deleted.
type pair struct {
	parent *Parent
	id     uint64
}

const id = 7

type xsyncMap struct{ m *xsync4.Map[pair, *Data] }

func (x xsyncMap) Attach(parent *Parent, number uint64) {
	x.m.Store(pair{parent, id}, &Data{Number: number})
}

func (x xsyncMap) Get(parent *Parent) *Data {
	data, _ := x.m.Load(pair{parent, id})
	return data
}

func (x xsyncMap) Drop(parent *Parent) { x.m.Delete(pair{parent, id}) }
func (x xsyncMap) Len() int            { return x.m.Size() }
func (x xsyncMap) Close()              {}

type syncMap struct{ m sync.Map }

func (s *syncMap) Attach(parent *Parent, number uint64) {
	s.m.Store(pair{parent, id}, &Data{Number: number})
}

func (s *syncMap) Get(parent *Parent) *Data { return load(&s.m, pair{parent, id}) }
func (s *syncMap) Drop(parent *Parent)      { s.m.Delete(pair{parent, id}) }
func (s *syncMap) Len() int                 { return count(&s.m) }
func (s *syncMap) Close()                   {}

func load(m *sync.Map, key any) *Data {
	if data, ok := m.Load(key); ok {
		return data.(*Data)
	}
	return nil
}

func count(m *sync.Map) (n int) {
	m.Range(func(any, any) bool { n++; return true })
	return n
}

type mutexMap struct {
	mu sync.Mutex
	m  map[pair]*Data
}

func (x *mutexMap) Attach(parent *Parent, number uint64) {
	data := &Data{Number: number}
	x.mu.Lock()
	x.m[pair{parent, id}] = data
	x.mu.Unlock()
}

func (x *mutexMap) Get(parent *Parent) *Data {
	x.mu.Lock()
	data := x.m[pair{parent, id}]
	x.mu.Unlock()
	return data
}

func (x *mutexMap) Drop(parent *Parent) {
	x.mu.Lock()
	delete(x.m, pair{parent, id})
	x.mu.Unlock()
}

func (x *mutexMap) Len() int { return len(x.m) }
func (x *mutexMap) Close()   {}

// weakIdiom is what the standard library itself does: a sync.Map keyed by weak pointers, and a cleanup on the parent.
type weakIdiom struct{ m *sync.Map }

func (w weakIdiom) Attach(parent *Parent, number uint64) {
	key, m := weak.Make(parent), w.m
	m.Store(key, &Data{Number: number})
	runtime.AddCleanup(parent, func(key weak.Pointer[Parent]) { m.Delete(key) }, key)
}

func (w weakIdiom) Get(parent *Parent) *Data { return load(w.m, weak.Make(parent)) }
func (w weakIdiom) Drop(*Parent)             {}
func (w weakIdiom) Len() int                 { return count(w.m) }
func (w weakIdiom) Close()                   {}

// fields is the floor: what it would cost if the object had the field.
type fields struct{}

func (*fields) Attach(parent *Parent, number uint64) { parent.field = Data{Number: number} }
func (*fields) Get(parent *Parent) *Data             { return &parent.field }
func (*fields) Drop(*Parent)                         {}
func (*fields) Len() int                             { return 0 }
func (*fields) Close()                               {}
