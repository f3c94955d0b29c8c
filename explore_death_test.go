//go:build explore

package shadow

import (
	"fmt"
	"runtime/debug"
	"strings"
	"testing"

	"github.com/shadowvars/shadow/internal/explore"
	"github.com/shadowvars/shadow/internal/parent"
)

func TestExploreMoveAndDeath(t *testing.T) {
	// Ensure that a variable that was moved off an object that then dies stays with its new parent, whoever was about to end it for the
	// old one's death, and that the object that gets the address has its own.
	for _, options := range []explore.Options{{Preemptions: 2}, {Preemptions: 1, Kill: true}} {
		explore.Run(t, options, func(w *explore.World) {
			parent.ResetFakes()
			for n := range uint8(smallObjects) {
				parent.NewFake(fakeObject(n).address())
			}
			c := exploredIn(w, NewSpace(nil), Collected)
			at := func(n uint8) *attach { return &attach{c: c, of: c, op: "explored", o: fakeObject(n)} }
			one, two := uint64(1), uint64(2)
			data, _, err := attachCopy(c, c, "explored", fakeObject(0), &one, false)
			if err != nil {
				w.Fail(err)
			}
			ended := false
			w.Go(func() {
				p, err := at(1).move(fakeObject(0))
				if err != nil || as[uint64](p) != data {
					w.Fail(fmt.Errorf("Move: %p, %v", p, err))
				}
				parent.Die(fakeObject(0).address())
				parent.NewFake(fakeObject(0).address())
				if _, _, err := attachCopy(c, c, "explored", fakeObject(0), &two, false); err != nil {
					w.Fail(err)
				}
				ended = true
			})
			for range 2 {
				w.Go(func() {
					if c.reap(func(*class, pointer) {}) != 0 {
						w.Fail(fmt.Errorf("a variable of a living object was ended"))
					}
				})
			}
			w.Check(func() error {
				moved, fresh := as[uint64](c.get(fakeObject(1).pointer)), as[uint64](c.get(fakeObject(0).pointer))
				if ended && (moved != data || fresh == nil || *fresh != two) {
					return fmt.Errorf("after the move there are %v at the new parent and %v at the old one's address", moved, fresh)
				}
				return nil
			})
		})
	}
}

func TestAttachMeetsTheDead(t *testing.T) {
	// Ensure that an attachment that meets a dead object's entry under its object's address attaches with the one slot that it has claimed, in every way of attaching.
	tag := uint64(1)
	for name, attaches := range map[string]func(*attach) error{
		"Alloc":      func(a *attach) error { _, _, err := attachCopy(a.c, a.of, a.op, a.o, &tag, false); return err },
		"GetOrAlloc": func(a *attach) error { _, _, err := attachCopy(a.c, a.of, a.op, a.o, &tag, true); return err },
		"in steps":   func(a *attach) error { _, _, err := attachInSteps(a, &tag, true); return err },
		"AllocFunc":  func(a *attach) error { _, _, err := a.construct(func(pointer) error { return nil }, false); return err },
	} {
		parent.ResetFakes()
		c := exploredOpening(NewSpace(nil), Collected).build()
		const times = 3
		for n := range times {
			if n > 0 {
				parent.Die(fakeObject(0).address())
			}
			parent.NewFake(fakeObject(0).address())
			if err := attaches(&attach{c: c, of: c, op: name, o: fakeObject(0)}); err != nil {
				t.Fatal(name, err)
			}
		}
		y := c.epoch.Load().tally
		if refused, buried := y.refused.Load(), y.collected.Load(); refused != 0 || buried != times-1 || c.len() != 1 {
			t.Errorf("%s: %d slots given back, %d variables buried, %d left", name, refused, buried, c.len())
		}
	}
}

