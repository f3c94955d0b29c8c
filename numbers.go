package shadow

import (
	"runtime"
	"weak"

	"github.com/shadowvars/shadow/internal/atomic"
	"github.com/shadowvars/shadow/lockfree"
)

// numbers gives out class numbers: what stands for an epoch in the table's words.
//
// # States
//
// A number is fresh → in use → retired → proven → fresh again. New ones come from a counter, until so many wait that it is time to use them again.
//
// # Transitions
//
//	in use → retired   retire, after the epoch was replaced and swept: the collector is asked to watch it
//	retired → proven   the collector found the epoch unreachable: no operation that could have loaded it is running, so no word
//	                   with this number can be VALUE or BUILDING, or become so. NIL words remain in the arrays that exist now.
//	proven → fresh     an array that was made after that has become the table's root: migrations do not copy NIL, so
//	                   no array that a new operation can reach holds the number
//
// # Progress
//
// Lock-free: both lists are stacks of fresh nodes, popped and pushed whole by CAS. With all numbers used up, take runs the collector itself.
//
// # Invariants
//
//	I1  Two epochs that any running operation can reach have different numbers.
type numbers struct {
	table *lockfree.Table
	limit uint32 // fresh numbers are below; lower in tests
	next  atomic.Uint32
	free  atomic.Pointer[numberNode] // may be given out
	waits atomic.Pointer[numberNode] // proven, and waiting for the table's root to be newer than since

	waiting atomic.Int64 // how many have been proven since the last look at waits
}

// mostWaiting is how many proven numbers may wait before they are looked at, besides one for each slotsPerNumber slots of the table: should
// a purge of the table be needed to free them, its cost is little for each.
const (
	mostWaiting    = 1024
	slotsPerNumber = 16
)

// closedNumber is the number of all closed epochs. It is never given out.
const closedNumber = 0

func newNumbers(t *lockfree.Table, limit uint32) *numbers {
	n := &numbers{table: t, limit: limit}
	n.next.Store(closedNumber + 1)
	return n
}

type numberNode struct {
	number uint32
	since  uint64 // the table's newest array when the number was proven
	next   *numberNode
}

func (n *numbers) take() uint32 {
	if k, ok := pop(&n.free); ok {
		return k
	}
	if w := n.waiting.Load(); w > mostWaiting && w > int64(n.table.Stats().Slots/slotsPerNumber) && n.waiting.CompareAndSwap(w, 0) {
		n.recycle()
	}
	if n.next.Load() < n.limit {
		if k := n.next.Add(1); k <= n.limit {
			return k - 1
		}
		n.next.Store(n.limit)
	}
	return n.takeSlow()
}

// recycle makes the proven numbers fresh, with a purge of the table if it has not migrated by itself since they were proven.
func (n *numbers) recycle() {
	n.promote()
	if n.free.Load() == nil {
		n.table.Purge()
		n.promote()
	}
}

// takeSlow gives out a number when there are no new ones.
func (n *numbers) takeSlow() uint32 {
	for range 1000 {
		n.recycle()
		if k, ok := pop(&n.free); ok {
			return k
		}
		runtime.GC()
	}
	panic("shadow: more than sixteen million classes or unfinished operations at a time")
}

// promote moves the waiting numbers that no array can hold any more to the free ones.
func (n *numbers) promote() {
	list := n.waits.Swap(nil)
	root, _ := n.table.Generations()
	for ; list != nil; list = list.next {
		if root > list.since {
			push(&n.free, list.number, 0)
		} else {
			push(&n.waits, list.number, list.since)
		}
	}
}

// putBack returns a number that was never used in a word.
func (n *numbers) putBack(number uint32) { push(&n.free, number, 0) }

// retire asks the collector to say when the replaced and swept epoch is unreachable.
func (c *class) retire(e *epoch) {
	r := retired{c.space.numbers, e.number, c.ledger, e.tally, weak.Make(c.space)}
	atomic.WhenUnreachable(e, func(r retired) { r.proven() }, r)
}

// retired is what the collector hands back: not the epoch, nor anything that leads to it.
type retired struct {
	numbers *numbers
	number  uint32
	ledger  *ledger
	tally   *tally
	space   weak.Pointer[Space]
}

func (r retired) proven() {
	_, newest := r.numbers.table.Generations()
	push(&r.numbers.waits, r.number, newest)
	r.numbers.waiting.Add(1)
	if r.ledger.settle(r.tally) {
		if s := r.space.Value(); s != nil {
			s.fold()
		}
	}
}

func push(list *atomic.Pointer[numberNode], number uint32, since uint64) {
	n := &numberNode{number: number, since: since}
	for {
		n.next = list.Load()
		if list.CompareAndSwap(n.next, n) {
			return
		}
	}
}

func pop(list *atomic.Pointer[numberNode]) (uint32, bool) {
	for {
		n := list.Load()
		if n == nil {
			return 0, false
		}
		if list.CompareAndSwap(n, n.next) {
			return n.number, true
		}
	}
}
