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

// GetDependent does the same loads, each lookup's pick told by the data of the one before.
func (f *twoLoadFloor) GetDependent(picks []*Parent) (hits int, sum uint64) {
	slots, data, shift := f.slots, f.data, f.shift
	for sum < uint64(len(picks)) {
		sum += data[slots[addressOf(picks[sum])*golden>>shift].index].A
	}
	return len(picks), sum
}

// compareFloor is a lookup without a table's cares: the library's hash, one line, one compare, no probing. A slot's key is its own number,
// so that every parent finds what it looks for in the first slot.
type compareFloor struct {
	shift uint
	slots []floorSlot
}

// NewCompareFloor returns the floor of a hash and one compare for n parents, in as many slots as an open table has.
func NewCompareFloor(n int) Getter {
	shift := shiftOf(n) - 1
	f := &compareFloor{shift: shift, slots: make([]floorSlot, 1<<(64-shift))}
	adviseHuge(f.slots)
	for i := range f.slots {
		f.slots[i] = floorSlot{key: uint64(i), index: dataOf.A}
	}
	return f
}

func (f *compareFloor) Get(picks []*Parent) (hits int, sum uint64) {
	slots, shift := f.slots, f.shift
	for _, parent := range picks {
		hash := addressOf(parent) * golden
		hash = (hash ^ hash>>32) * golden >> shift
		if slot := &slots[hash]; slot.key == hash {
			hits++
			sum += slot.index
		}
	}
	return hits, sum
}

// chaseFloor is what a lookup costs that has to wait for the one before: from a slot to its data and from there to the next
// slot, on a random cycle through n slots of as many as the two-load floor has.
type chaseFloor struct {
	slots []chaseSlot
}

type chaseSlot struct {
	data *chaseData
	_    uint64 // as long as a table's slot
}

type chaseData struct {
	next uint64 // the slot to go on at
	a    uint64
}

// NewChaseFloor returns the floor of a pointer chase for n parents.
func NewChaseFloor(n int) Getter {
	f := &chaseFloor{slots: make([]chaseSlot, 1<<(65-shiftOf(n)))}
	data := make([]chaseData, n)
	source := rand.New(rand.NewPCG(1, 2))
	order, places := source.Perm(len(f.slots))[:n], source.Perm(n)
	for i, slot := range order {
		f.slots[slot].data = &data[places[i]]
		data[places[i]] = chaseData{next: uint64(order[(i+1)%n]), a: dataOf.A}
	}
	return f
}

// Get makes as many hops as there are picks, from the first pick's part of the cycle on.
func (f *chaseFloor) Get(picks []*Parent) (hits int, sum uint64) { return f.GetDependent(picks) }

func (f *chaseFloor) GetDependent(picks []*Parent) (hits int, sum uint64) {
	// A place to begin that differs from call to call: the next slot in use.
	at := addressOf(picks[0]) * golden % uint64(len(f.slots))
	for f.slots[at].data == nil {
		at = (at + 1) % uint64(len(f.slots))
	}
	for range picks {
		data := f.slots[at].data
		sum += data.a
		at = data.next
	}
	return len(picks), sum
}

// Floor names what the machine gives at best.
type Floor struct {
	Name, Long string
	New        func(n int) Getter
	Dependent  bool // it has a meaning for dependent lookups alone
}

// Floors are all floors. Those that are a [Dependent] have a time for dependent lookups too.
func Floors() []Floor {
	return []Floor{
		{"floor-array", "floor: array index", NewArrayFloor, false},
		{"floor-compare", "floor: hash, one compare", NewCompareFloor, false},
		{"floor-two-loads", "floor: two random loads", NewTwoLoadFloor, false},
		{"floor-chase", "floor: pointer chase", NewChaseFloor, true},
	}
}

// CanDepend tells whether the floor has a time for dependent lookups.
func (f Floor) CanDepend() bool {
	_, ok := f.New(1).(Dependent)
	return ok
}

// FindFloor returns the floor of that name. A wrong name is a mistake in this module.
func FindFloor(name string) Floor {
	for _, floor := range Floors() {
		if floor.Name == name {
			return floor
		}
	}
	panic("micro: no floor " + name)
}
