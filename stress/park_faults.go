//go:build faults

package main

import (
	"path"
	"runtime"
	"strings"
	"sync/atomic"

	hooked "github.com/shadowvars/shadow/internal/atomic"
)

// accesses tells whether writes to the library's shared words are fault points.
const accesses = true

// parking is the lot of the run that is under way.
var parking atomic.Pointer[lot]

// The hook is set once and for all: the library's own goroutines, which go by it, outlive a run.
func init() {
	hooked.Step = func(_ uintptr, write bool) {
		l := parking.Load()
		if l == nil || !write {
			return
		}
		if n := l.draw(); n%l.rarity == 0 {
			l.park(pointOf(), n)
		}
	}
}

// watchAccesses makes every write to a shared word of the library a fault point of this lot.
func (l *lot) watchAccesses() { parking.Store(l) }

func (l *lot) forgetAccesses() { parking.Store(nil) }

// pointOf is the function of the library that is about to write.
func pointOf() string {
	var callers [16]uintptr
	frames := runtime.CallersFrames(callers[:runtime.Callers(2, callers[:])])
	for {
		f, more := frames.Next()
		name := path.Base(f.Function)
		if !more {
			return name
		}
		if !strings.HasPrefix(name, "atomic.") && !strings.HasPrefix(name, "main.") && !strings.HasPrefix(name, "stress.") {
			// Of a function of a type with parameters, the parameters are left out.
			before, after, _ := strings.Cut(name, "[...]")
			return before + after
		}
	}
}
