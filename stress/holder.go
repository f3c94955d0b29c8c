package main

import (
	"fmt"
	"io"
	"math/bits"
	"strings"
	"sync/atomic"
)

// holder is what one goroutine keeps of what it has found, for anything from no time to many collections. However old a
// pointer is and whatever has become of its variable, the tag behind it must be what it was.
type holder struct {
	slots [24]holding
}

type holding struct {
	data  held
	tag   record
	cycle uint64
}

// keep holds on to h in place of another pointer, which is looked at once more. Slot i is chosen half as
// often as slot i-1, so ages differ by orders of magnitude.
func (k *holder) keep(h held, r record, random uint64, s *stress) {
	slot := &k.slots[min(bits.TrailingZeros64(random), len(k.slots)-1)]
	slot.release(s)
	*slot = holding{h, r, s.cycle.Load()}
}

// release looks at what was held and lets it go.
func (k *holding) release(s *stress) {
	if k.data == nil {
		return
	}
	if now := k.data.tag(); now != k.tag {
		s.violate("a pointer held for %d collections showed %+v, now %+v", s.cycle.Load()-k.cycle, k.tag, now)
	}
	s.ages.add(s.cycle.Load() - k.cycle)
	*k = holding{}
}

// look checks everything held without letting go.
func (k *holder) look(s *stress) {
	for i := range k.slots {
		if h := &k.slots[i]; h.data != nil && h.data.tag() != h.tag {
			s.violate("a pointer held for %d collections showed %+v, now %+v", s.cycle.Load()-h.cycle, h.tag, h.data.tag())
		}
	}
}

func (k *holder) releaseAll(s *stress) {
	for i := range k.slots {
		k.slots[i].release(s)
	}
}

// ages counts released pointers by the collections that they were held for, in powers of two.
type ages struct{ bins [20]atomic.Uint64 }

func (a *ages) add(cycles uint64) {
	a.bins[min(bits.Len64(cycles), len(a.bins)-1)].Add(1)
}

func (a *ages) print(w io.Writer) {
	total := uint64(0)
	last := 0
	for i := range a.bins {
		n := a.bins[i].Load()
		total += n
		if n > 0 {
			last = i
		}
	}
	if total == 0 {
		return
	}
	fmt.Fprintln(w, "held pointers by the collections that they were held for:")
	for i := range a.bins[:last+1] {
		low := uint64(1) << i >> 1
		n := a.bins[i].Load()
		fmt.Fprintf(w, "  %6d and more %12d %s\n", low, n, strings.Repeat("#", int(n*50/total)))
	}
}
