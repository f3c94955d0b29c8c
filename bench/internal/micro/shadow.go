package micro

import "github.com/shadowvars/shadow"

// shadowTable is the library itself, in a space of its own.
type shadowTable struct {
	space    *shadow.Space
	variable *shadow.Var[Parent, Data]
}

func newShadowManual() Table    { return newShadow(shadow.Manual) }
func newShadowCollected() Table { return newShadow(shadow.Collected) }

func newShadow(lifetime shadow.Lifetime) Table {
	space := shadow.NewSpace(nil)
	variable, err := shadow.New(id, &shadow.Options[Parent, Data]{Space: space, Lifetime: lifetime})
	if err != nil {
		panic(err)
	}
	return &shadowTable{space: space, variable: variable}
}

func (t *shadowTable) AttachOne(parent *Parent) {
	if _, err := t.variable.Alloc(parent, &dataOf); err != nil {
		panic(err)
	}
}

func (t *shadowTable) Attach(parents []*Parent) {
	variable := t.variable
	for _, parent := range parents {
		if _, err := variable.Alloc(parent, &dataOf); err != nil {
			panic(err)
		}
	}
}

func (t *shadowTable) Get(picks []*Parent) (hits int, sum uint64) {
	variable := t.variable
	for _, parent := range picks {
		if data := variable.Get(parent); data != nil {
			hits++
			sum += data.A
		}
	}
	return hits, sum
}

func (t *shadowTable) GetBatch(picks []*Parent) (hits int, sum uint64) {
	variable := t.variable
	var found [16]*Data
	for len(picks) > 0 {
		batch := picks[:min(len(found), len(picks))]
		picks = picks[len(batch):]
		hits += variable.GetBatch(batch, found[:])
		for _, data := range found[:len(batch)] {
			if data != nil {
				sum += data.A
			}
		}
	}
	return hits, sum
}

func (t *shadowTable) Churn(picks []*Parent) {
	variable := t.variable
	for _, parent := range picks {
		variable.Free(parent)
		if _, _, err := variable.GetOrAlloc(parent, &dataOf); err != nil {
			panic(err)
		}
	}
}

// FreeAll ends everything at once; the rivals have nothing like it that is atomic.
func (t *shadowTable) FreeAll() { t.variable.FreeAll() }

func (t *shadowTable) Len() int { return t.variable.Len() }

func (t *shadowTable) Close() { t.space.Close() }
