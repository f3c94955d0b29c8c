package micro

import "github.com/alphadose/haxmap"

// haxmapTable is keyed by the address, because haxmap takes numbers and strings only. It holds no parent: the caller must
// keep them, and an address that comes back finds the old data. Concurrent writers can lose
// entries for good (its issues 8, 23 and 32), so it is measured with one writer and no reader meanwhile.
type haxmapTable struct{ m *haxmap.Map[uintptr, *Data] }

func newHaxmap() Table      { return haxmapTable{haxmap.New[uintptr, *Data]()} }
func bigHaxmap(n int) Table { return haxmapTable{haxmap.New[uintptr, *Data](uintptr(n))} }

func (t haxmapTable) load(parent *Parent) *Data {
	data, _ := t.m.Get(uintptr(addressOf(parent)))
	return data
}

func (t haxmapTable) attach(parent *Parent) { t.m.Set(uintptr(addressOf(parent)), newData()) }

func (t haxmapTable) loadOrAttach(parent *Parent) *Data {
	data, _ := t.m.GetOrCompute(uintptr(addressOf(parent)), newData)
	return data
}

func (t haxmapTable) detach(parent *Parent) { t.m.Del(uintptr(addressOf(parent))) }

func (t haxmapTable) Walk() (n int, sum uint64) {
	t.m.ForEach(func(_ uintptr, data *Data) bool { n, sum = n+1, sum+data.A; return true })
	return n, sum
}

func (t haxmapTable) Len() int { return int(t.m.Len()) }
func (t haxmapTable) Close()   {}
