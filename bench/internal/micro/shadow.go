package micro

import "github.com/shadowvars/shadow"

// shadowTable is the library itself, in a space of its own.
type shadowTable struct {
	space    *shadow.Space
	lifetime shadow.Lifetime
	variable *shadow.Var[Parent, Data]
	more     *[]*shadow.Var[Parent, Data] // by id, of those who attach several kinds of data
}

func newShadowManual() Table         { return newShadow(shadow.Manual, 0) }
func newShadowPinned() Table         { return newShadow(shadow.Pinned, 0) }
func newShadowCollected() Table      { return newShadow(shadow.Collected, 0) }
func bigShadowManual(n int) Table    { return newShadow(shadow.Manual, n) }
func bigShadowPinned(n int) Table    { return newShadow(shadow.Pinned, n) }
func bigShadowCollected(n int) Table { return newShadow(shadow.Collected, n) }

func newShadow(lifetime shadow.Lifetime, presize int) Table {
	t := shadowTable{
		space:    shadow.NewSpace(&shadow.SpaceOptions{Presize: presize}),
		lifetime: lifetime,
		more:     new([]*shadow.Var[Parent, Data]),
	}
	t.variable = t.open(1 << 20) // an id that no loop over ids from 0 reaches
	return t
}

func (t shadowTable) open(id shadow.ID) *shadow.Var[Parent, Data] {
	return shadow.MustNew(id, &shadow.Options[Parent, Data]{Space: t.space, Lifetime: t.lifetime})
}

func (t shadowTable) load(parent *Parent) *Data { return t.variable.Get(parent) }

func (t shadowTable) loadID(parent *Parent, id uint64) *Data { return (*t.more)[id].Get(parent) }

func (t shadowTable) attach(parent *Parent) {
	if _, err := t.variable.Alloc(parent, &dataOf); err != nil {
		panic(err)
	}
}

func (t shadowTable) attachID(parent *Parent, id uint64) {
	for uint64(len(*t.more)) <= id {
		*t.more = append(*t.more, t.open(shadow.ID(len(*t.more))))
	}
	if _, err := (*t.more)[id].Alloc(parent, &dataOf); err != nil {
		panic(err)
	}
}

func (t shadowTable) loadOrAttach(parent *Parent) *Data {
	data, _, err := t.variable.GetOrAlloc(parent, &dataOf)
	if err != nil {
		panic(err)
	}
	return data
}

func (t shadowTable) detach(parent *Parent) { t.variable.Free(parent) }

func (t shadowTable) GetBatch(picks []*Parent, batch int) (hits int, sum uint64) {
	variable := t.variable
	var room [MaxBatch]*Data
	found := room[:batch]
	for len(picks) > 0 {
		some := picks[:min(batch, len(picks))]
		picks = picks[len(some):]
		hits += variable.GetBatch(some, found)
		for _, data := range found[:len(some)] {
			if data != nil {
				sum += data.A
			}
		}
	}
	return hits, sum
}

func (t shadowTable) Walk() (n int, sum uint64) {
	for _, data := range t.variable.All() {
		n++
		sum += data.A
	}
	return n, sum
}

func (t shadowTable) Clear() { t.variable.FreeAll() }

func (t shadowTable) Len() int { return t.variable.Len() }

func (t shadowTable) Close() { t.space.Close() }
