//go:build explore || faults

// Package atomic, built for exploration and for stops: the words are still those of
// sync/atomic, but each access calls Step first. With the hooks nil, that is
// outside an exploration, everything behaves as in the normal build.
package atomic

import (
	"runtime"
	"sync"
	"sync/atomic"
	"unsafe"
)

// Exploring tells whether shared accesses yield to a scheduler.
const Exploring = true

// The hooks of the scheduler; nil outside an exploration.
var (
	// Step is called before every shared access with the word's address and whether the access may
	// write. Word 0 is an access to something that has no address, such as a channel.
	Step func(word uintptr, write bool)

	// OnPlain is called by PlainWrite and PlainRead as Step is before shared accesses.
	OnPlain func(word uintptr, write bool)

	// OnHold and OnKeep are called by Hold and Keep, OnWatch by WhenUnreachable, because the
	// scheduler plays the collector. p is a non-nil pointer; its dynamic type is *T.
	OnHold  func(p any)
	OnKeep  func(p any)
	OnWatch func(p any, f func())

	// Running returns the number of the thread that runs, -1 if none of an exploration does.
	Running func() int

	// OnWait is called where a thread would block; it returns once ready() is true.
	OnWait func(ready func() bool)
)

// Busy is locked while an exploration runs. What the runtime runs by itself waits for its end: in a goroutine of its own, but by way of the
// hooks, it would be taken for a step of the exploration's threads.
var Busy sync.RWMutex

// idly returns f, but not while an exploration runs.
func idly[A any](f func(A)) func(A) {
	return func(arg A) {
		Busy.RLock()
		defer Busy.RUnlock()
		f(arg)
	}
}

// Safety: the address only names the word; it is never turned back into a pointer.
func reads[W any](w *W) {
	if Step != nil {
		Step(uintptr(unsafe.Pointer(w)), false)
	}
}

// Safety: as for reads.
func writes[W any](w *W) {
	if Step != nil {
		Step(uintptr(unsafe.Pointer(w)), true)
	}
}

// scalar is what a Bool and the numbers have in common.
type scalar[N, A any] interface {
	*A
	Load() N
	Store(N)
	Swap(N) N
	CompareAndSwap(old, new N) bool
}

type number[N, A any] interface {
	scalar[N, A]
	Add(N) N
	Or(N) N
	And(N) N
}

type scalarWord[N, A any, P scalar[N, A]] struct{ a A }

func (w *scalarWord[N, A, P]) Load() N    { reads(w); return P(&w.a).Load() }
func (w *scalarWord[N, A, P]) Store(n N)  { writes(w); P(&w.a).Store(n) }
func (w *scalarWord[N, A, P]) Swap(n N) N { writes(w); return P(&w.a).Swap(n) }
func (w *scalarWord[N, A, P]) CompareAndSwap(old, new N) bool {
	writes(w)
	return P(&w.a).CompareAndSwap(old, new)
}

type numberWord[N, A any, P number[N, A]] struct{ scalarWord[N, A, P] }

func (w *numberWord[N, A, P]) Add(n N) N { writes(w); return P(&w.a).Add(n) }
func (w *numberWord[N, A, P]) Or(n N) N  { writes(w); return P(&w.a).Or(n) }
func (w *numberWord[N, A, P]) And(n N) N { writes(w); return P(&w.a).And(n) }

type (
	Bool struct {
		scalarWord[bool, atomic.Bool, *atomic.Bool]
	}
	Int32 struct {
		numberWord[int32, atomic.Int32, *atomic.Int32]
	}
	Int64 struct {
		numberWord[int64, atomic.Int64, *atomic.Int64]
	}
	Uint32 struct {
		numberWord[uint32, atomic.Uint32, *atomic.Uint32]
	}
	Uint64 struct {
		numberWord[uint64, atomic.Uint64, *atomic.Uint64]
	}
	Uintptr struct {
		numberWord[uintptr, atomic.Uintptr, *atomic.Uintptr]
	}
)

// Pointer has the methods of atomic.Pointer.
type Pointer[T any] struct{ a atomic.Pointer[T] }

