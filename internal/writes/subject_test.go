//go:build explore

package writes

import (
	"bytes"
	"runtime"
	"runtime/debug"
	"runtime/metrics"
	"testing"
	"time"

	"github.com/shadowvars/shadow"
)

// parent, plain and linked are the objects and the data of the counts: data without pointers shares its chunk, data with pointers has one of
// its own.
type (
	parent struct{ words [6]*byte }
	plain  struct{ a, b uint64 }
	linked struct{ a, b *uint64 }
)

// counted is how many operations are counted of each kind, and warmedUp how many attachments come before, so that
// the slab's segments have their full size.
const (
	counted  = 1 << 13
	warmedUp = 48_000
	presized = 1 << 18
)

// Lines written by at most pairLines operations are those of the pair itself and its neighbours; by more than that and up to groupLines
// those of a group of slots; by more still those that a whole class or table has in common.
const (
	pairLines  = 16
	groupLines = 300
)

// operation is a kind of operation, what has to be there before and what is done to each object.
type operation struct {
	name    string
	present bool   // whether the objects have variables
	usual   [3]int // by lifetime, for data without pointers
	single  int    // more, for data with pointers
	common  int    // of these: to lines that the whole class or table has in common
	do      func(s *subject, i int)
}

// subject is a class in a space of its own, with the objects that are counted.
type subject struct {
	space  *shadow.Space
	v      handle
	objs   []*parent
	others []*parent // the warm-up's: they all have variables
}

// handle is what the counts ask of a class, whatever its data.
type handle interface {
	get(obj *parent) bool
	has(obj *parent) bool
	getBatch(objs []*parent) int
	getOrAlloc(obj *parent) bool
	getOrAllocFunc(obj *parent) bool
	alloc(obj *parent) bool
	allocFunc(obj *parent) bool
	free(obj *parent) bool
	take(obj *parent) bool
	move(dst, src *parent) bool
}

type class[T any] struct {
	*shadow.Var[parent, T]
	batch [16]*T
}

func (c *class[T]) get(obj *parent) bool                { return c.Get(obj) != nil }
func (c *class[T]) has(obj *parent) bool                { return c.Has(obj) }
func (c *class[T]) getBatch(objs []*parent) int         { return c.GetBatch(objs, c.batch[:]) }
func (c *class[T]) getOrAlloc(obj *parent) (found bool) { _, found, _ = c.GetOrAlloc(obj, nil); return }
func (c *class[T]) getOrAllocFunc(obj *parent) (found bool) {
	_, found, _ = c.GetOrAllocFunc(obj, func(*T) error { return nil })
	return
}
func (c *class[T]) alloc(obj *parent) bool { _, err := c.Alloc(obj, nil); return err == nil }
func (c *class[T]) allocFunc(obj *parent) bool {
	_, err := c.AllocFunc(obj, func(*T) error { return nil })
	return err == nil
}
func (c *class[T]) free(obj *parent) bool      { return c.Free(obj) }
func (c *class[T]) take(obj *parent) bool      { return c.Take(obj) != nil }
func (c *class[T]) move(dst, src *parent) bool { _, err := c.Move(dst, src); return err == nil }

func newSubject(l shadow.Lifetime, pointers bool, presize int) *subject {
	space := shadow.NewSpace(&shadow.SpaceOptions{Presize: presize})
	s := &subject{space: space}
	if pointers {
		s.v = &class[linked]{Var: shadow.MustNew(1, &shadow.Options[parent, linked]{Space: space, Lifetime: l})}
	} else {
		s.v = &class[plain]{Var: shadow.MustNew(1, &shadow.Options[parent, plain]{Space: space, Lifetime: l})}
	}
	for range counted {
		s.objs = append(s.objs, new(parent))
	}
	return s
}

// warmUp attaches to other objects, and then, if the operation wants it, to those that are counted.
func (s *subject) warmUp(present bool) {
	for range warmedUp {
		s.others = append(s.others, new(parent))
		s.v.alloc(s.others[len(s.others)-1])
	}
	if present {
		for _, obj := range s.objs {
			s.v.alloc(obj)
		}
	}
}

// tally counts one kind of operation.
func (o operation) tally(t testing.TB, l shadow.Lifetime, pointers bool) *Tally {
	t.Helper()
	// Memory that was used again would look like a line that is shared, and cleanups use the library in a goroutine of their own.
	defer debug.SetGCPercent(debug.SetGCPercent(-1))
	drain(t)
	presize := presized
	if o.name == "grow" {
		presize = 0
	}
	s := newSubject(l, pointers, presize)
	if o.name != "grow" {
		s.warmUp(o.present)
	}
	defer s.space.Close()
	return Count(counted, func(i int) { o.do(s, i) })
}

// drain collects what earlier counts left, and waits for the cleanups and reapers that this sets off: a count must be alone.
func drain(t testing.TB) {
	t.Helper()
	samples := []metrics.Sample{{Name: "/gc/cleanups/queued:cleanups"}, {Name: "/gc/cleanups/executed:cleanups"}}
	stacks := make([]byte, 1<<16)
	for range 2 {
		runtime.GC()
		for end := time.Now().Add(time.Minute); ; time.Sleep(time.Millisecond) {
			metrics.Read(samples)
			cleaned := samples[0].Value.Uint64() == samples[1].Value.Uint64()
			if cleaned && !bytes.Contains(stacks[:runtime.Stack(stacks, true)], []byte("shadow.(*Space).")) {
				break
			}
			if time.Now().After(end) {
				t.Fatal("cleanups and reapers did not come to an end")
			}
		}
	}
}

// must ends the process if an operation did not do what is counted.
func must(done bool) {
	if !done {
		panic("writes: the operation did something else")
	}
}
