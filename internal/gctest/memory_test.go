package gctest

import (
	"fmt"
	"math/rand/v2"
	"runtime"
	"testing"
	"weak"

	"github.com/shadowvars/shadow"
)

// heap is the bytes in use after three collections, or a few more until they no longer find anything.
func heap() int64 {
	var m runtime.MemStats
	for before, n := uint64(0), 0; n < 3 || m.HeapAlloc+4096 < before && n < 20; n++ {
		before = m.HeapAlloc
		runtime.GC()
		runtime.ReadMemStats(&m)
	}
	return int64(m.HeapAlloc)
}

// weight is what a space takes: by the heap, less what was there before, and by its statistics.
type weight struct {
	heap, table, slabs float64
}

func (w weight) over(fresh weight) weight {
	return weight{w.heap / fresh.heap, w.table / fresh.table, w.slabs / fresh.slabs}
}

func (w weight) String() string {
	return fmt.Sprintf("heap %.2f, table %.2f, slabs %.2f", w.heap, w.table, w.slabs)
}

// load is a space with one class, and its parents, which live throughout.
type load[T any] struct {
	s       *shadow.Space
	v       *shadow.Var[object, T]
	objects []*object
	before  int64
	data    func() *T
}

func newLoad[T any](l shadow.Lifetime, objects []*object, data func() *T) *load[T] {
	before := heap()
	s := shadow.NewSpace(nil)
	return &load[T]{s, shadow.MustNew(1, &shadow.Options[object, T]{Space: s, Lifetime: l}), objects, before, data}
}

func (l *load[T]) attach(objects []*object) {
	for _, o := range objects {
		must(l.v.Alloc(o, l.data()))
	}
}

func (l *load[T]) free(objects []*object) {
	for _, o := range objects {
		if !l.v.Free(o) {
			panic("not attached")
		}
	}
}

func (l *load[T]) weigh() weight {
	now := heap()
	st := l.s.Stats()
	return weight{float64(now - l.before), float64(st.TableBytes), float64(st.BytesHeld)}
}

// close lets go of the space, and returns once the collector has found that, so that the next load can be weighed.
func (l *load[T]) close() {
	gone := weak.Make(l.s)
	*l = load[T]{}
	for n := 0; gone.Value() != nil; n++ {
		if n == 100 {
			panic("a space that nobody has any more is not collected")
		}
		runtime.GC()
	}
}

// fresh is the weight of a space in which just these objects have variables.
func fresh[T any](l shadow.Lifetime, objects []*object, data func() *T) weight {
	f := newLoad(l, objects, data)
	defer f.close()
	f.attach(objects)
	return f.weigh()
}

// family makes n parents with their weak handles, so that these do not count.
func family(n int) []*object {
	objects := make([]*object, n)
	for i := range objects {
		objects[i] = new(object)
	}
	s := shadow.NewSpace(nil)
	v := shadow.MustNew(1, &shadow.Options[object, struct{}]{Space: s})
	for _, o := range objects {
		must(v.Alloc(o, nil))
	}
	s.Close()
	return objects
}

// churned compares a space after five rounds in which a random nine tenths are freed and as many attached again with a fresh one.
func churned[T any](l shadow.Lifetime, objects []*object, data func() *T) weight {
	c := newLoad(l, objects, data)
	defer c.close()
	random := rand.New(rand.NewPCG(5, 9))
	c.attach(objects)
	base := c.weigh()
	shuffled := append([]*object(nil), objects...)
	c.before += int64(len(shuffled)) * 8
	for range 5 {
		random.Shuffle(len(shuffled), func(i, j int) { shuffled[i], shuffled[j] = shuffled[j], shuffled[i] })
		some := shuffled[:len(shuffled)/10*9]
		c.free(some)
		c.attach(some)
	}
	w := c.weigh().over(base)
	runtime.KeepAlive(shuffled)
	return w
}

// survivors compares a space of which all but a hundredth were freed again with a fresh one of the survivors: contiguous in age, or random ones.
func survivors[T any](l shadow.Lifetime, objects []*object, data func() *T, contiguous bool) weight {
	shuffled := append([]*object(nil), objects...)
	if !contiguous {
		rand.New(rand.NewPCG(5, 9)).Shuffle(len(shuffled), func(i, j int) { shuffled[i], shuffled[j] = shuffled[j], shuffled[i] })
	}
	n := len(objects)
	some := shuffled[n/2 : n/2+n/100]
	base := fresh(l, some, data)
	p := newLoad(l, objects, data)
	defer p.close()
	p.attach(objects)
	p.free(shuffled[:n/2])
	p.free(shuffled[n/2+n/100:])
	w := p.weigh().over(base)
	runtime.KeepAlive(shuffled)
	return w
}

func data16() *[2]uint64   { return new([2]uint64) }
func data200() *[25]uint64 { return new([25]uint64) }
func dataLink() *linked    { return &linked{1, nil} }

// inWeights runs f for each lifetime and kind of data, without its types.
func inWeights(t *testing.T, f func(t *testing.T, churn func([]*object) weight, peak func(objects []*object, contiguous bool) weight)) {
	inLifetimes(t, func(t *testing.T, l shadow.Lifetime) {
		t.Run("16 bytes", func(t *testing.T) {
			f(t, func(o []*object) weight { return churned(l, o, data16) },
				func(o []*object, c bool) weight { return survivors(l, o, data16, c) })
		})
		t.Run("200 bytes", func(t *testing.T) {
			f(t, func(o []*object) weight { return churned(l, o, data200) },
				func(o []*object, c bool) weight { return survivors(l, o, data200, c) })
		})
		t.Run("with a pointer", func(t *testing.T) {
			f(t, func(o []*object) weight { return churned(l, o, dataLink) },
				func(o []*object, c bool) weight { return survivors(l, o, dataLink, c) })
		})
	})
}

func TestMemoryComesBack(t *testing.T) {
	// Ensure (G5) that after peaks and churn the table, the slabs and the heap are near those of a fresh build. The bounds are the bars
	// for a million variables, and some more because this is a fiftieth.
	if testing.Short() || racing {
		t.Skip("not in short mode, nor where the race detector takes memory of its own")
	}
	objects := family(20_000)
	inWeights(t, func(t *testing.T, churn func([]*object) weight, peak func([]*object, bool) weight) {
		if w := churn(objects); w.heap > 2 || w.table > 2 {
			t.Errorf("after churn: %v", w)
		}
		if w := peak(objects, true); w.table > 2 || w.slabs > 2.5 {
			t.Errorf("after a peak, survivors contiguous in age: %v", w)
		}
		if w := peak(objects, false); w.table > 2 {
			t.Errorf("after a peak, random survivors: %v", w)
		}
	})
	runtime.KeepAlive(objects)
}

func TestMeasureMemory(t *testing.T) {
	// Ensure nothing: print the factors that docs/design.md reports.
	measuring(t)
	objects := family(times(1_000_000))
	inWeights(t, func(t *testing.T, churn func([]*object) weight, peak func([]*object, bool) weight) {
		t.Logf("five rounds of nine tenths: %v", churn(objects))
		t.Logf("peak, contiguous survivors: %v", peak(objects, true))
		t.Logf("peak, random survivors:     %v", peak(objects, false))
	})
	runtime.KeepAlive(objects)
}
