package trace

import "math/rand/v2"

// Program is a recording made ready to be replayed: the lookups put in, nothing left to be drawn or decoded.
//
// The rule of the lookups: two of parents among the last 256 born and two of any living parent follow every birth, drawn
// uniformly, because most of what a compiler asks of an object it asks soon, and the rest whenever. A draw that is
// dead already is drawn again from all living ones. All lookups hit. The parents that live to the end of the recording die at its end.
type Program struct {
	Births, Lookups, Deaths int

	operations []operation
	sizes      []uint16
}

// operation is what to do in the upper two bits and the parent's number in the others.
type operation uint32

const (
	birth operation = iota << kindShift
	lookup
	death

	kindShift  = 30
	numberMask = 1<<kindShift - 1
)

func (o operation) kind() operation { return o &^ numberMask }
func (o operation) number() uint32  { return uint32(o & numberMask) }

const (
	recentBirths  = 256
	recentLookups = 2
	otherLookups  = 2
)

// NewProgram puts the lookups in. The same seed gives the same program.
func NewProgram(r *Recording, seed uint64) *Program {
	b := builder{
		Program: Program{sizes: r.sizes},
		source:  rand.New(rand.NewPCG(1, seed)),
		places:  make([]int, len(r.sizes)),
	}
	for _, e := range r.events {
		if e.death {
			b.bury(e.number)
		} else {
			b.bear(e.number)
		}
	}
	for len(b.living) > 0 {
		b.bury(b.living[len(b.living)-1])
	}
	return &b.Program
}

// builder knows who lives, so that lookups hit.
type builder struct {
	Program
	source *rand.Rand
	living []uint32 // in no order
	places []int    // of a number in living; -1 for the dead
}

func (b *builder) bear(number uint32) {
	b.places[number] = len(b.living)
	b.living = append(b.living, number)
	b.operations = append(b.operations, birth|operation(number))
	b.Births++
	for range recentLookups {
		recent := number - uint32(b.source.IntN(int(min(recentBirths, number+1))))
		if b.places[recent] < 0 {
			recent = b.any()
		}
		b.look(recent)
	}
	for range otherLookups {
		b.look(b.any())
	}
}

func (b *builder) any() uint32 { return b.living[b.source.IntN(len(b.living))] }

func (b *builder) look(number uint32) {
	b.operations = append(b.operations, lookup|operation(number))
	b.Lookups++
}

// bury takes the number out of the living; the last of them takes its place.
func (b *builder) bury(number uint32) {
	place, last := b.places[number], b.living[len(b.living)-1]
	b.living[place], b.places[last] = last, place
	b.living = b.living[:len(b.living)-1]
	b.places[number] = -1
	b.operations = append(b.operations, death|operation(number))
	b.Deaths++
}
