package fuzz

import (
	"iter"

	"github.com/shadowvars/shadow"
)

// parent is what data is attached to.
type parent struct{ _ [6]uint64 }

// datum is what is attached: a number that tells one variable from all others. A copy has its original's number.
type datum struct{ token uint64 }

// handle is Var, or Any with its parents boxed.
type handle interface {
	Get(o *parent) *datum
	Has(o *parent) bool
	GetBatch(o []*parent, dst []*datum) int
	Alloc(o *parent, d *datum) (*datum, error)
	AllocFunc(o *parent, ctor func(*datum) error) (*datum, error)
	GetOrAlloc(o *parent, d *datum) (*datum, bool, error)
	GetOrAllocFunc(o *parent, ctor func(*datum) error) (*datum, bool, error)
	Free(o *parent) bool
	FreeIf(o *parent, d *datum) bool
	Take(o *parent) *datum
	Copy(dst, src *parent) (*datum, error)
	Move(dst, src *parent) (*datum, error)
	FreeAll() int
	FreeFunc(f func(o *parent, d *datum) bool) int
	All() iter.Seq2[*parent, *datum]
	Len() int
	Close() int
}

var _ handle = (*shadow.Var[parent, datum])(nil)

// boxed is a handle that is an Any.
type boxed struct{ v *shadow.Any[datum] }

// box keeps nil nil, as an interface value too.
func box(o *parent) any {
	if o == nil {
		return nil
	}
	return o
}

func unbox(o any) *parent {
	p, _ := o.(*parent)
	return p
}

func (b boxed) Get(o *parent) *datum { return b.v.Get(box(o)) }
func (b boxed) Has(o *parent) bool   { return b.v.Has(box(o)) }
func (b boxed) GetBatch(o []*parent, dst []*datum) int {
	all := make([]any, len(o))
	for i := range o {
		all[i] = box(o[i])
	}
	return b.v.GetBatch(all, dst)
}
func (b boxed) Alloc(o *parent, d *datum) (*datum, error) { return b.v.Alloc(box(o), d) }
func (b boxed) AllocFunc(o *parent, ctor func(*datum) error) (*datum, error) {
	return b.v.AllocFunc(box(o), ctor)
}
func (b boxed) GetOrAlloc(o *parent, d *datum) (*datum, bool, error) {
	return b.v.GetOrAlloc(box(o), d)
}
func (b boxed) GetOrAllocFunc(o *parent, ctor func(*datum) error) (*datum, bool, error) {
	return b.v.GetOrAllocFunc(box(o), ctor)
}
func (b boxed) Free(o *parent) bool                   { return b.v.Free(box(o)) }
func (b boxed) FreeIf(o *parent, d *datum) bool       { return b.v.FreeIf(box(o), d) }
func (b boxed) Take(o *parent) *datum                 { return b.v.Take(box(o)) }
func (b boxed) Copy(dst, src *parent) (*datum, error) { return b.v.Copy(box(dst), box(src)) }
func (b boxed) Move(dst, src *parent) (*datum, error) { return b.v.Move(box(dst), box(src)) }
func (b boxed) FreeAll() int                          { return b.v.FreeAll() }
func (b boxed) FreeFunc(f func(o *parent, d *datum) bool) int {
	return b.v.FreeFunc(func(o any, d *datum) bool { return f(unbox(o), d) })
}
func (b boxed) All() iter.Seq2[*parent, *datum] {
	return func(yield func(*parent, *datum) bool) {
		for o, d := range b.v.All() {
			if !yield(unbox(o), d) {
				return
			}
		}
	}
}
func (b boxed) Len() int   { return b.v.Len() }
func (b boxed) Close() int { return b.v.Close() }

// openVar opens a class of the program.
func openVar(space *shadow.Space, id shadow.ID, l shadow.Lifetime, destroy func(*parent, *datum)) handle {
	return shadow.MustNew(id, &shadow.Options[parent, datum]{Space: space, Lifetime: l, Destroy: destroy})
}

func openAny(space *shadow.Space, id shadow.ID, l shadow.Lifetime, destroy func(*parent, *datum)) handle {
	return boxed{shadow.MustNewAny(id, &shadow.AnyOptions[datum]{
		Space: space, Lifetime: l, Destroy: func(o any, d *datum) { destroy(unbox(o), d) },
	})}
}
