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

// The meta words of a slot. The first word of each tells the address. The handle of a Collected one is not among them: it is the slot's word in a
// [alloc.Side], so that the collector, and the reaper after each collection, find handles beside handles, and data without pointers is not looked into.
type (
	// addressMeta is that of Manual and Collected slots.
	addressMeta struct {
		address uintptr
	}
	pinnedMeta struct {
		pin pointer
	}
	// Any keeps the dynamic type beside the parent, to hand out the same interface value again. It
	// is written once, with the slot's first parent; what Move changes together is one record (see moved).
	addressAnyMeta struct {
		address uintptr
		anyMeta
	}
	pinnedAnyMeta struct {
		pin pointer
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
	o := alloc.LayoutOptions{Single: holdsPointers, Isolate: isolate, Sides: i.lifetime == Collected}
	switch {
	case i.lifetime == Pinned && i.kind == kindAny:
		return shapeWith[T, pinnedAnyMeta](o, true)
	case i.lifetime == Pinned:
		return shapeWith[T, pinnedMeta](o, false)
	case i.kind == kindAny:
		return shapeWith[T, addressAnyMeta](o, true)
	default:
		return shapeWith[T, addressMeta](o, false)
	}
}

func shapeWith[T, M any](o alloc.LayoutOptions, dynamic bool) shape {
	s := shape{layout: alloc.LayoutOf[slot[T, M]](o), meta: metaOffset[T, M]()}
	if dynamic {
		s.dynamic = s.meta + reflect.TypeFor[M]().Size() - reflect.TypeFor[anyMeta]().Size()
	}
	return s
}
