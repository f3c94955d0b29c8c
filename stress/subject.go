package main

import (
	"sync/atomic"

	"github.com/shadowvars/shadow"
)

// subject is one class under stress, whatever kind of handle it has.
type subject struct {
	name     string
	lifetime shadow.Lifetime
	reopens  bool // its handle is closed and opened again now and then
	bytes    bool // its handle is one of Bytes, which has no Move
	open     func() api
	handle   atomic.Pointer[api]

	reopening atomic.Bool

	begun     atomic.Uint64 // sweeps (FreeAll, FreeFunc, Close) that have begun
	over      atomic.Uint64 // sweeps that have ended
	swept     atomic.Uint64 // the greatest number of a FreeAll or Close that has ended
	attached  atomic.Int64  // successful attachments
	destroyed atomic.Int64  // calls of Destroy
	taken     atomic.Int64
}

func (c *subject) api() api { return *c.handle.Load() }

// unquiet is calm's answer while a sweep is under way.
const unquiet = ^uint64(0)

// calm returns how many sweeps have begun, if none of them is still under way. As long as begun is the same
// afterwards, no sweep has interfered.
func (c *subject) calm() uint64 {
	over := c.over.Load()
	if begun := c.begun.Load(); begun == over {
		return begun
	}
	return unquiet
}

// api is what the three kinds of handle have in common, data as held. A nil result is a nil interface.
type api interface {
	get(o *parent) held
	batch(o []*parent) []held
	alloc(o *parent, r record) (held, error)
	allocFunc(o *parent, ctor func() (record, error)) (held, error)
	getOrAlloc(o *parent, r record) (held, bool, error)
	getOrAllocFunc(o *parent, ctor func() (record, error)) (held, bool, error)
	move(dst, src *parent) (held, error)
	free(o *parent) bool
	freeIf(o *parent, h held) bool
	takeOff(o *parent) held
	freeAll() int
	freeFunc(f func(o *parent, h held) bool) int
	each(f func(o *parent, h held) bool)
	len() int
	close() int
}

// filled is a pointer to data that can be filled from a record.
type filled[T any] interface {
	*T
	held
	fill(r record)
}

// wrap makes a held of p, nil of nil.
func wrap[T any, P filled[T]](p *T) held {
	if p == nil {
		return nil
	}
	return P(p)
}

func wrapAll[T any, P filled[T]](p []*T) []held {
	h := make([]held, len(p))
	for i := range p {
		h[i] = wrap[T, P](p[i])
	}
	return h
}

func constructor[T any, P filled[T]](ctor func() (record, error)) func(*T) error {
	return func(p *T) error {
		r, err := ctor()
		P(p).fill(r)
		return err
	}
}

// vars is api for Var.
type vars[T any, P filled[T]] struct{ v *shadow.Var[parent, T] }

func openVar[T any, P filled[T]](id shadow.ID, space *shadow.Space, l shadow.Lifetime, destroy func(*parent, held)) api {
	return vars[T, P]{shadow.MustNew(id, &shadow.Options[parent, T]{
		Space: space, Lifetime: l, Destroy: func(o *parent, p *T) { destroy(o, P(p)) },
	})}
}

