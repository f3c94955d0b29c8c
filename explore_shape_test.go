//go:build explore

package shadow

import "github.com/shadowvars/shadow/alloc"

var shapes = map[program]shape{}

// sameShape makes the shape of a program's classes once: it costs more than a run.
func sameShape(p program) func(identity, bool, bool) shape {
	p = program{lifetime: p.lifetime, sized: p.sized}
	return func(i identity, holdsPointers, isolate bool) shape {
		s, ok := shapes[p]
		if !ok {
			s = shapeOf[uint64](i, holdsPointers, isolate)
			if p.sized {
				s.layout = sizedLayout(p.lifetime)
			}
			shapes[p] = s
		}
		return s
	}
}

// sizedLayout has two sizes of the slots of shapeOf.
func sizedLayout(l Lifetime) *alloc.Layout {
	if l == Pinned {
		return alloc.LayoutOfSizes[slot[uint64, pinnedMeta], slot[uint64, pinnedMeta]](false, 0)
	}
	return alloc.LayoutOfSizes[slot[uint64, addressMeta], slot[uint64, addressMeta]](l == Collected, 0)
}