func TestExploreTwoMovesAndDeaths(t *testing.T) {
	// Ensure that a reaper that has seen the death of a parent, and then of the next one, leaves the variable to the third.
	explore.Run(t, explore.Options{Preemptions: 3, MaxSchedules: 300_000}, func(w *explore.World) {
		parent.ResetFakes()
		for n := range uint8(smallObjects) {
			parent.NewFake(fakeObject(n).address())
		}
		c := exploredIn(w, NewSpace(nil), Collected)
		at := func(n uint8) *attach { return &attach{c: c, of: c, op: "explored", o: fakeObject(n)} }
		data, _, err := attachCopy(c, c, "explored", fakeObject(0), new(uint64), false)
		if err != nil {
			w.Fail(err)
		}
		w.Go(func() {
			c.reap(func(*class, pointer) { w.Fail(fmt.Errorf("a variable of a living object was ended")) })
		})
		w.Go(func() {
			for src := range uint8(smallObjects) {
				if _, err := at(1 - src).move(fakeObject(src)); err != nil {
					w.Fail(err)
				}
				parent.Die(fakeObject(src).address())
				parent.NewFake(fakeObject(src).address())
			}
		})
		w.Check(func() error {
			if got := as[uint64](c.get(fakeObject(0).pointer)); got != data {
				return fmt.Errorf("after two moves the parent has %v", got)
			}
			return nil
		})
	})
}

func TestExploreGraveyard(t *testing.T) {
	// Ensure that of several who hand over dead data and find each other destroying nobody leaves anything behind.
	explore.Run(t, explore.Options{Preemptions: 3}, func(w *explore.World) {
		var y graveyard
		c := new(class)
		var data, destroyed [3]int
		d := destructor(func(_ object, p pointer) {
			w.Touch()
			destroyed[*as[int](p)]++
		})
		c.destroy.Store(&d)
		for i := range data {
			data[i] = i
			w.Go(func() {
				if y.add(&grave{c: c, data: erase(&data[i])}) {
					y.dig()
				}
			})
		}
		w.Check(func() error {
			if destroyed != [3]int{1, 1, 1} || y.digging.Load() {
				return fmt.Errorf("destroyed %v, still at it %v", destroyed, y.digging.Load())
			}
			return nil
		})
	})
}

func TestExploreWalks(t *testing.T) {
	// Ensure that what was dead when a walk was asked for is ended, also if another walk was under way.
	explore.Run(t, explore.Options{Preemptions: 3}, func(w *explore.World) {
		parent.ResetFakes()
		c := exploredIn(w, NewSpace(nil), Collected)
		for n := range uint8(smallObjects) {
			parent.NewFake(fakeObject(n).address())
			if _, _, err := attachCopy(c, c, "explored", fakeObject(n), new(uint64), false); err != nil {
				w.Fail(err)
			}
		}
		for n := range uint8(smallObjects) {
			w.Go(func() {
				parent.Die(fakeObject(n).address())
				c.space.walk()
			})
		}
		w.Go(c.space.walk)
		w.Check(func() error {
			if n := c.len(); n != 0 || c.stats().Collected != smallObjects {
				return fmt.Errorf("%d variables of dead objects are left, %d were ended", n, c.stats().Collected)
			}
			return nil
		})
	})
}

func TestBuriedInTheBackground(t *testing.T) {
	// Ensure that an attach that meets a dead object's entry leaves its destructor to another goroutine.
	defer parent.ResetFakes()
	for name, attach := range map[string]func(v *Var[uint64, uint64], o *uint64) error{
		"Alloc":          func(v *Var[uint64, uint64], o *uint64) error { _, err := v.Alloc(o, nil); return err },
		"GetOrAlloc":     func(v *Var[uint64, uint64], o *uint64) error { _, _, err := v.GetOrAlloc(o, nil); return err },
		"AllocFunc":      func(v *Var[uint64, uint64], o *uint64) error { _, err := v.AllocFunc(o, succeeds); return err },
		"GetOrAllocFunc": func(v *Var[uint64, uint64], o *uint64) error { _, _, err := v.GetOrAllocFunc(o, succeeds); return err },
	} {
		parent.ResetFakes()
		o := fakeObject(0)
		parent.NewFake(o.address())
		stacks := make(chan string, 1)
		v := MustNew(1, &Options[uint64, uint64]{Space: NewSpace(nil), Destroy: func(*uint64, *uint64) { stacks <- string(debug.Stack()) }})
		if err := attach(v, as[uint64](o.pointer)); err != nil {
			t.Fatal(err)
		}
		parent.Die(o.address())
		parent.NewFake(o.address())
		if err := attach(v, as[uint64](o.pointer)); err != nil {
			t.Fatal(err)
		}
		if stack := <-stacks; strings.Contains(stack, "TestBuriedInTheBackground(") {
			t.Errorf("%s destroys a dead object's data:\n%s", name, stack)
		}
		v.Take(as[uint64](o.pointer))
		v.Close()
	}
}

func succeeds(*uint64) error { return nil }
