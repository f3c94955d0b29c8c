package micro

import "sync"

// syncMapTable is sync.Map. Its keys are interface values, so every call boxes the pair.
type syncMapTable struct{ m *sync.Map }

func newSyncMap() Table { return syncMapTable{new(sync.Map)} }

func (t syncMapTable) load(parent *Parent) *Data { return t.loadID(parent, id) }

func (t syncMapTable) loadID(parent *Parent, id uint64) *Data {
	data, ok := t.m.Load(pair{parent, id})
	if !ok {
		return nil
	}
	return data.(*Data)
}

func (t syncMapTable) attach(parent *Parent) { t.attachID(parent, id) }

func (t syncMapTable) attachID(parent *Parent, id uint64) {
	if _, loaded := t.m.LoadOrStore(pair{parent, id}, newData()); loaded {
		panic("micro: attached twice")
	}
}

// loadOrAttach looks first: LoadOrStore alone would make data for every hit.
func (t syncMapTable) loadOrAttach(parent *Parent) *Data {
	if data := t.load(parent); data != nil {
		return data
	}
	data, _ := t.m.LoadOrStore(pair{parent, id}, newData())
	return data.(*Data)
}

func (t syncMapTable) detach(parent *Parent) { t.m.Delete(pair{parent, id}) }

func (t syncMapTable) Walk() (n int, sum uint64) { return walk(t.m) }
func (t syncMapTable) Clear()                    { t.m.Clear() }
func (t syncMapTable) Len() int                  { return rangeLen(t.m) }
func (t syncMapTable) Close()                    {}

// syncMapPointerTable is keyed by the pointer alone, which needs no box.
type syncMapPointerTable struct{ m *sync.Map }

func newSyncMapPointer() Table { return syncMapPointerTable{new(sync.Map)} }

func (t syncMapPointerTable) load(parent *Parent) *Data {
	data, ok := t.m.Load(parent)
	if !ok {
		return nil
	}
	return data.(*Data)
}

func (t syncMapPointerTable) attach(parent *Parent) {
	if _, loaded := t.m.LoadOrStore(parent, newData()); loaded {
		panic("micro: attached twice")
	}
}

// loadOrAttach looks first: LoadOrStore alone would make data for every hit.
func (t syncMapPointerTable) loadOrAttach(parent *Parent) *Data {
	if data := t.load(parent); data != nil {
		return data
	}
	data, _ := t.m.LoadOrStore(parent, newData())
	return data.(*Data)
}

func (t syncMapPointerTable) detach(parent *Parent) { t.m.Delete(parent) }

func (t syncMapPointerTable) Walk() (n int, sum uint64) { return walk(t.m) }
func (t syncMapPointerTable) Clear()                    { t.m.Clear() }
func (t syncMapPointerTable) Len() int                  { return rangeLen(t.m) }
func (t syncMapPointerTable) Close()                    {}

func rangeLen(m *sync.Map) (n int) {
	m.Range(func(any, any) bool { n++; return true })
	return n
}

func walk(m *sync.Map) (n int, sum uint64) {
	m.Range(func(_, data any) bool { n, sum = n+1, sum+data.(*Data).A; return true })
	return n, sum
}
