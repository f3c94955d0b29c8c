package shadow

import (
	"runtime"

	"github.com/shadowvars/shadow/internal/atomic"
	"github.com/shadowvars/shadow/lockfree"
)

// batch is how many objects are looked for together: what the table looks at at a time.
const batch = 16

// getSome is get for at most batch objects under one guard. All their slots in the table are loaded before any is looked at, and all
// directory cells before any handle.
func getSome[O, T any](c *class, objs []*O, dst []*T) (hits int) {
	var keys [batch]uint64
	var found [batch]lockfree.Word
	for i, obj := range objs {
		keys[i&(batch-1)] = uint64(of(obj).address())
	}
	e := atomic.Hold(c.epoch.Load())
	d := e.slab.Hold()
	c.table.GetBatch(keys[:len(objs)], e.number, found[:len(objs)])
	for i := range objs {
		var p pointer
		// An object whose address has changed was on this stack, which has moved: see getSlow.
		if w, key := found[i&(batch-1)], keys[i&(batch-1)]; w.State() == lockfree.Value && key == of(objs[i]).key() {
			p = c.at(e, d, w, uintptr(key))
		}
		if p != nil {
			hits++
		}
		dst[i] = as[T](p)
	}
	drop(e, d)
	runtime.KeepAlive(objs)
	return hits
}
