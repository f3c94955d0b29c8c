//go:build !explore && !faults

// Package atomic is the one layer through which every shared word of the
// library goes. In a normal build it is nothing but aliases of the sync/atomic
// types; under the build tag explore each access first yields to a scheduler
// (see package explore), which is how interleavings of the real code are
// enumerated, and under the tag faults it is a point at which the stress program
// stops goroutines. Outside of these the tagged builds behave as the normal
// one, so a whole test suite can be run with a tag.
//
// A package that uses the words must import sync/atomic as well, if only as _: the compiler inlines the
// methods of an alias's type only if it has read the package that they are in.
package atomic

import (
	"runtime"
	"sync"
	"sync/atomic"
	"unsafe"
)

type (
	Bool    = atomic.Bool
	Int32   = atomic.Int32
	Int64   = atomic.Int64
	Uint32  = atomic.Uint32
	Uint64  = atomic.Uint64
	Uintptr = atomic.Uintptr

	Pointer[T any] = atomic.Pointer[T]
)

// Mutex is sync.Mutex. The scheduler knows who waits for it; it could not see
// that of a lock that did not go through this layer, and would hang.
type Mutex = sync.Mutex

// Exploring tells whether shared accesses yield to a scheduler.
const Exploring = false

// LoadPointer, StorePointer, SwapPointer and CompareAndSwapPointer are those of sync/atomic, for words in typed slots.
//
// Safety: the caller passes a word of its own typed memory; nothing is converted here.
func LoadPointer(p *unsafe.Pointer) unsafe.Pointer                   { return atomic.LoadPointer(p) }
func StorePointer(p *unsafe.Pointer, v unsafe.Pointer)               { atomic.StorePointer(p, v) }
func SwapPointer(p *unsafe.Pointer, v unsafe.Pointer) unsafe.Pointer { return atomic.SwapPointer(p, v) }
func CompareAndSwapPointer(p *unsafe.Pointer, old, new unsafe.Pointer) bool {
	return atomic.CompareAndSwapPointer(p, old, new)
}

// LoadUintptr and StoreUintptr are those of sync/atomic.
func LoadUintptr(p *uintptr) uintptr     { return atomic.LoadUintptr(p) }
func StoreUintptr(p *uintptr, v uintptr) { atomic.StoreUintptr(p, v) }

// Hold begins to keep p alive. It is free: Keep is what matters to the collector.
func Hold[T any](p *T) *T { return p }

// Keep ends what Hold began: p has been reachable until here. It costs p a stack slot, no more.
//
// Safety: the pointer goes nowhere. As a *T, runtime.KeepAlive would take it in an interface, whose type
// generic code loads from its dictionary; an unsafe.Pointer has a constant one.
func Keep[T any](p *T) { runtime.KeepAlive(unsafe.Pointer(p)) }

// PlainWrite says that the caller is about to write to *p by plain stores, which whoever finds p later reads. It is free.
func PlainWrite[T any](*T) {}

// WhenUnreachable runs f(arg) some time after the collector has found p unreachable.
func WhenUnreachable[T, A any](p *T, f func(A), arg A) { runtime.AddCleanup(p, f, arg) }

// AfterCollection runs f(arg) once, after the next collection that begins or after the one that is under way. f must not block: others' cleanups and
// finalizers wait for it.
func AfterCollection[A any](f func(A), arg A) *Collection { return afterCollection(f, arg) }

// Go runs f in a goroutine of the library's own.
func Go(f func()) { go f() }

// Wait receives from done: it returns once done is closed or sent to.
func Wait(done <-chan struct{}) { <-done }