func (p *Pointer[T]) Load() *T     { reads(p); return p.a.Load() }
func (p *Pointer[T]) Store(v *T)   { writes(p); p.a.Store(v) }
func (p *Pointer[T]) Swap(v *T) *T { writes(p); return p.a.Swap(v) }
func (p *Pointer[T]) CompareAndSwap(old, new *T) bool {
	writes(p)
	return p.a.CompareAndSwap(old, new)
}

// LoadPointer, StorePointer, SwapPointer and CompareAndSwapPointer are those of sync/atomic, for words in typed slots.
//
// Safety: the caller passes a word of its own typed memory; nothing is converted here.
func LoadPointer(p *unsafe.Pointer) unsafe.Pointer     { reads(p); return atomic.LoadPointer(p) }
func StorePointer(p *unsafe.Pointer, v unsafe.Pointer) { writes(p); atomic.StorePointer(p, v) }
func SwapPointer(p *unsafe.Pointer, v unsafe.Pointer) unsafe.Pointer {
	writes(p)
	return atomic.SwapPointer(p, v)
}
func CompareAndSwapPointer(p *unsafe.Pointer, old, new unsafe.Pointer) bool {
	writes(p)
	return atomic.CompareAndSwapPointer(p, old, new)
}

// LoadUintptr and StoreUintptr are those of sync/atomic.
func LoadUintptr(p *uintptr) uintptr     { reads(p); return atomic.LoadUintptr(p) }
func StoreUintptr(p *uintptr, v uintptr) { writes(p); atomic.StoreUintptr(p, v) }

// Hold begins to keep p alive. Call it on the very value just loaded: there is no step between.
func Hold[T any](p *T) *T {
	if OnHold != nil && p != nil {
		OnHold(p)
	}
	return p
}

// Keep ends what Hold began.
func Keep[T any](p *T) {
	if OnKeep != nil && p != nil {
		OnKeep(p)
	}
	runtime.KeepAlive(p)
}

// PlainWrite says that the caller is about to write to *p by plain stores, and PlainRead that it is about to read what they wrote: so
// that the scheduler, to which plain accesses are nothing, runs a reader before a write that comes too late.
func PlainWrite[T any](p *T) { plain(p, true) }
func PlainRead[T any](p *T)  { plain(p, false) }

// Safety: as for reads.
func plain[T any](p *T, write bool) {
	if OnPlain != nil {
		OnPlain(uintptr(unsafe.Pointer(p)), write)
	}
}

// WhenUnreachable registers f(arg) to run when the scheduler, playing the collector, finds p unreachable.
func WhenUnreachable[T, A any](p *T, f func(A), arg A) {
	if OnWatch != nil {
		OnWatch(p, func() { f(arg) })
		return
	}
	runtime.AddCleanup(p, idly(f), arg)
}

// AfterCollection runs f(arg) after a collection; in an exploration never: what f does, a thread of the exploration can do.
func AfterCollection[A any](f func(A), arg A) *Collection {
	if OnWatch != nil {
		return new(Collection)
	}
	return afterCollection(idly(f), arg)
}

// Go runs f in a goroutine of the library's own, but not while an exploration runs: what f does, a thread of the exploration can do.
func Go(f func()) { go idly(func(struct{}) { f() })(struct{}{}) }

// Wait receives from done, which is only ever closed: it returns once that has happened.
func Wait(done <-chan struct{}) {
	if OnWait == nil {
		<-done
		return
	}
	if Step != nil {
		Step(0, true)
	}
	OnWait(func() bool {
		select {
		case <-done:
			return true
		default:
			return false
		}
	})
}

// Mutex is a lock whose waiters the scheduler knows.
type Mutex struct{ m sync.Mutex }

// Lock locks m.
func (m *Mutex) Lock() {
	if OnWait == nil {
		writes(m)
		m.m.Lock()
		return
	}
	// Each attempt is a step: it decides who has the lock.
	for !m.TryLock() {
		OnWait(m.free)
	}
}

// free takes nothing: the scheduler asks it of threads that it may not choose.
func (m *Mutex) free() bool {
	if !m.m.TryLock() {
		return false
	}
	m.m.Unlock()
	return true
}

// TryLock tries to lock m.
func (m *Mutex) TryLock() bool { writes(m); return m.m.TryLock() }

// Unlock unlocks m.
func (m *Mutex) Unlock() { writes(m); m.m.Unlock() }
