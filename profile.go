package shadow

import (
	"iter"
	"math/rand/v2"
	"reflect"
	"runtime"
	"strings"
	"time"
)

// profile is what a class with Options.Profile has in addition. Nothing is ever taken out of it again: it is read by walking the
// live slots, each of which has the mark of its stack, so that after any end of variables whatever the count is right at once, and no end costs more than without it.
type profile struct {
	rate   int // one attachment in so many is recorded
	began  time.Time
	stacks stacks
}

// deepest is how many program counters of a stack are kept, as the runtime's own profiles did up to Go 1.22; the stacks of a recursion that differ only beyond that are one.
const deepest = 32

// record marks a slot of e by the stack that attaches its variable and the time, or by 0 if this attachment is not one of the sampled ones. The slot is
// the caller's and not live yet; the index may have been another slot's, whose mark still stands.
//
//go:noinline
func (f *profile) record(e *epoch, index uint32) {
	if f.rate > 1 && rand.N(f.rate) != 0 {
		e.marks.set(index, 0)
		return
	}
	var counters [deepest]uintptr
	// Without Callers itself, record and describe. The rest of the library's own calls is cut off when the stack is read.
	n := runtime.Callers(3, counters[:])
	e.marks.set(index, newMark(f.stacks.number(counters[:n]), time.Since(f.began)))
}

// Sample is a group of live variables: those of one class that one stack attached and that the class's profile has recorded.
type Sample struct {
	ID       ID
	Name     string // the class's
	Lifetime Lifetime
	Type     string // the handle's type, as "Var[main.Conn, main.Note]"

	Rate  int             // one attachment in so many was recorded: Count times Rate estimates how many there are
	Count int             // recorded variables that are live
	Bytes uintptr         // bytes of their slots and handles, and of the data of [Bytes]
	Stack []runtime.Frame // who attached them, innermost first, without the library's own calls
}

// Samples yields the recorded variables that are live, by class and attaching stack, in no particular order: the profile
// of classes that were opened with [Options.Profile], nothing for others. Package shadowpprof makes a file for go tool pprof of it.
//
// It looks at the variables themselves, so it is right at once after Free, FreeAll, Take and Close; a variable whose parent the
// collector has found dead is not in it any more, reaped or not, and one that was moved is, under the stack that attached it first. It
// keeps no parent alive and stops nobody. It takes time in proportion to the variables of the
// profiled classes and allocates in proportion to the stacks. In the terms of the memory model it is a read operation, as All is.
func (s *Space) Samples() iter.Seq[Sample] {
	return func(yield func(Sample) bool) {
		for _, c := range s.classes.Load().open {
			if c.profile != nil && !c.samples(yield) {
				return
			}
		}
	}
}

// group is what is live of one stack.
type group struct {
	count int
	bytes uintptr
}

// samples yields the class's recorded variables by stack.
func (c *class) samples(yield func(Sample) bool) bool {
	live := c.groups()
	return c.profile.stacks.each(func(s *stack) bool {
		of := live[s.number]
		return of.count == 0 || yield(Sample{
			ID: c.identity.id, Name: *c.name.Load(), Lifetime: c.lifetime, Type: c.identity.handleType(),
			Rate: c.profile.rate, Count: of.count, Bytes: of.bytes, Stack: frames(s.counters),
		})
	})
}

// groups counts the class's present recorded variables by the numbers of their stacks.
func (c *class) groups() map[uint32]group {
	live := map[uint32]group{}
	c.recorded(func(m mark, p pointer) {
		of := live[m.number()]
		of.count++
		of.bytes += c.sizeOf(p)
		live[m.number()] = of
	})
	return live
}

// recorded visits the slots of the class's present recorded variables.
func (c *class) recorded(visit func(m mark, p pointer)) {
	g := c.enter()
	defer g.leave()
	for index, p := range g.e.slab.Range {
		m := g.e.marks.get(index)
		if m == 0 {
			continue
		}
		if _, present := c.confirm(g.e, index, p); present && !(c.lifetime == Collected && g.e.orphaned(index)) {
			visit(m, p)
		}
	}
}

// orphaned tells whether the parent of the slot of index of a Collected class is dead, without touching the parent.
func (e *epoch) orphaned(index uint32) bool {
	h := e.handle(index)
	return h == nil || h == condemned || h != transit && h.Dead()
}

// sizeOf is what the variable in slot p takes.
func (c *class) sizeOf(p pointer) uintptr {
	if c.sizes != nil {
		return c.sizes.taken(len(c.sizes.in(p))) + c.layout.SideBytes()
	}
	return c.layout.Stride() + c.layout.SideBytes()
}

// own is how the names of this package's functions begin.
var own = reflect.TypeFor[Space]().PkgPath() + "."

// frames are the calls of a stack, from the one that called the library on.
func frames(counters []uintptr) []runtime.Frame {
	var all []runtime.Frame
	for next, more := runtime.CallersFrames(counters), true; more; {
		var f runtime.Frame
		if f, more = next.Next(); f.PC != 0 && (len(all) > 0 || !strings.HasPrefix(f.Function, own)) {
			all = append(all, f)
		}
	}
	return all
}
