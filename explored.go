//go:build explore

package shadow

import (
	"reflect"

	"github.com/shadowvars/shadow/alloc"
	"github.com/shadowvars/shadow/internal/atomic"
	"github.com/shadowvars/shadow/internal/explore"
	"github.com/shadowvars/shadow/internal/hooks"
)

// exploredOpening is what New makes of its arguments.
func exploredOpening(s *Space, l Lifetime) *opening {
	return &opening{
		space:    s,
		identity: identity{id: 1, lifetime: l, object: reflect.TypeFor[uint64](), data: reflect.TypeFor[uint64]()},
		extent:   8, data: reflect.TypeFor[uint64](), shape: shapeOf[uint64],
	}
}

// exploredIn makes a class as New does, but opened by nobody, so that no reaper of its own wakes up.
func exploredIn(w *explore.World, s *Space, l Lifetime) *class {
	c := exploredOpening(s, l).build()
	s.classes.Store(&registry{open: map[ID]*class{1: c}})
	explore.Root(w, c.epoch.Load)
	alloc.Reachable(w, func() *alloc.Slab { return &c.epoch.Load().slab })
	return c
}

func init() {
	hooks.Explored = func(w any, lifetime uint8, destroy func(data uint64)) any {
		c := exploredIn(w.(*explore.World), NewSpace(nil), Lifetime(lifetime))
		if destroy != nil {
			d := destructor(func(_ object, data pointer) {
				atomic.PlainRead(as[uint64](data))
				destroy(*as[uint64](data))
			})
			c.destroy.Store(&d)
		}
		v := new(Var[uint64, uint64])
		v.handle.of = c
		v.handle.class.Store(c)
		return v
	}
	hooks.Reap = func(v any) {
		v.(*Var[uint64, uint64]).handle.of.space.reap(func(*class, pointer) {})
	}
	hooks.FreeObject = func(v, obj any) int {
		return v.(*Var[uint64, uint64]).handle.of.space.FreeObject(obj)
	}
	hooks.Purge = func(v any) {
		v.(*Var[uint64, uint64]).handle.of.table.Purge()
	}
}