func (a vars[T, P]) get(o *parent) held { return wrap[T, P](a.v.Get(o)) }
func (a vars[T, P]) batch(o []*parent) []held {
	p := make([]*T, len(o))
	a.v.GetBatch(o, p)
	return wrapAll[T, P](p)
}
func (a vars[T, P]) alloc(o *parent, r record) (held, error) {
	var data T
	P(&data).fill(r)
	p, err := a.v.Alloc(o, &data)
	return wrap[T, P](p), err
}
func (a vars[T, P]) allocFunc(o *parent, ctor func() (record, error)) (held, error) {
	p, err := a.v.AllocFunc(o, constructor[T, P](ctor))
	return wrap[T, P](p), err
}
func (a vars[T, P]) getOrAlloc(o *parent, r record) (held, bool, error) {
	var data T
	P(&data).fill(r)
	p, loaded, err := a.v.GetOrAlloc(o, &data)
	return wrap[T, P](p), loaded, err
}
func (a vars[T, P]) getOrAllocFunc(o *parent, ctor func() (record, error)) (held, bool, error) {
	p, loaded, err := a.v.GetOrAllocFunc(o, constructor[T, P](ctor))
	return wrap[T, P](p), loaded, err
}
func (a vars[T, P]) move(dst, src *parent) (held, error) {
	p, err := a.v.Move(dst, src)
	return wrap[T, P](p), err
}
func (a vars[T, P]) free(o *parent) bool           { return a.v.Free(o) }
func (a vars[T, P]) freeIf(o *parent, h held) bool { return a.v.FreeIf(o, (*T)(h.(P))) }
func (a vars[T, P]) takeOff(o *parent) held        { return wrap[T, P](a.v.Take(o)) }
func (a vars[T, P]) freeAll() int                  { return a.v.FreeAll() }
func (a vars[T, P]) freeFunc(f func(*parent, held) bool) int {
	return a.v.FreeFunc(func(o *parent, p *T) bool { return f(o, P(p)) })
}
func (a vars[T, P]) each(f func(*parent, held) bool) {
	for o, p := range a.v.All() {
		if !f(o, P(p)) {
			return
		}
	}
}
func (a vars[T, P]) len() int   { return a.v.Len() }
func (a vars[T, P]) close() int { return a.v.Close() }

// anys is api for Any.
type anys[T any, P filled[T]] struct{ v *shadow.Any[T] }

func openAny[T any, P filled[T]](id shadow.ID, space *shadow.Space, l shadow.Lifetime, destroy func(*parent, held)) api {
	v, err := shadow.NewAny(id, &shadow.AnyOptions[T]{
		Space: space, Lifetime: l, Destroy: func(o any, p *T) { destroy(unbox(o), P(p)) },
	})
	if err != nil {
		panic(err)
	}
	return anys[T, P]{v}
}

// unbox is the parent in an interface value: nil of none, and a panic where the library gives back another type than it was given.
func unbox(o any) *parent {
	if o == nil {
		return nil
	}
	return o.(*parent)
}

func (a anys[T, P]) get(o *parent) held { return wrap[T, P](a.v.Get(o)) }
func (a anys[T, P]) batch(o []*parent) []held {
	boxed := make([]any, len(o))
	for i := range o {
		boxed[i] = o[i]
	}
	p := make([]*T, len(o))
	a.v.GetBatch(boxed, p)
	return wrapAll[T, P](p)
}
func (a anys[T, P]) alloc(o *parent, r record) (held, error) {
	var data T
	P(&data).fill(r)
	p, err := a.v.Alloc(o, &data)
	return wrap[T, P](p), err
}
func (a anys[T, P]) allocFunc(o *parent, ctor func() (record, error)) (held, error) {
	p, err := a.v.AllocFunc(o, constructor[T, P](ctor))
	return wrap[T, P](p), err
}
func (a anys[T, P]) getOrAlloc(o *parent, r record) (held, bool, error) {
	var data T
	P(&data).fill(r)
	p, loaded, err := a.v.GetOrAlloc(o, &data)
	return wrap[T, P](p), loaded, err
}
func (a anys[T, P]) getOrAllocFunc(o *parent, ctor func() (record, error)) (held, bool, error) {
	p, loaded, err := a.v.GetOrAllocFunc(o, constructor[T, P](ctor))
	return wrap[T, P](p), loaded, err
}
func (a anys[T, P]) move(dst, src *parent) (held, error) {
	p, err := a.v.Move(dst, src)
	return wrap[T, P](p), err
}
func (a anys[T, P]) free(o *parent) bool           { return a.v.Free(o) }
func (a anys[T, P]) freeIf(o *parent, h held) bool { return a.v.FreeIf(o, (*T)(h.(P))) }
func (a anys[T, P]) takeOff(o *parent) held        { return wrap[T, P](a.v.Take(o)) }
func (a anys[T, P]) freeAll() int                  { return a.v.FreeAll() }
func (a anys[T, P]) freeFunc(f func(*parent, held) bool) int {
	return a.v.FreeFunc(func(o any, p *T) bool { return f(unbox(o), P(p)) })
}
func (a anys[T, P]) each(f func(*parent, held) bool) {
	for o, p := range a.v.All() {
		if !f(unbox(o), P(p)) {
			return
		}
	}
}
func (a anys[T, P]) len() int   { return a.v.Len() }
func (a anys[T, P]) close() int { return a.v.Close() }
