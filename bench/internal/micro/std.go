package micro

import (
	"runtime"
	"sync"
	"weak"
)

// syncMapTable is sync.Map. Its keys are interface values, so every call boxes the pair.
type syncMapTable struct{ m sync.Map }

func newSyncMap() Table { return new(syncMapTable) }

func (t *syncMapTable) AttachOne(parent *Parent) {
	if _, loaded := t.m.LoadOrStore(pair{parent, id}, newData()); loaded {
		panic("micro: attached twice")
	}
}

func (t *syncMapTable) Attach(parents []*Parent) {
	for _, parent := range parents {
		t.AttachOne(parent)
	}
}

func (t *syncMapTable) Get(picks []*Parent) (hits int, sum uint64) {
	for _, parent := range picks {
		if data, ok := t.m.Load(pair{parent, id}); ok {
			hits++
			sum += data.(*Data).A
		}
	}
	return hits, sum
}

func (t *syncMapTable) Churn(picks []*Parent) {
	for _, parent := range picks {
		t.m.Delete(pair{parent, id})
		t.m.LoadOrStore(pair{parent, id}, newData())
	}
}

func (t *syncMapTable) Len() int { return rangeLen(&t.m) }
func (t *syncMapTable) Close()   {}

func rangeLen(m *sync.Map) (n int) {
	m.Range(func(any, any) bool { n++; return true })
	return n
}

// lockedMapTable is a plain map behind a lock that lets readers in together.
type lockedMapTable struct {
	mu sync.RWMutex
	m  map[pair]*Data
}

func newLockedMap() Table { return &lockedMapTable{m: make(map[pair]*Data)} }

func (t *lockedMapTable) AttachOne(parent *Parent) {
	data := newData()
	t.mu.Lock()
	t.m[pair{parent, id}] = data
	t.mu.Unlock()
}

func (t *lockedMapTable) Attach(parents []*Parent) {
	for _, parent := range parents {
		t.AttachOne(parent)
	}
}

func (t *lockedMapTable) Get(picks []*Parent) (hits int, sum uint64) {
	for _, parent := range picks {
		t.mu.RLock()
		data, ok := t.m[pair{parent, id}]
		t.mu.RUnlock()
		if ok {
			hits++
			sum += data.A
		}
	}
	return hits, sum
}

func (t *lockedMapTable) Churn(picks []*Parent) {
	for _, parent := range picks {
		t.mu.Lock()
		delete(t.m, pair{parent, id})
		t.mu.Unlock()
		t.mu.Lock()
		if _, ok := t.m[pair{parent, id}]; !ok {
			t.m[pair{parent, id}] = newData()
		}
		t.mu.Unlock()
	}
}

func (t *lockedMapTable) Len() int {
	t.mu.RLock()
	defer t.mu.RUnlock()
	return len(t.m)
}

func (t *lockedMapTable) Close() {}

// weakIdiomTable is what the standard library itself does (crypto/internal/fips140cache): a sync.Map
// keyed by weak pointers, a weak.Make for every lookup, a cleanup on the parent that deletes the entry.
type weakIdiomTable struct{ m *sync.Map }

func newWeakIdiom() Table { return weakIdiomTable{new(sync.Map)} }

func (t weakIdiomTable) AttachOne(parent *Parent) {
	key := weak.Make(parent)
	if _, loaded := t.m.LoadOrStore(key, newData()); loaded {
		panic("micro: attached twice")
	}
	m := t.m
	runtime.AddCleanup(parent, func(key weak.Pointer[Parent]) { m.Delete(key) }, key)
}

func (t weakIdiomTable) Attach(parents []*Parent) {
	for _, parent := range parents {
		t.AttachOne(parent)
	}
}

func (t weakIdiomTable) Get(picks []*Parent) (hits int, sum uint64) {
	for _, parent := range picks {
		if data, ok := t.m.Load(weak.Make(parent)); ok {
			hits++
			sum += data.(*Data).A
		}
	}
	return hits, sum
}

// Churn leaves the cleanup of the first attach in place: it names the key, and the key is the same.
func (t weakIdiomTable) Churn(picks []*Parent) {
	for _, parent := range picks {
		key := weak.Make(parent)
		t.m.Delete(key)
		t.m.LoadOrStore(key, newData())
	}
}

func (t weakIdiomTable) Len() int { return rangeLen(t.m) }
func (t weakIdiomTable) Close()   {}
