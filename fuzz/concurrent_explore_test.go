//go:build explore

package fuzz

import (
	"fmt"
	"hash/fnv"
	"testing"
	"unsafe"

	"github.com/shadowvars/shadow"
	"github.com/shadowvars/shadow/internal/explore"
	"github.com/shadowvars/shadow/internal/hooks"
	fakes "github.com/shadowvars/shadow/internal/parent"
)

// explored are the surroundings of a program in the explorer: its objects are addresses without memory, which can die between any two steps.
type explored struct {
	w        *explore.World
	v        *shadow.Var[uint64, uint64]
	balances map[uint64]int // variables attached and not yet ended, by tag
}

func address(n byte) uintptr { return 0x10000 * (uintptr(n) + 1) }

// Safety: a fake address, which nobody follows: under exploration parents are not looked at.
func (e *explored) object(n byte) *uint64 { return (*uint64)(unsafe.Add(nil, address(n))) }
func (e *explored) die(n byte)            { fakes.Die(address(n)); fakes.NewFake(address(n)) }
func (e *explored) collect()              { e.w.Collect() }
func (e *explored) purge()                { hooks.Purge(e.v) }
func (e *explored) reap()                 { hooks.Reap(e.v) }
func (e *explored) attached(tag uint64)   { e.w.Touch(); e.balances[tag]++ }
func (e *explored) taken(tag uint64)      { e.ended(tag) }
func (e *explored) ended(tag uint64)      { e.w.Touch(); e.balances[tag]-- }

// runConcurrently runs the program under the schedule that the fuzzer has thought of, and under a few that it has not.
func runConcurrently(t *testing.T, p concurrent, schedule []byte) {
	o := explore.Options{Preemptions: -1, Kill: p.suspends, Blocking: true, MaxSteps: 20_000}
	scenario := p.scenario()
	r := explore.Follow(o, schedule, scenario)
	if r.Err == nil {
		h := fnv.New64a()
		fmt.Fprint(h, p, schedule)
		o.Preemptions, o.MaxSchedules = 4, 40
		r = explore.Random(o, h.Sum64(), scenario)
	}
	if r.Err != nil {
		t.Fatalf("%v\n%v", p, r)
	}
}

// scenario is the world in which the program runs.
func (p concurrent) scenario() explore.Scenario {
	checker := explore.NewChecker[[objects]uint64, act](pairs{p.has("F")})
	return func(w *explore.World) {
		fakes.ResetFakes()
		for n := range byte(objects) {
			fakes.NewFake(address(n))
		}
		e := &explored{w: w, balances: map[uint64]int{}}
		destroy := e.ended
		if p.lifetime == shadow.Collected {
			destroy = nil
		}
		e.v = hooks.Explored(w, uint8(p.lifetime), destroy).(*shadow.Var[uint64, uint64])
		h := checker.History(w)
		player := func(tag uint64) *player {
			return &player{v: e.v, history: h, at: e, tag: tag, whole: p.has("F"), space: func(obj *uint64) int { return hooks.FreeObject(e.v, obj) }}
		}
		player(100).run(p.before)
		whole := 0
		for i, steps := range p.threads {
			q := player(uint64(i+2) * 100)
			w.Go(func() {
				q.run(steps)
				w.Touch()
				whole++
			})
		}
		w.Check(func() error {
			last := player(0)
			for n := range byte(objects) {
				last.perform(step{'g', n})
			}
			if !p.weak() {
				if err := h.Check(); err != nil {
					return err
				}
			}
			if whole < len(p.threads) || p.lifetime == shadow.Collected {
				return nil
			}
			return e.balance(last)
		})
	}
}

// balance tells whether what was attached has ended once, or is there.
func (e *explored) balance(last *player) error {
	present := 0
	for n := range byte(objects) {
		if d := e.v.Get(e.object(n)); d != nil {
			e.balances[*d]--
			present++
		}
	}
	for tag, n := range e.balances {
		if n != 0 {
			return fmt.Errorf("variable %d: %d of it are unaccounted for", tag, n)
		}
	}
	if n := e.v.Len(); n != present {
		return fmt.Errorf("Len is %d, %d are there", n, present)
	}
	return nil
}
