// Package micro holds the contestants of the small measurements and what they work on: parents that
// are heap objects of 48 bytes, data of 16 bytes without pointers, and streams of random picks.
//
// Every contestant writes its loops itself, the same loop with direct calls to its own map: one
// dynamic call for a block of thousands of operations. An interface call per operation costs about
// two nanoseconds, which is nothing at a million parents and half of the result at a thousand.
package micro

import "math/rand/v2"

// Parent is what data is attached to. It has a pointer field, as most objects have, so that the
// collector has to look at it.
type Parent struct {
	Next  *Parent
	Words [5]uint64
}

// Data is what is attached.
type Data struct {
	A, B uint64
}

// dataOf is what everybody attaches. A is never zero, so a sum over A shows a lookup that read
// something else.
var dataOf = Data{A: 1, B: 2}

// NewParents allocates n parents, one heap object each.
func NewParents(n int) []*Parent {
	parents := make([]*Parent, n)
	for i := range parents {
		parents[i] = new(Parent)
	}
	return parents
}

// Block is how many picks one call of a contestant's loop works on.
const Block = 4096

// Picks is a stream of independent, uniformly random picks per worker, drawn beforehand, so that a
// measurement contains a sequential read of the stream and no random number generator.
type Picks struct {
	workers []stream
}

type stream struct {
	picks  []*Parent
	cursor int
	_      [64]byte
}

// mostStreams is how many different streams there are: as long as streams are, more would fill the memory.
const mostStreams = 4

// NewPicks draws the streams. They are longer than the parents are many (up to a limit that keeps a
// stream from outgrowing what it picks from), so that a pass does not repeat one order.
func NewPicks(parents []*Parent, workers int) *Picks {
	const shortest, longestStream = 4 * Block, 1 << 21
	length := min(max(2*len(parents), shortest), longestStream)
	p := &Picks{workers: make([]stream, workers)}
	for worker := range p.workers {
		if worker >= mostStreams {
			// So many workers share streams, each from a place of its own.
			begin := length / workers * worker
			p.workers[worker] = stream{picks: p.workers[worker%mostStreams].picks, cursor: begin}
			continue
		}
		source := rand.New(rand.NewPCG(1, uint64(worker)))
		picks := make([]*Parent, length)
		for i := range picks {
			picks[i] = parents[source.IntN(len(parents))]
		}
		p.workers[worker].picks = picks
	}
	return p
}

// Next returns a worker's next block of picks, or fewer if limit is smaller. At the end of the stream it begins again.
func (p *Picks) Next(worker, limit int) []*Parent {
	s := &p.workers[worker]
	if s.cursor == len(s.picks) {
		s.cursor = 0
	}
	end := min(s.cursor+min(Block, limit), len(s.picks))
	block := s.picks[s.cursor:end]
	s.cursor = end
	return block
}
