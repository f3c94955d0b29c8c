package micro

import "sync"

// shards is a power of two; orcaman's well-known map has 32, and more cost nothing here.
const shards = 64

// shardedTable is plain maps, each behind a mutex, chosen by the parent's address.
type shardedTable struct{ all *[shards]shard }

type shard struct {
	mu sync.Mutex
	m  map[pair]*Data
	_  [64]byte // no two locks on one cache line
}

func newSharded() Table { return bigSharded(0) }

func bigSharded(n int) Table {
	t := shardedTable{new([shards]shard)}
	for i := range t.all {
		t.all[i].m = make(map[pair]*Data, n/shards)
	}
	return t
}

func (t shardedTable) of(parent *Parent) *shard {
	const bits = 6 // of 64
	return &t.all[addressOf(parent)*golden>>(64-bits)]
}

func (t shardedTable) load(parent *Parent) *Data { return t.loadID(parent, id) }

func (t shardedTable) loadID(parent *Parent, id uint64) *Data {
	s := t.of(parent)
	s.mu.Lock()
	data := s.m[pair{parent, id}]
	s.mu.Unlock()
	return data
}

func (t shardedTable) attach(parent *Parent) { t.attachID(parent, id) }

func (t shardedTable) attachID(parent *Parent, id uint64) {
	data := newData() // what can be done outside the lock is
	s := t.of(parent)
	s.mu.Lock()
	s.m[pair{parent, id}] = data
	s.mu.Unlock()
}

func (t shardedTable) loadOrAttach(parent *Parent) *Data {
	s := t.of(parent)
	s.mu.Lock()
	defer s.mu.Unlock()
	data := s.m[pair{parent, id}]
	if data == nil {
		data = newData()
		s.m[pair{parent, id}] = data
	}
	return data
}

func (t shardedTable) detach(parent *Parent) {
	s := t.of(parent)
	s.mu.Lock()
	delete(s.m, pair{parent, id})
	s.mu.Unlock()
}

func (t shardedTable) Walk() (n int, sum uint64) {
	for i := range t.all {
		s := &t.all[i]
		s.mu.Lock()
		for _, data := range s.m {
			n, sum = n+1, sum+data.A
		}
		s.mu.Unlock()
	}
	return n, sum
}

func (t shardedTable) Len() (n int) {
	for i := range t.all {
		s := &t.all[i]
		s.mu.Lock()
		n += len(s.m)
		s.mu.Unlock()
	}
	return n
}

func (t shardedTable) Close() {}
