package micro

import xsync3 "github.com/puzpuzpuz/xsync/v3"

type xsync3Table struct{ m *xsync3.MapOf[pair, *Data] }

func newXsync3() Table { return xsync3Table{xsync3.NewMapOf[pair, *Data]()} }

func bigXsync3(n int) Table { return xsync3Table{xsync3.NewMapOf[pair, *Data](xsync3.WithPresize(n))} }

func (t xsync3Table) load(parent *Parent) *Data { return t.loadID(parent, id) }

func (t xsync3Table) loadID(parent *Parent, id uint64) *Data {
	data, _ := t.m.Load(pair{parent, id})
	return data
}

func (t xsync3Table) attach(parent *Parent) { t.attachID(parent, id) }

func (t xsync3Table) attachID(parent *Parent, id uint64) {
	if _, loaded := t.m.LoadOrStore(pair{parent, id}, newData()); loaded {
		panic("micro: attached twice")
	}
}

func (t xsync3Table) loadOrAttach(parent *Parent) *Data {
	data, _ := t.m.LoadOrCompute(pair{parent, id}, newData)
	return data
}

func (t xsync3Table) detach(parent *Parent) { t.m.Delete(pair{parent, id}) }

func (t xsync3Table) Walk() (n int, sum uint64) {
	t.m.Range(func(_ pair, data *Data) bool { n, sum = n+1, sum+data.A; return true })
	return n, sum
}

func (t xsync3Table) Clear()   { t.m.Clear() }
func (t xsync3Table) Len() int { return t.m.Size() }
func (t xsync3Table) Close()   {}

// xsync3PointerTable is keyed by the pointer alone: one kind of data only, a smaller key and a cheaper hash.
type xsync3PointerTable struct{ m *xsync3.MapOf[*Parent, *Data] }

func newXsync3Pointer() Table { return xsync3PointerTable{xsync3.NewMapOf[*Parent, *Data]()} }

func bigXsync3Pointer(n int) Table {
	return xsync3PointerTable{xsync3.NewMapOf[*Parent, *Data](xsync3.WithPresize(n))}
}

func (t xsync3PointerTable) load(parent *Parent) *Data {
	data, _ := t.m.Load(parent)
	return data
}

func (t xsync3PointerTable) attach(parent *Parent) {
	if _, loaded := t.m.LoadOrStore(parent, newData()); loaded {
		panic("micro: attached twice")
	}
}

func (t xsync3PointerTable) loadOrAttach(parent *Parent) *Data {
	data, _ := t.m.LoadOrCompute(parent, newData)
	return data
}

func (t xsync3PointerTable) detach(parent *Parent) { t.m.Delete(parent) }

func (t xsync3PointerTable) Walk() (n int, sum uint64) {
	t.m.Range(func(_ *Parent, data *Data) bool { n, sum = n+1, sum+data.A; return true })
	return n, sum
}

func (t xsync3PointerTable) Clear()   { t.m.Clear() }
func (t xsync3PointerTable) Len() int { return t.m.Size() }
func (t xsync3PointerTable) Close()   {}
