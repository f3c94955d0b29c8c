package micro

import (
	xsync3 "github.com/puzpuzpuz/xsync/v3"
	xsync4 "github.com/puzpuzpuz/xsync/v4"
)

// All rivals store a pointer to data of its own, because a user of attached data changes it in
// place; a value inside the map's entry would save a load and could only be replaced as a whole.

func newData() *Data {
	data := dataOf
	return &data
}

type xsync4Table struct{ m *xsync4.Map[pair, *Data] }

func newXsync4() Table { return xsync4Table{xsync4.NewMap[pair, *Data]()} }

func (t xsync4Table) AttachOne(parent *Parent) {
	if _, loaded := t.m.LoadOrStore(pair{parent, id}, newData()); loaded {
		panic("micro: attached twice")
	}
}

func (t xsync4Table) Attach(parents []*Parent) {
	for _, parent := range parents {
		t.AttachOne(parent)
	}
}

func (t xsync4Table) Get(picks []*Parent) (hits int, sum uint64) {
	m := t.m
	for _, parent := range picks {
		if data, ok := m.Load(pair{parent, id}); ok {
			hits++
			sum += data.A
		}
	}
	return hits, sum
}

func (t xsync4Table) Churn(picks []*Parent) {
	m := t.m
	for _, parent := range picks {
		m.Delete(pair{parent, id})
		m.LoadOrCompute(pair{parent, id}, func() (*Data, bool) { return newData(), false })
	}
}

func (t xsync4Table) Len() int { return t.m.Size() }
func (t xsync4Table) Close()   {}

// xsync4PointerTable is keyed by the pointer alone: one kind of data only, a smaller key and a cheaper hash.
type xsync4PointerTable struct{ m *xsync4.Map[*Parent, *Data] }

func newXsync4Pointer() Table { return xsync4PointerTable{xsync4.NewMap[*Parent, *Data]()} }

func (t xsync4PointerTable) AttachOne(parent *Parent) {
	if _, loaded := t.m.LoadOrStore(parent, newData()); loaded {
		panic("micro: attached twice")
	}
}

func (t xsync4PointerTable) Attach(parents []*Parent) {
	for _, parent := range parents {
		t.AttachOne(parent)
	}
}

func (t xsync4PointerTable) Get(picks []*Parent) (hits int, sum uint64) {
	m := t.m
	for _, parent := range picks {
		if data, ok := m.Load(parent); ok {
			hits++
			sum += data.A
		}
	}
	return hits, sum
}

func (t xsync4PointerTable) Churn(picks []*Parent) {
	m := t.m
	for _, parent := range picks {
		m.Delete(parent)
		m.LoadOrCompute(parent, func() (*Data, bool) { return newData(), false })
	}
}

func (t xsync4PointerTable) Len() int { return t.m.Size() }
func (t xsync4PointerTable) Close()   {}

type xsync3Table struct{ m *xsync3.MapOf[pair, *Data] }

func newXsync3() Table { return xsync3Table{xsync3.NewMapOf[pair, *Data]()} }

func (t xsync3Table) AttachOne(parent *Parent) {
	if _, loaded := t.m.LoadOrStore(pair{parent, id}, newData()); loaded {
		panic("micro: attached twice")
	}
}

func (t xsync3Table) Attach(parents []*Parent) {
	for _, parent := range parents {
		t.AttachOne(parent)
	}
}

func (t xsync3Table) Get(picks []*Parent) (hits int, sum uint64) {
	m := t.m
	for _, parent := range picks {
		if data, ok := m.Load(pair{parent, id}); ok {
			hits++
			sum += data.A
		}
	}
	return hits, sum
}

func (t xsync3Table) Churn(picks []*Parent) {
	m := t.m
	for _, parent := range picks {
		m.Delete(pair{parent, id})
		m.LoadOrCompute(pair{parent, id}, newData)
	}
}

func (t xsync3Table) Len() int { return t.m.Size() }
func (t xsync3Table) Close()   {}
