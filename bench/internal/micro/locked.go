package micro

import "sync"

// lockedMapTable is a plain map behind a lock that lets readers in together.
type lockedMapTable struct{ l *lockedMap }

type lockedMap struct {
	mu sync.RWMutex
	m  map[pair]*Data
}

func newLockedMap() Table      { return bigLockedMap(0) }
func bigLockedMap(n int) Table { return lockedMapTable{&lockedMap{m: make(map[pair]*Data, n)}} }

func (t lockedMapTable) load(parent *Parent) *Data { return t.loadID(parent, id) }

func (t lockedMapTable) loadID(parent *Parent, id uint64) *Data {
	t.l.mu.RLock()
	data := t.l.m[pair{parent, id}]
	t.l.mu.RUnlock()
	return data
}

func (t lockedMapTable) attach(parent *Parent) { t.attachID(parent, id) }

func (t lockedMapTable) attachID(parent *Parent, id uint64) {
	data := newData() // what can be done outside the lock is
	t.l.mu.Lock()
	t.l.m[pair{parent, id}] = data
	t.l.mu.Unlock()
}

func (t lockedMapTable) loadOrAttach(parent *Parent) *Data {
	if data := t.load(parent); data != nil {
		return data
	}
	t.l.mu.Lock()
	defer t.l.mu.Unlock()
	data := t.l.m[pair{parent, id}]
	if data == nil {
		data = newData()
		t.l.m[pair{parent, id}] = data
	}
	return data
}

func (t lockedMapTable) detach(parent *Parent) {
	t.l.mu.Lock()
	delete(t.l.m, pair{parent, id})
	t.l.mu.Unlock()
}

func (t lockedMapTable) Walk() (n int, sum uint64) {
	t.l.mu.RLock()
	defer t.l.mu.RUnlock()
	for _, data := range t.l.m {
		n, sum = n+1, sum+data.A
	}
	return n, sum
}

func (t lockedMapTable) Clear() {
	t.l.mu.Lock()
	clear(t.l.m)
	t.l.mu.Unlock()
}

func (t lockedMapTable) Len() int {
	t.l.mu.RLock()
	defer t.l.mu.RUnlock()
	return len(t.l.m)
}

func (t lockedMapTable) Close() {}
