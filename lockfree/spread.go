package lockfree

import "math/bits"

// A pair's home is a multiple of its key: the part behind the point of key times a constant, times the number of homes (Knuth, The Art of Computer Programming, volume 3,
// section 6.4, multiplicative hashing). Addresses of objects of one size have equal distances, and of these such a product makes points
// of nearly equal distances: most lines get as many pairs as the mean, few are full, and nearly every lookup ends in the first line of its path.
// By chance one pair in 25 would lie behind a full line at half load, and each of them is a branch that nothing foretells.
//
// For any constant there are distances that it does not spread but heap up. So every array has a constant of its own, chosen from a few by what the array before it held: small arrays, by trying
// them; big ones, by counting which part of the pairs does not stand in its first line. By chance an array about to
// grow has a tenth of these, so with an eighth the next array gets the next constant; and an array that is much worse is replaced at once.

// multipliers are these constants, times 2^fractionBits. They were found by trying three hundred on objects of all of Go's size classes, in a row, in spans and in
// spans at random places: the first has the fewest pairs that do not stand in their first line, the second the fewest where one
// takes the better of the two, and so on (docs/design.md).
var multipliers = [...]uint64{0xe5b5aeb189, 0x3ab230b6f5, 0x909f5e9107, 0xd612ba3fb1}

const (
	// fractionBits is how many bits of a product lie behind the point: addresses that differ by so big a power of two have the same home.
	fractionBits = 40

	// hashShift is how many bits of a product lie below the byte of a line. It leaves bits for 64 GiB of slots. Arrays of 4 KiB and more use all of the fraction, so that where one is twice as big
	// as another and has the same multiplier, a line's pairs go to two neighbouring lines.
	hashShift = 28

	// groupMul spreads class groups: it turns all homes of a group by some way.
	groupMul = 0xd6e8feb86659fd93
)

// spreadBy gives a its multiplier, the n-th. Of the product of a key, the bits from hashShift up are a place in the slots.
func (a *array) spreadBy(n uint8) {
	a.spread = n
	if bits := hashShift + bits.Len64(uint64(a.slots())*slotBytes-1); bits < fractionBits {
		a.multiplier = multipliers[n]>>(fractionBits-bits) | 1
	} else {
		a.multiplier = multipliers[n] << (bits - fractionBits)
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
func (a *array) bestSpread(slots uintptr) uint8 {
	switch {
	case checked:
		return uint8(a.number) % uint8(len(multipliers)) // what an exploration is to find depends on another home, not on how good it is
	case a.slots() <= exactSlots:
		return a.evenest(slots)
	case a.strays.Load()*8 > a.claims.Load():
		return (a.spread + 1) % uint8(len(multipliers))
	}
	return a.spread
}

// evenest tries every multiplier on the keys of a, of at most exactSlots, and returns that with which the array after it will have the fewest full lines. That array may come to hold twice as many pairs, so
// lines count as full that are half full with these.
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
			key := s.key.Load()
			if key == emptyKey || key == frozenKey {
				continue
			}
			count := &pairs[next.offset(key+Salt(Word(s.val.Load()).Class()))/(half*slotBytes)%uintptr(len(pairs))]
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

// countStray counts the key of slot i, which counts in the estimates, if it does not stand in the first line of its path because that is full of other keys. A line with several classes of one key does not
// tell how keys are spread.
func (a *array) countStray(i uintptr, key uint64, class uint32) {
	home := a.home(key, class)
	if (i-home)&a.mask < lineSlots {
		return
	}
	for d := range uintptr(lineSlots) {
		other := a.slot((home + d) & a.mask).key.Load()
		if other == key || other == a.slot((home+d+1)&a.mask).key.Load() {
			return
		}
	}
	a.strays.Add(1)
}

// uneven tells whether so many keys of a stand behind other keys' full lines that it had better be replaced. The array that replaces it
// stays, however it turns out, until it is replaced for another reason: there may be no good multiplier.
func (a *array) uneven() bool {
	const fewest = exactSlots / sampledSlots
	claims := a.claims.Load()
	return !a.again && claims >= fewest && a.strays.Load()*2 > claims
}
