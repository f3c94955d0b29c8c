package micro

import (
	"runtime"
	"sync"
	"weak"
)

// weakIdiomTable is what the standard library itself does (crypto/internal/fips140cache): a sync.Map
// keyed by weak pointers, a weak.Make for every lookup, a cleanup on the parent that deletes the entry.
type weakIdiomTable struct{ m *sync.Map }

func newWeakIdiom() Table { return weakIdiomTable{new(sync.Map)} }

func (t weakIdiomTable) load(parent *Parent) *Data {
	data, ok := t.m.Load(weak.Make(parent))
	if !ok {
		return nil
	}
	return data.(*Data)
}

func (t weakIdiomTable) attach(parent *Parent) {
	key := weak.Make(parent)
	if _, loaded := t.m.LoadOrStore(key, newData()); loaded {
		panic("micro: attached twice")
	}
	m := t.m
	runtime.AddCleanup(parent, func(key weak.Pointer[Parent]) { m.Delete(key) }, key)
}

// loadOrAttach adds no cleanup: those who call it come back to parents that were attached to before, and the cleanup
// of that time names the key, which is the same.
func (t weakIdiomTable) loadOrAttach(parent *Parent) *Data {
	if data := t.load(parent); data != nil {
		return data
	}
	data, _ := t.m.LoadOrStore(weak.Make(parent), newData())
	return data.(*Data)
}

func (t weakIdiomTable) detach(parent *Parent) { t.m.Delete(weak.Make(parent)) }

func (t weakIdiomTable) Walk() (n int, sum uint64) { return walk(t.m) }
func (t weakIdiomTable) Clear()                    { t.m.Clear() }
func (t weakIdiomTable) Len() int                  { return rangeLen(t.m) }
func (t weakIdiomTable) Close()                    {}
