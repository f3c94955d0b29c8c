//go:build !explore

package fuzz

import (
	"fmt"
	"runtime"
	"strings"
	"sync"
	"testing"

	"github.com/shadowvars/shadow"
	"github.com/shadowvars/shadow/internal/explore"
)

// parallel are the surroundings of a program whose threads are goroutines. Its history has one clock, which also is what orders the goroutines
// most: the explorer sees more.
type parallel struct {
	mu       sync.Mutex
	space    *shadow.Space
	v        *shadow.Var[uint64, uint64]
	pads     *shadow.Var[[2]uint64, uint64]
	parents  [objects]*[8]uint64
	clock    int
	events   []explore.Event[act]
	balances map[uint64]int // variables attached and not yet ended, by tag
	cycles   int
}

func (l *parallel) Begin(a act) int {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.clock++
	l.events = append(l.events, explore.Event[act]{Op: a, Call: l.clock, Return: -1})
	return len(l.events) - 1
}

func (l *parallel) End(i int, a act) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.clock++
	l.events[i].Op, l.events[i].Return = a, l.clock
}

func (l *parallel) count(tag uint64, n int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.balances[tag] += n
}

func (l *parallel) object(n byte) *uint64 { return &l.parents[n][0] }
func (l *parallel) die(n byte)            { l.parents[n] = new([8]uint64) }
func (l *parallel) attached(tag uint64)   { l.count(tag, 1) }
func (l *parallel) taken(tag uint64)      { l.count(tag, -1) }
func (l *parallel) reap()                 { l.space.Reap() }

// collect is a collection, but not too often.
func (l *parallel) collect() {
	l.mu.Lock()
	l.cycles++
	n := l.cycles
	l.mu.Unlock()
	if n <= 2 {
		runtime.GC()
	}
}

// purge makes the table migrate, by variables that come and go.
func (l *parallel) purge() {
	var some [40][2]uint64
	for i := range some {
		l.pads.Alloc(&some[i], nil)
	}
	for i := range some {
		l.pads.Free(&some[i])
	}
}

// runConcurrently runs the program a few times. The schedule is the machine's.
func runConcurrently(t *testing.T, p concurrent, _ []byte) {
	for range 4 {
		if err := p.runInParallel(); err != nil {
			t.Fatalf("%v\n%v", p, err)
		}
	}
}

func (p concurrent) runInParallel() error {
	l := &parallel{space: shadow.NewSpace(nil), balances: map[uint64]int{}}
	for n := range l.parents {
		l.parents[n] = new([8]uint64)
	}
	destroy := func(_, tag *uint64) { l.count(*tag, -1) }
	l.v = shadow.MustNew(1, &shadow.Options[uint64, uint64]{Space: l.space, Lifetime: p.lifetime, Destroy: destroy})
	l.pads = shadow.MustNew(2, &shadow.Options[[2]uint64, uint64]{Space: l.space, Lifetime: shadow.Manual})
	player := func(tag uint64) *player {
		return &player{v: l.v, history: l, at: l, tag: tag, whole: p.has("F"), space: func(obj *uint64) int { return l.space.FreeObject(obj) }}
	}
	player(100).run(p.before)
	var ready, done sync.WaitGroup
	ready.Add(len(p.threads))
	for i, steps := range p.threads {
		q := player(uint64(i+2) * 100)
		done.Go(func() {
			ready.Done()
			ready.Wait()
			q.run(steps)
		})
	}
	done.Wait()
	last := player(0)
	for n := range byte(objects) {
		last.perform(step{'g', n})
	}
	if !p.weak() && !explore.Linearizable(pairs{p.has("F")}, l.events) {
		return l.complain()
	}
	if p.lifetime == shadow.Collected {
		return nil // the dead are destroyed in the background
	}
	return l.balance()
}

func (l *parallel) complain() error {
	var b strings.Builder
	for _, e := range l.events {
		fmt.Fprintf(&b, "\t[%d, %d] %+v\n", e.Call, e.Return, e.Op)
	}
	return fmt.Errorf("not linearizable:\n%s", b.String())
}

// balance closes the class and tells whether what was attached has ended once.
func (l *parallel) balance() error {
	n := l.v.Len()
	if ended := l.v.Close(); ended != n {
		return fmt.Errorf("Close ends %d of %d", ended, n)
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	for tag, n := range l.balances {
		if n != 0 {
			return fmt.Errorf("variable %d: %d of it are unaccounted for", tag, n)
		}
	}
	runtime.KeepAlive(l.parents)
	return nil
}
