package main

import "github.com/shadowvars/shadow"

// slices is api for Bytes, which has no constructors, no Move, FreeIf and FreeFunc: what there is stands in for them.
type slices struct{ v *shadow.Bytes[parent] }

func openBytes(id shadow.ID, space *shadow.Space, l shadow.Lifetime, destroy func(*parent, held)) api {
	v, err := shadow.NewBytes(id, &shadow.BytesOptions[parent]{
		Space: space, Lifetime: l, Destroy: func(o *parent, p []byte) { destroy(o, octets(p)) },
	})
	if err != nil {
		panic(err)
	}
	return slices{v}
}

func wrapBytes(p []byte) held {
	if p == nil {
		return nil
	}
	return octets(p)
}

// size is the size of a variable's data, which is more than its tag.
func size(r record) int { return 24 + int(r.incarnation*7%520) }

func (a slices) get(o *parent) held { return wrapBytes(a.v.Get(o)) }
func (a slices) batch(o []*parent) []held {
	h := make([]held, len(o))
	for i := range o {
		h[i] = a.get(o[i])
	}
	return h
}
func (a slices) alloc(o *parent, r record) (held, error) {
	p, err := a.v.Alloc(o, octetsOf(r), size(r))
	return wrapBytes(p), err
}
func (a slices) allocFunc(o *parent, ctor func() (record, error)) (held, error) {
	r, err := ctor()
	if err != nil {
		return nil, err
	}
	return a.alloc(o, r)
}
func (a slices) getOrAlloc(o *parent, r record) (held, bool, error) {
	p, loaded, err := a.v.GetOrAlloc(o, octetsOf(r), size(r))
	return wrapBytes(p), loaded, err
}
func (a slices) getOrAllocFunc(o *parent, ctor func() (record, error)) (held, bool, error) {
	r, err := ctor()
	if err != nil {
		return nil, false, err
	}
	return a.getOrAlloc(o, r)
}
func (a slices) move(*parent, *parent) (held, error) { return nil, shadow.ErrAbsent }
func (a slices) free(o *parent) bool                 { return a.v.Free(o) }
func (a slices) freeIf(o *parent, _ held) bool       { return a.v.Free(o) }
func (a slices) takeOff(o *parent) held              { return wrapBytes(a.v.Take(o)) }
func (a slices) freeAll() int                        { return a.v.FreeAll() }
func (a slices) freeFunc(func(*parent, held) bool) int {
	return 0
}
func (a slices) each(f func(*parent, held) bool) {
	for o, p := range a.v.All() {
		if !f(o, octets(p)) {
			return
		}
	}
}
func (a slices) len() int   { return a.v.Len() }
func (a slices) close() int { return a.v.Close() }
