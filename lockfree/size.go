package lockfree

import (
	"math"
	"math/bits"
)

// The estimates of an array decide when a migration starts and how big its
// target is. They lag behind by the operations under way, and in big arrays
// they look at a sample of the slots. Nothing is wrong if they are off. But what
// a migration copies is counted exactly, chunk by chunk, as by how much the sample is off: an array
// that has just grown must not look sparse because few pairs happen to lie in its sample, or the
// table would shrink and grow for ever with nobody writing.

// claimed estimates how many slots of a have a key, if claims of the counted ones do.
func (a *array) claimed(claims int64) int64 { return claims*a.ratio + a.skew.Load() }

// living estimates how many pairs of a are live, if live of those in counted slots are.
func (a *array) living(live int64) int64 { return live*a.ratio + a.skew.Load() }

// skewOf is what the copy of a pair to slot i of a adds to the skew.
func (a *array) skewOf(i uintptr) int64 {
	if i&a.sample == 0 {
		return 1 - a.ratio
	}
	return 1
}

// countClaim counts the key claimed at slot i of a, and starts a migration if
// the array is crowded. The one whose claim makes it so allocates the next array
// while the others go on in the slack; who finds it packed allocates one too,
// in case that one does not come back.
func (t *Table) countClaim(a *array, i uintptr) {
	if i&a.sample != 0 {
		return
	}
	n := a.claimed(a.claims.Add(1))
	if n >= a.crowded && n-a.ratio < a.crowded || n >= a.packed {
		t.review(a)
	}
}

// countLive counts the pair that came to be live at slot i.
func (a *array) countLive(i uintptr) {
	if i&a.sample == 0 {
		a.live.Add(1)
	}
}

// countDeath counts the pair deleted at slot i of a, starts a migration if the
// array has become sparse, and does a chunk of one that is under way.
func (t *Table) countDeath(a *array, i uintptr) {
	if i&a.sample == 0 {
		n := a.living(a.live.Add(-1))
		if n < a.sparse && n+a.ratio >= a.sparse || n < a.sparse/2 {
			t.review(a)
		}
	}
	if root := t.root.Load(); root.next.Load() != nil {
		t.work(root)
	}
}

// review starts a migration of a if it is the root, has none, and its estimates ask for one.
func (t *Table) review(a *array) {
	if t.root.Load() != a || a.next.Load() != nil {
		return
	}
	slots := t.successor(a)
	if a.claimed(a.claims.Load()) >= a.crowded || slots < a.slots() {
		t.begin(a, slots)
	}
}

// successor returns how many slots the array after a should have: twice as many
// if more than half of them are live, half as many if fewer than 7/32 are, else the same.
func (t *Table) successor(a *array) uintptr {
	live := a.living(a.live.Load())
	switch {
	case live > int64(a.slots())/2:
		return a.slots() * 2
	case live < a.sparse && a.slots() > t.least:
		return a.slots() / 2
	}
	return a.slots()
}

// mostPresized bounds the pairs for which room is allocated ahead: 2 GiB, or 256 MiB on 32-bit platforms, of which
// the system gives what is used. A table for more grows as it fills.
const mostPresized = 1 << min(26, bits.UintSize-9)

// slotsFor returns how many slots hold so many pairs without getting crowded.
// In an array with sampled estimates the estimate of claims may be off by
// several times its standard deviation, which is greatest if pairs fill whole lines, so there has to be slack for that.
func slotsFor(pairs int) uintptr {
	pairs = min(pairs, mostPresized)
	n := uintptr(leastSlots)
	for {
		want := float64(pairs)
		if n > exactSlots {
			want += 4 * math.Sqrt(want*sampledSlots*homeSlots)
		}
		if want < float64(n)*7/10 {
			return n
		}
		n *= 2
	}
}
