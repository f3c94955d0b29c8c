package micro

import xsync4 "github.com/puzpuzpuz/xsync/v4"

type xsync4Table struct{ m *xsync4.Map[pair, *Data] }

func newXsync4() Table { return xsync4Table{xsync4.NewMap[pair, *Data]()} }

func bigXsync4(n int) Table { return xsync4Table{xsync4.NewMap[pair, *Data](xsync4.WithPresize(n))} }

func (t xsync4Table) load(parent *Parent) *Data { return t.loadID(parent, id) }

func (t xsync4Table) loadID(parent *Parent, id uint64) *Data {
	data, _ := t.m.Load(pair{parent, id})
	return data
}

func (t xsync4Table) attach(parent *Parent) { t.attachID(parent, id) }

func (t xsync4Table) attachID(parent *Parent, id uint64) {
	if _, loaded := t.m.LoadOrStore(pair{parent, id}, newData()); loaded {
		panic("micro: attached twice")
	}
}

func (t xsync4Table) loadOrAttach(parent *Parent) *Data {
	data, _ := t.m.LoadOrCompute(pair{parent, id}, func() (*Data, bool) { return newData(), false })
	return data
}

func (t xsync4Table) detach(parent *Parent) { t.m.Delete(pair{parent, id}) }

func (t xsync4Table) Walk() (n int, sum uint64) {
	t.m.Range(func(_ pair, data *Data) bool { n, sum = n+1, sum+data.A; return true })
	return n, sum
}

func (t xsync4Table) Clear()   { t.m.Clear() }
func (t xsync4Table) Len() int { return t.m.Size() }
func (t xsync4Table) Close()   {}

// xsync4PointerTable is keyed by the pointer alone: one kind of data only, a smaller key and a cheaper hash.
type xsync4PointerTable struct{ m *xsync4.Map[*Parent, *Data] }

func newXsync4Pointer() Table { return xsync4PointerTable{xsync4.NewMap[*Parent, *Data]()} }

func bigXsync4Pointer(n int) Table {
	return xsync4PointerTable{xsync4.NewMap[*Parent, *Data](xsync4.WithPresize(n))}
}

func (t xsync4PointerTable) load(parent *Parent) *Data {
	data, _ := t.m.Load(parent)
	return data
}

func (t xsync4PointerTable) attach(parent *Parent) {
	if _, loaded := t.m.LoadOrStore(parent, newData()); loaded {
		panic("micro: attached twice")
	}
}

func (t xsync4PointerTable) loadOrAttach(parent *Parent) *Data {
	data, _ := t.m.LoadOrCompute(parent, func() (*Data, bool) { return newData(), false })
	return data
}

func (t xsync4PointerTable) detach(parent *Parent) { t.m.Delete(parent) }

func (t xsync4PointerTable) Walk() (n int, sum uint64) {
	t.m.Range(func(_ *Parent, data *Data) bool { n, sum = n+1, sum+data.A; return true })
	return n, sum
}

func (t xsync4PointerTable) Clear()   { t.m.Clear() }
func (t xsync4PointerTable) Len() int { return t.m.Size() }
func (t xsync4PointerTable) Close()   {}
