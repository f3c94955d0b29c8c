package lockfree

import (
	"math/bits"
	"slices"
)

// A pair's home is a multiple of its key: the part behind the point of key times a constant, times the number of homes (Knuth, The Art of Computer Programming, volume 3,
// section 6.4, multiplicative hashing). Addresses of objects of one size have equal distances, and of these such a product makes points
// of nearly equal distances: most lines get as many pairs as the mean, few are full, and nearly every lookup ends in the first line of its path.
// By chance one pair in 25 would lie behind a full line at half load, and each of them is a branch that nothing foretells.
//
// For any constant there are distances that it does not spread but heap up. So every array has a constant of its own, chosen from a few by what the array before it held: small arrays, by trying
// them; big ones, by how far from their homes the pairs of some runs stand. If that is farther than chance would have it, the next array gets the next constant; and an array in which inserts
// come too far is replaced at once.

// multipliers are these constants, times 2^fractionBits. They were found by trying three hundred on objects of all of Go's size classes, in a row, in spans and in
// spans at random places: by itself the first has the fewest pairs that do not stand in their first line, the second the fewest where one
// takes the better of the two, and so on (docs/design.md).
var multipliers = [...]uint64{0xe5b5aeb189, 0x3ab230b6f5, 0x909f5e9107, 0xd612ba3fb1}

const (
	// fractionBits is how many bits of a product lie behind the point: in arrays of 64 KiB and more, keys that are equal modulo as great a power of two have one home.
	fractionBits = 40

	// hashShift is how many bits of a product lie below the byte of a line. It leaves bits for 1 TiB of slots. Arrays of 64 KiB and more use all of the fraction, so that where one is twice as big
	// as another and has the same multiplier, a line's pairs go to two neighbouring lines.
	hashShift = 24

	// groupMul spreads class groups: it turns all homes of a group by some way.
	groupMul = 0xd6e8feb86659fd93
)

// spreadBy gives a its multiplier, the n-th. Of the product of a key, the bits from hashShift up are a place in the slots.
func (a *array) spreadBy(n uint8) {
	a.spread = n
	if width := hashShift + bits.Len64(uint64(a.slots())*slotBytes-1); width < fractionBits {
		a.multiplier = multipliers[n]>>(fractionBits-width) | 1
	} else {
		a.multiplier = multipliers[n] << (width - fractionBits)
	}
}

// Salt is what the class contributes to the hash of its pairs: what is to be added to the key.
func Salt(class uint32) uint64 { return uint64(class>>3) * groupMul }

// home returns the first slot of the path of a pair. Eight classes share one,
// so that the pairs of one key stand together, and a key with thousands of
// classes still has short runs.
//
// A path begins with a cache line, so that most lookups touch one, and can look at all of it at once.
func (a *array) home(key uint64, class uint32) uintptr {
	return a.offset(key+Salt(class)) / slotBytes &^ (homeSlots - 1)
}

// offset is a byte of the line at the home of a key plus its [Salt], by its distance from the first slot.
func (a *array) offset(salted uint64) uintptr {
	return uintptr(salted*a.multiplier>>hashShift) & a.span
}

// bestSpread returns which multiplier the array after a, with so many slots, should have.
func (a *array) bestSpread(slots uintptr, uneven bool) uint8 {
	switch {
	case checked:
		return uint8(a.number) % uint8(len(multipliers)) // what an exploration is to find depends on another home, not on how good it is
	case uneven:
		return (a.spread + 1) % uint8(len(multipliers))
	case a.slots() <= exactSlots:
		return a.evenest(slots)
	case a.farther(3):
		return (a.spread + 1) % uint8(len(multipliers))
	}
	return a.spread
}

// evenest tries every multiplier on the live keys of a, of at most exactSlots, and returns that with which the fewest of them would find their half of a line full in the array after it. Halves tell more
// than lines of how even it will be with twice as many pairs, which that array may come to hold.
func (a *array) evenest(slots uintptr) (best uint8) {
	const half = lineSlots / 2
	next := array{span: slots*slotBytes - 1, mask: slots - 1}
	least := a.slots() + 1
	for n := range multipliers {
		next.spreadBy(uint8(n))
		var pairs [2 * exactSlots / half]uint8
		beyond := uintptr(0)
		for i := range a.slots() {
			s := a.slot(i)
			v := s.val.Load()
			if !isLive(v) {
				continue
			}
			count := &pairs[next.offset(s.key.Load()+Salt(Word(v).Class()))/(half*slotBytes)%uintptr(len(pairs))]
			if *count++; *count > half {
				beyond++
				*count = half // it must not overflow
			}
		}
		if beyond < least {
			best, least = uint8(n), beyond
		}
	}
	return best
}

// farther tells whether the pairs of sixteen runs of a, which is bigger than these, stand farther from their homes, in the mean, than limit slots for each class of a key: several classes of a key stand behind each other, whatever the
// hash. By chance it is some 1.8 slots when the array is crowded, and less before.
func (a *array) farther(limit uint64) bool {
	const runs, runSlots = 16, 64
	var pairs, keys, distance uint64
	for r := range uintptr(runs) {
		first := r * (a.slots() / runs)
		var recent [32]uint64 // the classes of a key are not always neighbours
		for i := first; i < first+runSlots; i++ {
			s := a.slot(i)
			v := s.val.Load()
			if v&^frozenBit == undecided {
				continue
			}
			key := s.key.Load()
			pairs++
			distance += uint64((i - a.home(key, Word(v).Class())) & a.mask)
			if !slices.Contains(recent[:], key) {
				keys++
			}
			recent[i%uintptr(len(recent))] = key
		}
	}
	return distance*keys > limit*pairs*pairs
}

const (
	farAway   = 16 * lineSlots // inserts that come so far are added up
	fewJudged = 64             // claims among the counted slots from which on they are
	mostFar   = 16             // so many slots for each claim are too many
)

// judge tells the one insert that makes a so uneven that it had better be replaced at once: one that has put a pair into slot i, a counted one. What counts is how far from their homes those inserts were that came far: by chance
// they are few, whatever number of classes keys have. Nobody else need do anything then, because only one insert allocates the array that replaces a. That has the next multiplier; and there may be no good one: when all have been
// tried, the array stays.
func (a *array) judge(i uintptr, key uint64, class uint32, claims int64) bool {
	d := int64((i - a.home(key, class)) & a.mask)
	if d < farAway || claims < fewJudged || int(a.tried) == len(multipliers)-1 || a.uneven.Load() {
		return false
	}
	return a.far.Add(d) > mostFar*claims && a.uneven.CompareAndSwap(false, true)
}
