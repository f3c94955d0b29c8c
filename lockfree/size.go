package lockfree

import (
	"math"
	"math/bits"
)

// The estimates of an array decide when a migration starts and how big its
// target is. They lag behind by the operations under way, and in big arrays
// they look at a sample of the slots. Nothing is wrong if they are off. But what
// a migration copies is counted slot by slot, and only what changes since is estimated: an array
// that has just grown must not look sparse because few pairs happen to lie in its sample, or the
// table would shrink and grow for ever with nobody writing. (A copy that is made on an
// operation's way instead of with its chunk is estimated like a change.)

// claimed estimates how many slots of a have a key if so many of the counted ones do. It is all of them if the sample is full, but if copies alone fill it.
func (a *array) claimed(claims int64) int64 {
	if a.ratio == 1 {
		return claims
	}
	copied, among := a.copied.Load(), a.among.Load()
	return copied + a.beyond(claims-among, copied, among)
}

// living estimates how many pairs of a are live if so many in counted slots are: the part of those that were copied that the sample has left of
// its own, and whatever is more. It is none of them if the sample has none left; but one that had none to begin with says nothing.
func (a *array) living(live int64) int64 {
	if a.ratio == 1 {
		return live
	}
	copied, among := a.copied.Load(), a.among.Load()
	if among > 0 && live < among { // live lags, so it may be negative
		return int64(float64(copied) * float64(live) / float64(among))
	}
	return copied + a.beyond(live-among, copied, among)
}

// beyond estimates how many of the slots to which nothing was copied are what so many of the counted ones among them are. As integers, the product could overflow.
func (a *array) beyond(n, copied, among int64) int64 {
	slots := int64(a.slots())
	counted := slots / a.ratio
	if among >= counted {
		return 0
	}
	return int64(float64(n) * float64(slots-copied) / float64(counted-among))
}

// countCopies counts what a chunk's migration has copied to a, and how many of that to counted slots.
func (a *array) countCopies(copied, among int64) {
	if a.ratio > 1 && copied > 0 {
		a.copied.Add(copied)
		a.among.Add(among)
	}
}

// countClaim counts the key claimed at slot i of a, a counted one, and starts a migration if
// the array is crowded. The one whose claim makes it so allocates the next array
// while the others go on in the slack; who finds it packed allocates one too,
// in case that one does not come back.
func (t *Table) countClaim(a *array, i uintptr, key uint64, class uint32) {
	claims := a.claims.Add(1)
	if n := a.claimed(claims); n >= a.crowded && a.claimed(claims-1) < a.crowded || n >= a.packed || a.ratio > 1 && !checked && a.judge(i, key, class, claims) {
		t.review(a)
	}
}

// counts tells whether slot i counts in the estimates: those of one line of every sampledSlots, whole lines because first slots fill first. Which one differs from one sampledSlots
// lines to the next, lest it be always one that the hash prefers.
func (a *array) counts(i uintptr) bool {
	line := i / homeSlots
	return (line^line/sampledSlots^line/sampledSlots/sampledSlots)&a.sample == 0
}

// countLive counts the pair that came to be live at slot i.
func (a *array) countLive(i uintptr) {
	if a.counts(i) {
		a.live.Add(1)
	}
}

// countDeath counts the pair deleted at slot i of a, starts a migration if the
// array has become sparse, and does a chunk of one that is under way. If none is, the sample may hide that the array is sparse: a recount after the next collection will tell.
func (t *Table) countDeath(a *array, i uintptr) {
	if a.counts(i) {
		live := a.live.Add(-1)
		if n := a.living(live); n < a.sparse && a.living(live+1) >= a.sparse || n < a.sparse/2 {
			t.review(a)
		}
	}
	root := t.root.Load()
	switch {
	case root.next.Load() != nil:
		t.work(root)
	case root.recounted():
		// If the pair's CAS comes first, the recount sees the death; if the recount does, the reminder that it ran for is over and remind registers another.
		t.remind()
	}
}

// mostRecounted bounds the arrays that are recounted, to a walk over a megabyte for each collection and table. A bigger one's sample has thousands of slots, of which chance moves a smaller part.
const mostRecounted = 64 * exactSlots

// recounted tells whether a's estimates come of a sample so small that its pairs are counted now and then.
func (a *array) recounted() bool { return a.ratio > 1 && a.slots() <= mostRecounted }

// recount starts a migration of a, a root, if fewer pairs are live than its sample makes believe and that makes a sparse. Where survivors are few, chance is enough: one peak
// in some hundreds would leave a table of 2,048 slots for 200 pairs. What is freed and attached while it counts it may count twice or not at all, so it can be wrong, at the cost of a migration.
func (t *Table) recount(a *array) {
	if !a.recounted() || a.slots() <= t.least || a.next.Load() != nil {
		return
	}
	live := int64(0)
	for i := range a.slots() {
		if isLive(a.slot(i).val.Load()) {
			live++
		}
	}
	if live < a.sparse {
		t.begin(a, a.slots()/2)
	}
}

// review starts a migration of a if it is the root, has none, and its estimates ask for one.
func (t *Table) review(a *array) {
	if t.root.Load() != a || a.next.Load() != nil {
		return
	}
	slots := t.successor(a)
	if a.claimed(a.claims.Load()) >= a.crowded || slots < a.slots() || a.uneven.Load() {
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
