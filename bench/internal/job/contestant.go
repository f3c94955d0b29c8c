// Package job is the main comparison: a note on every syntax node of the standard library.
package job

import "go/ast"

// Note is what is attached: 16 bytes without pointers.
type Note struct {
	Visits uint64
	Depth  uint64
}

var note = Note{Visits: 1, Depth: 2}

// table is a contestant. Its loops are its own, with direct calls, as in package micro.
type table interface {
	AttachOne(node ast.Node) bool                   // false if the node had a note already
	Attach(nodes []ast.Node) (attached int)         // AttachOne of each
	Get(nodes []ast.Node) (hits int, visits uint64) // of each: look up, read
	Reattach(nodes []ast.Node) (detached int)       // of each: detach, attach anew
	Len() int
	Close()
}

// lifetime is what a contestant does when objects with notes are let go.
type lifetime int

const (
	leaks    lifetime = iota // keeps the nodes alive through its keys
	byHand                   // the caller detaches before letting go
	byItself                 // the notes go with their nodes
)

type contestant struct {
	name     string
	impl     string // as results name it
	lifetime lifetime
	new      func() table
}

// base is the contestant that the others' ratios are to.
const base = "shadow Manual"

// contestants are all, the one that drops half of the corpus last.
func contestants() []contestant {
	return []contestant{
		{base, "shadow-manual", byHand, newManual},
		{"xsync v4 Map", "xsync4", leaks, newXsync4},
		{"xsync v3 MapOf", "xsync3", leaks, newXsync3},
		{"map + RWMutex", "rwmutex", leaks, newLockedMap},
		{"sync.Map", "syncmap", leaks, newSyncMap},
		{"shadow Collected", "shadow-collected", byItself, newCollected},
	}
}
