package micro

import "math/rand/v2"

// The floors are not tables. They do the loads a table cannot avoid and nothing else, over memory of
// the same size, so that a measured lookup can be held against what the machine gives at best.

// arrayFloor is one random load: the pick's own word in an array as long as the parents are many.
type arrayFloor struct {
	shift uint
	data  []Data
}

// NewArrayFloor returns the floor of one random load for n parents.
func NewArrayFloor(n int) Getter {
	f := &arrayFloor{shift: shiftOf(n), data: make([]Data, 1<<(64-shiftOf(n)))}
	for i := range f.data {
		f.data[i] = dataOf
	}
	return f
}

func (f *arrayFloor) Get(picks []*Parent) (hits int, sum uint64) {
	data, shift := f.data, f.shift
	for _, parent := range picks {
		sum += data[addressOf(parent)*golden>>shift].A
	}
	return len(picks), sum
}

// twoLoadFloor is two random loads, the second at a place the first one tells: a slot in an array of
// as many 16-byte slots as an open table of that load has, then the data. The slots are advised to huge
// pages where shadow's are.
type twoLoadFloor struct {
	shift uint
	slots []floorSlot
	data  []Data
}

type floorSlot struct {
	key, index uint64
}

// NewTwoLoadFloor returns the floor of two dependent random loads for n parents.
func NewTwoLoadFloor(n int) Getter {
	shift := shiftOf(n) - 1 // twice n rounded up: an open table that doubles is about half full
	f := &twoLoadFloor{shift: shift, slots: make([]floorSlot, 1<<(64-shift)), data: make([]Data, n)}
	adviseHuge(f.slots)
	source := rand.New(rand.NewPCG(1, 2))
	for i := range f.slots {
		f.slots[i].index = uint64(source.IntN(n))
	}
	for i := range f.data {
		f.data[i] = dataOf
	}
	return f
}

func (f *twoLoadFloor) Get(picks []*Parent) (hits int, sum uint64) {
	slots, data, shift := f.slots, f.data, f.shift
	for _, parent := range picks {
		sum += data[slots[addressOf(parent)*golden>>shift].index].A
	}
	return len(picks), sum
}

// golden is 2^64 over the golden ratio, odd: the multiplier of Fibonacci hashing.
const golden = 0x9e3779b97f4a7c15

// shiftOf returns the shift that leaves the fewest high bits that can number n things.
func shiftOf(n int) uint {
	bits := uint(0)
	for 1<<bits < n {
		bits++
	}
	return 64 - bits
}
