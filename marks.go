package shadow

import (
	"time"

	"github.com/shadowvars/shadow/internal/atomic"
)

// A mark says which stack attached a variable, by its number, and when, in ticks since the profile began: {ticks:32, number:32}.
type mark uint64

// tick is short enough for ages of seconds, and 2^32 of them are eight years.
const tick = time.Second / 16

func newMark(number uint32, after time.Duration) mark {
	return mark(uint32(after/tick))<<32 | mark(number)
}

func (m mark) number() uint32       { return uint32(m) }
func (m mark) after() time.Duration { return time.Duration(m>>32) * tick }

// marks holds a mark for each slot of an epoch, by its index: 0 where none was set. It is a tree of four levels, a byte of the index for each, so
// that it takes memory where slots were marked and nowhere else. A slot is marked by its claimer before it is live, and looked at by who
// has found it live while an index has one meaning (I1 of class); so the mark that one sees is that very slot's.
//
// Nodes are added by CAS and stay as long as the epoch: lock-free to set, wait-free to get.
type marks struct {
	root atomic.Pointer[node[node[node[leaf]]]]
}

type (
	node[T any] [1 << 8]atomic.Pointer[T]
	leaf        [1 << 8]atomic.Uint64
)

// set gives the slot of index a mark. Where none was ever set, 0 needs no memory.
func (m *marks) set(index uint32, mark mark) {
	if l := m.find(index); l != nil {
		l[index&0xFF].Store(uint64(mark))
		return
	}
	if mark == 0 {
		return
	}
	a := grown(&m.root)
	b := grown(&a[index>>24])
	c := grown(&b[index>>16&0xFF])
	l := grown(&c[index>>8&0xFF])
	l[index&0xFF].Store(uint64(mark))
}

// get is the mark of the slot of index.
func (m *marks) get(index uint32) mark {
	if l := m.find(index); l != nil {
		return mark(l[index&0xFF].Load())
	}
	return 0
}

func (m *marks) find(index uint32) *leaf {
	a := m.root.Load()
	if a == nil {
		return nil
	}
	b := a[index>>24].Load()
	if b == nil {
		return nil
	}
	c := b[index>>16&0xFF].Load()
	if c == nil {
		return nil
	}
	return c[index>>8&0xFF].Load()
}

// grown is what p points to, made if there is nothing yet. If our CAS comes first, the others take what we made; if theirs does, we take theirs.
func grown[T any](p *atomic.Pointer[T]) *T {
	if v := p.Load(); v != nil {
		return v
	}
	p.CompareAndSwap(nil, new(T))
	return p.Load()
}
