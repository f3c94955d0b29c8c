package job

import (
	"go/ast"
	"sync"

	xsync3 "github.com/puzpuzpuz/xsync/v3"
	xsync4 "github.com/puzpuzpuz/xsync/v4"
)

// All rivals keep a pointer to a note of its own, which is what makes a note something one can change.

func newNote() *Note {
	fresh := note
	return &fresh
}

type xsync4Table struct{ m *xsync4.Map[pair, *Note] }

func newXsync4() table { return xsync4Table{xsync4.NewMap[pair, *Note]()} }

func (t xsync4Table) AttachOne(node ast.Node) bool {
	_, loaded := t.m.LoadOrStore(pairOf(node), newNote())
	return !loaded
}

func (t xsync4Table) Attach(nodes []ast.Node) (attached int) {
	for _, node := range nodes {
		if _, loaded := t.m.LoadOrStore(pairOf(node), newNote()); !loaded {
			attached++
		}
	}
	return attached
}

func (t xsync4Table) Get(nodes []ast.Node) (hits int, visits uint64) {
	for _, node := range nodes {
		if found, ok := t.m.Load(pairOf(node)); ok {
			hits++
			visits += found.Visits
		}
	}
	return hits, visits
}

func (t xsync4Table) Reattach(nodes []ast.Node) (detached int) {
	for _, node := range nodes {
		if _, ok := t.m.LoadAndDelete(pairOf(node)); ok {
			detached++
		}
		t.m.LoadOrStore(pairOf(node), newNote())
	}
	return detached
}

func (t xsync4Table) Len() int { return t.m.Size() }
func (t xsync4Table) Close()   {}

type xsync3Table struct{ m *xsync3.MapOf[pair, *Note] }

func newXsync3() table { return xsync3Table{xsync3.NewMapOf[pair, *Note]()} }

func (t xsync3Table) AttachOne(node ast.Node) bool {
	_, loaded := t.m.LoadOrStore(pairOf(node), newNote())
	return !loaded
}

func (t xsync3Table) Attach(nodes []ast.Node) (attached int) {
	for _, node := range nodes {
		if _, loaded := t.m.LoadOrStore(pairOf(node), newNote()); !loaded {
			attached++
		}
	}
	return attached
}

func (t xsync3Table) Get(nodes []ast.Node) (hits int, visits uint64) {
	for _, node := range nodes {
		if found, ok := t.m.Load(pairOf(node)); ok {
			hits++
			visits += found.Visits
		}
	}
	return hits, visits
}

func (t xsync3Table) Reattach(nodes []ast.Node) (detached int) {
	for _, node := range nodes {
		if _, ok := t.m.LoadAndDelete(pairOf(node)); ok {
			detached++
		}
		t.m.LoadOrStore(pairOf(node), newNote())
	}
	return detached
}

func (t xsync3Table) Len() int { return t.m.Size() }
func (t xsync3Table) Close()   {}

type syncMapTable struct{ m sync.Map }

func newSyncMap() table { return new(syncMapTable) }

func (t *syncMapTable) AttachOne(node ast.Node) bool {
	_, loaded := t.m.LoadOrStore(pairOf(node), newNote())
	return !loaded
}

func (t *syncMapTable) Attach(nodes []ast.Node) (attached int) {
	for _, node := range nodes {
		if _, loaded := t.m.LoadOrStore(pairOf(node), newNote()); !loaded {
			attached++
		}
	}
	return attached
}

func (t *syncMapTable) Get(nodes []ast.Node) (hits int, visits uint64) {
	for _, node := range nodes {
		if found, ok := t.m.Load(pairOf(node)); ok {
			hits++
			visits += found.(*Note).Visits
		}
	}
	return hits, visits
}

func (t *syncMapTable) Reattach(nodes []ast.Node) (detached int) {
	for _, node := range nodes {
		if _, ok := t.m.LoadAndDelete(pairOf(node)); ok {
			detached++
		}
		t.m.LoadOrStore(pairOf(node), newNote())
	}
	return detached
}

func (t *syncMapTable) Len() (n int) {
	t.m.Range(func(any, any) bool { n++; return true })
	return n
}

func (t *syncMapTable) Close() {}

type lockedMapTable struct {
	mu sync.RWMutex
	m  map[pair]*Note
}

func newLockedMap() table { return &lockedMapTable{m: make(map[pair]*Note)} }

func (t *lockedMapTable) AttachOne(node ast.Node) bool {
	key, fresh := pairOf(node), newNote() // what can be done outside the lock is
	t.mu.Lock()
	defer t.mu.Unlock()
	before := len(t.m)
	// A pair that is there already gets an equal note; asking first would cost every attach a second probe.
	t.m[key] = fresh
	return len(t.m) > before
}

func (t *lockedMapTable) Attach(nodes []ast.Node) (attached int) {
	for _, node := range nodes {
		if t.AttachOne(node) {
			attached++
		}
	}
	return attached
}

func (t *lockedMapTable) Get(nodes []ast.Node) (hits int, visits uint64) {
	for _, node := range nodes {
		t.mu.RLock()
		found, ok := t.m[pairOf(node)]
		t.mu.RUnlock()
		if ok {
			hits++
			visits += found.Visits
		}
	}
	return hits, visits
}

func (t *lockedMapTable) Reattach(nodes []ast.Node) (detached int) {
	for _, node := range nodes {
		key := pairOf(node)
		t.mu.Lock()
		before := len(t.m)
		delete(t.m, key)
		if len(t.m) < before {
			detached++
		}
		t.mu.Unlock()
		t.AttachOne(node)
	}
	return detached
}

func (t *lockedMapTable) Len() int {
	t.mu.RLock()
	defer t.mu.RUnlock()
	return len(t.m)
}

func (t *lockedMapTable) Close() {}
