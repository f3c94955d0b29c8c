package shadow

import (
	"reflect"

	"github.com/shadowvars/shadow/alloc"
	"github.com/shadowvars/shadow/internal/parent"
)

// slot is what a slab of a class is made of: the data first, so that the data's
// alignment is the slab's, and behind it what the library must know about the parent.
type slot[T, M any] struct {
	data T
	meta M
}

// The meta words of a slot, by lifetime. The first word of each tells the address.
type (
	manualMeta struct {
		address uintptr
	}
	pinnedMeta struct {
		pin pointer
	}
	collectedMeta struct {
		address uintptr
		handle  pointer
	}
	// Any keeps the dynamic type beside the parent, to hand out the same interface value again. It
	// is written once, with the slot's first parent; what Move changes together is one record (see moved).
	manualAnyMeta struct {
		address uintptr
		anyMeta
	}
	pinnedAnyMeta struct {
		pin pointer
		anyMeta
	}
	collectedAnyMeta struct {
		address uintptr
		handle  pointer
		anyMeta
	}
	anyMeta struct {
		dynamic pointer
		moved   pointer // *moved
	}
)

// moved is the parent of an Any variable that has been moved: pointer and dynamic type in one immutable record, because two
// words read one after the other could belong to two parents, and a pointer with another's type must never be seen.
type moved struct {
	pin     pointer       // Pinned
	handle  parent.Handle // Collected
	dynamic pointer
}

// ended is the record of a variable that has ended: nobody's. The word never goes back to nil, or a reader that looks at it before and after it
// reads the pointer would miss a move in between.
var ended moved

// shape is where things are in a class's slots.
type shape struct {
	layout  *alloc.Layout
	meta    uintptr
	dynamic uintptr    // 0 if none is kept
	sizes   *byteSizes // nil if the class is not one of Bytes
}

// shapeOf lays out the slots of a class with data T. Data that holds pointers gets a chunk for each
// variable, so that a dead one keeps nothing alive.
func shapeOf[T any](i identity, holdsPointers, isolate bool) shape {
	o := alloc.LayoutOptions{Single: holdsPointers, Isolate: isolate}
	switch {
	case i.lifetime == Manual && i.kind == kindAny:
		return shapeWith[T, manualAnyMeta](o, true)
	case i.lifetime == Manual:
		return shapeWith[T, manualMeta](o, false)
	case i.lifetime == Pinned && i.kind == kindAny:
		return shapeWith[T, pinnedAnyMeta](o, true)
	case i.lifetime == Pinned:
		return shapeWith[T, pinnedMeta](o, false)
	case i.kind == kindAny:
		o.Note = metaOffset[T, collectedAnyMeta]() + handleOffset
		return shapeWith[T, collectedAnyMeta](o, true)
	default:
		o.Note = metaOffset[T, collectedMeta]() + handleOffset
		return shapeWith[T, collectedMeta](o, false)
	}
}

func shapeWith[T, M any](o alloc.LayoutOptions, dynamic bool) shape {
	s := shape{layout: alloc.LayoutOf[slot[T, M]](o), meta: metaOffset[T, M]()}
	if dynamic {
		s.dynamic = s.meta + reflect.TypeFor[M]().Size() - reflect.TypeFor[anyMeta]().Size()
	}
	return s
}
