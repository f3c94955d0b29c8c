package job

import (
	"go/ast"

	"github.com/shadowvars/shadow"
)

// shadowTable is the library, asked as a user of interface values asks it.
type shadowTable struct {
	space *shadow.Space
	notes *shadow.Any[Note]
}

func newManual() table    { return newShadow(shadow.Manual) }
func newCollected() table { return newShadow(shadow.Collected) }

func newShadow(lifetime shadow.Lifetime) table {
	space := shadow.NewSpace(nil)
	notes, err := shadow.NewAny(shadow.NameID("bench note"), &shadow.AnyOptions[Note]{Space: space, Lifetime: lifetime})
	if err != nil {
		panic(err)
	}
	return &shadowTable{space: space, notes: notes}
}

func (t *shadowTable) AttachOne(node ast.Node) bool {
	_, err := t.notes.Alloc(node, &note)
	return err == nil
}

func (t *shadowTable) Attach(nodes []ast.Node) (attached int) {
	for _, node := range nodes {
		if _, err := t.notes.Alloc(node, &note); err == nil {
			attached++
		}
	}
	return attached
}

func (t *shadowTable) Get(nodes []ast.Node) (hits int, visits uint64) {
	for _, node := range nodes {
		if found := t.notes.Get(node); found != nil {
			hits++
			visits += found.Visits
		}
	}
	return hits, visits
}

func (t *shadowTable) Reattach(nodes []ast.Node) (detached int) {
	for _, node := range nodes {
		if t.notes.Free(node) {
			detached++
		}
		if _, err := t.notes.Alloc(node, &note); err != nil {
			panic(err)
		}
	}
	return detached
}

// Detach frees what a caller of Manual has to free himself.
func (t *shadowTable) Detach(nodes []ast.Node) {
	for _, node := range nodes {
		t.notes.Free(node)
	}
}

// Walk counts what All yields.
func (t *shadowTable) Walk() (n int) {
	for range t.notes.All() {
		n++
	}
	return n
}

func (t *shadowTable) Len() int { return t.notes.Len() }

func (t *shadowTable) Close() { t.space.Close() }
