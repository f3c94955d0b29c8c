//go:build explore

package alloc

import "github.com/shadowvars/shadow/internal/explore"

// Reachable tells the explorer, which plays the collector, what of slabs is reachable: the newest directory of those that slab names, and what
// directories and eras lead to.
func Reachable(w *explore.World, slab func() *Slab) {
	explore.Root(w, func() *Directory { return slab().dir.Load() })
	explore.Edge(w, func(d *Directory) *Directory { return d.next.Load() })
	explore.Edge(w, func(d *Directory) *era { return d.era })
	explore.Edge(w, func(e *era) *era { return e.next.Load() })
}
