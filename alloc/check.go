package alloc

import (
	"fmt"
	"math/bits"
	"slices"

	"github.com/shadowvars/shadow/internal/atomic"
)

// Check looks at every slot of the slab and returns an error if one of the package's invariants does not hold. It is for tests and
// stress programs: nobody may use the slab meanwhile. exact says that no operation was stopped halfway: then every claimed
// slot is live or freed, and what was freed has been let go.
//
// Complexity: proportional to the slots ever claimed in segments not yet retired.
func (s *Slab) Check(exact bool) error {
	d := s.Hold()
	defer Keep(d)
	if exact && d.next.Load() != nil {
		return fmt.Errorf("alloc: the slab's directory is not the newest")
	}
	for n, g := range d.segments {
		if g == nil {
			continue
		}
		if g.base != uint32(n)<<d.segShift {
			return fmt.Errorf("alloc: segment %d has the base %#x", n, g.base)
		}
		if err := g.check(exact); err != nil {
			return fmt.Errorf("alloc: segment %d: %w", n, err)
		}
	}
	for lane, g := range d.lanes {
		if g != nil && !slices.Contains(d.segments, g) {
			return fmt.Errorf("alloc: lane %d claims from a segment that is retired", lane)
		}
		if g != nil && g.layout != s.layout.joined[lane/int(d.laneMask+1)] {
			return fmt.Errorf("alloc: lane %d claims slots of another size", lane)
		}
	}
	return s.free.check(d)
}

// check is Slab.Check for the numbers that may be used again.
func (s *numbers) check(d *Directory) error {
	seen := map[uint32]bool{}
	for node := s.top.Load(); node != nil; node = node.next {
		n := node.value
		if seen[n] || n >= d.fresh || int(n) < len(d.segments) && d.segments[n] != nil {
			return fmt.Errorf("alloc: number %d is free twice, or free and in use, or was never used", n)
		}
		seen[n] = true
	}
	return nil
}

// check is Slab.Check for one segment.
func (g *segment) check(exact bool) error {
	l := g.layout
	done := uint32(0)
	claimed := min(g.claimed.Load(), g.slots)
	for n := range g.groups() {
		word := g.group(n).Load()
		live, freed, all := uint32(word), uint32(word>>groupSlots), g.groupBits(n)
		here := uint32(1<<min(uint64(groupSlots), uint64(max(claimed, n<<groupShift)-n<<groupShift)) - 1)
		switch {
		case live&freed != 0:
			return fmt.Errorf("slots %#x of group %d are live and freed", live&freed, n)
		case (live|freed)&^here != 0:
			return fmt.Errorf("slots %#x of group %d are live or freed and were never claimed", (live|freed)&^here, n)
		case exact && live|freed != here:
			return fmt.Errorf("slots %#x of group %d are claimed and neither live nor freed", here&^(live|freed), n)
		}
		if freed == all {
			done++
		}
		for rest := live; rest != 0; rest &= rest - 1 {
			if slot := n<<groupShift + uint32(bits.TrailingZeros32(rest)); atomic.LoadPointer(g.cell(slot>>l.chunkShift)) == nil {
				return fmt.Errorf("slot %d is live and has no memory", slot)
			}
		}
		if err := g.checkSide(n, live, freed == all, exact); err != nil {
			return err
		}
	}
	if !exact {
		return nil
	}
	if done != g.done.Load() || done == g.groups() {
		return fmt.Errorf("%d groups of %d are done, %d counted", done, g.groups(), g.done.Load())
	}
	for slot := uint32(0); slot < g.slots; slot += 1 << l.chunkShift {
		chunk := l.chunkBits(slot)
		if uint32(g.group(slot>>groupShift).Load()>>groupSlots)&chunk == chunk && atomic.LoadPointer(g.cell(slot>>l.chunkShift)) != nil {
			return fmt.Errorf("the chunk of slot %d is freed and still here", slot)
		}
	}
	return nil
}

// checkSide is check for the Side of the n-th group.
func (g *segment) checkSide(n, live uint32, whole, exact bool) error {
	switch {
	case g.sides == nil:
		return nil
	case live != 0 && g.sideOf(n) == nil:
		return fmt.Errorf("group %d has live slots and no Side", n)
	case exact && whole && g.sideOf(n) != nil:
		return fmt.Errorf("group %d is freed and its Side still here", n)
	}
	return nil
}

// mustReach panics if a place is beyond the cells of the segment that d knows by its number: then the number has been given to a bigger one since, and the
// caller did not hold d until it had loaded the place.
func (d *Directory) mustReach(at Place) {
	g := d.segments[at>>segmentShift]
	if cell := uint32(at >> cellShift & (1<<cellBits - 1)); g != nil && cell >= g.slots>>g.layout.chunkShift {
		panic("alloc: a place beyond its segment")
	}
}
