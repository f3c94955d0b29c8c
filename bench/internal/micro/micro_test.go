package micro

import (
	"runtime"
	"testing"

	"github.com/shadowvars/shadow/bench/internal/measure"
)

func TestContestants(t *testing.T) {
	// Ensure every contestant does the work it is measured for: what is attached is found with its data, what is
	// not is not, and churn by as many goroutines as it takes leaves everything attached.
	const n = 5000
	for _, implementation := range Implementations() {
		t.Run(implementation.Name, func(t *testing.T) {
			writers := 2
			if implementation.OneWriter || implementation.Alone {
				writers = 1
			}
			parents, strangers := NewParents(n), NewParents(n)
			makers := []func() Table{implementation.New}
			if implementation.Big != nil {
				makers = append(makers, func() Table { return implementation.Big(n) })
			}
			for _, maker := range makers {
				table := maker()
				table.AttachOne(parents[0])
				measure.Parallel(writers, n-1, func(_, from, to int) { table.Attach(parents[1+from : 1+to]) })
				check(t, "attached", table, parents, strangers)
				picks := NewPicks(parents, writers)
				measure.Parallel(writers, writers, func(worker, _, _ int) { table.Churn(picks.Next(worker, Block)) })
				check(t, "churned", table, parents, strangers)
				table.Detach(parents)
				if hits, _ := table.Get(parents); hits != 0 || table.Len() != 0 {
					t.Errorf("%d found and %d counted of what was detached", hits, table.Len())
				}
				if hits, sum := table.GetOrAttach(parents); hits != n || sum != n*dataOf.A {
					t.Errorf("%d attached, sum %d", hits, sum)
				}
				check(t, "attached again", table, parents, strangers)
				if clearer, ok := table.(Clearer); ok {
					clearer.Clear()
					if hits, _ := table.Get(parents); hits != 0 {
						t.Errorf("%d found after all were cleared", hits)
					}
				}
				table.Close()
				// A weak pointer's record stays with its object, and so does the cleanup of the idiom.
				parents = NewParents(n)
			}
			runtime.KeepAlive(parents)
		})
	}
}

// check wants exactly the parents to have data, by every way to ask for it.
func check(t *testing.T, what string, table Table, parents, strangers []*Parent) {
	t.Helper()
	n := len(parents)
	if hits, sum := table.Get(parents); hits != n || sum != uint64(n)*dataOf.A {
		t.Errorf("%s: %d of %d found, sum %d", what, hits, n, sum)
	}
	if hits, sum := table.GetDependent(parents); hits != n || sum != uint64(n)*dataOf.A {
		t.Errorf("%s: dependent: %d of %d found, sum %d", what, hits, n, sum)
	}
	if hits, sum := table.GetOrAttach(parents); hits != n || sum != uint64(n)*dataOf.A {
		t.Errorf("%s: get or attach: %d of %d, sum %d", what, hits, n, sum)
	}
	if hits, sum := table.Walk(); hits != n || sum != uint64(n)*dataOf.A {
		t.Errorf("%s: walk: %d of %d, sum %d", what, hits, n, sum)
	}
	if hits, _ := table.Get(strangers); hits != 0 {
		t.Errorf("%s: %d strangers found", what, hits)
	}
	// A dependent walk goes from pick to pick and ends at the first that is not found.
	if hits, _ := table.GetDependent(append(parents[:77:77], strangers...)); hits != 77 {
		t.Errorf("%s: dependent: %d found before the first stranger", what, hits)
	}
	if got := table.Len(); got != n {
		t.Errorf("%s: Len is %d", what, got)
	}
	if batcher, ok := table.(Batcher); ok {
		for _, batch := range []int{1, 7, 16, MaxBatch} { // lengths that batches do not divide
			if hits, sum := batcher.GetBatch(parents[:1001], batch); hits != 1001 || sum != 1001*dataOf.A {
				t.Errorf("%s: by %d: %d found, sum %d", what, batch, hits, sum)
			}
		}
	}
}

func TestIdentified(t *testing.T) {
	// Ensure that those who tell ids apart find every id of every parent and no more.
	asked := 0
	for _, implementation := range Implementations() {
		table := implementation.New()
		identified, ok := table.(Identified)
		if !ok {
			continue
		}
		asked++
		parents := NewParents(100)
		identified.AttachIDs(parents, 5)
		if hits, sum := identified.GetIDs(parents, 5); hits != 500 || sum != 500*dataOf.A {
			t.Errorf("%s: %d found, sum %d", implementation.Name, hits, sum)
		}
		if hits, _ := identified.GetIDs(NewParents(100), 5); hits != 0 {
			t.Errorf("%s: %d found of strangers", implementation.Name, hits)
		}
		if table.Len() > 0 && implementation.Name == ShadowManual {
			t.Error("the ids are not apart from the class that has no id")
		}
		table.Close()
	}
	if asked < 5 {
		t.Errorf("%d contestants tell ids apart", asked)
	}
}

func TestPicks(t *testing.T) {
	// Ensure blocks are as long as asked for, go round, and differ from worker to worker.
	parents := NewParents(1 << 10)
	picks := NewPicks(parents, 2)
	if got := len(picks.Next(0, 1)); got != 1 {
		t.Errorf("a block of %d", got)
	}
	total := 1
	for total < 5*Block {
		block := picks.Next(0, Block)
		if len(block) == 0 {
			t.Fatal("the stream ended")
		}
		total += len(block)
	}
	same := 0
	first, second := NewPicks(parents, 2).Next(0, Block), picks.Next(1, Block)
	for i := range first {
		if first[i] == second[i] {
			same++
		}
	}
	if same > Block/100 {
		t.Errorf("%d of %d picks are the same", same, Block)
	}
}

func TestFloors(t *testing.T) {
	// Ensure the floors stay within their memory and do every load, whatever the number of parents.
	for _, n := range []int{1, 3, 1000, 1 << 10, 1 << 17} {
		parents := NewParents(n)
		for _, floor := range Floors() {
			floor := floor.New(n)
			if hits, sum := floor.Get(parents); hits != n || sum != uint64(n)*dataOf.A {
				t.Errorf("%T of %d: %d, %d", floor, n, hits, sum)
			}
			if dependent, ok := floor.(Dependent); ok {
				if hits, sum := dependent.GetDependent(parents); hits != n || sum != uint64(n)*dataOf.A {
					t.Errorf("%T of %d, dependent: %d, %d", floor, n, hits, sum)
				}
			}
		}
	}
}

func TestChaseIsOneCycle(t *testing.T) {
	// Ensure that the chase visits every slot in use before it comes back to one: a short loop would stay in the cache.
	const n = 1000
	floor := NewChaseFloor(n).(*chaseFloor)
	used, at := 0, uint64(0)
	for i, slot := range floor.slots {
		if slot.data != nil {
			used, at = used+1, uint64(i)
		}
	}
	begin, hops := at, 0
	for hops == 0 || at != begin && hops <= n {
		at = floor.slots[at].data.next
		hops++
	}
	if used != n || hops != n {
		t.Errorf("%d slots are used and the cycle is %d long", used, hops)
	}
}

func TestSharedStreams(t *testing.T) {
	// Ensure that many workers neither cost a stream each nor walk the same picks in step.
	picks := NewPicks(NewParents(1<<12), 64)
	if &picks.workers[1].picks[0] != &picks.workers[1+mostStreams].picks[0] {
		t.Error("a stream for every worker")
	}
	if same := &picks.Next(1, 1)[0] == &picks.Next(1+mostStreams, 1)[0]; same {
		t.Error("two workers begin at the same place")
	}
}

func TestFloorFootprint(t *testing.T) {
	// Ensure the two-load floor spreads over as many slots as a doubling open table has for that many parents, and
	// touches a good part of them: parents on pages at a bad distance share slots.
	const n = 1 << 14
	floor := NewTwoLoadFloor(n).(*twoLoadFloor)
	if len(floor.slots) != 2*n || len(floor.data) != n {
		t.Fatalf("%d slots, %d data", len(floor.slots), len(floor.data))
	}
	touched := map[uint64]bool{}
	for _, parent := range NewParents(n) {
		touched[addressOf(parent)*golden>>floor.shift] = true
	}
	if len(touched) < n/4 {
		t.Errorf("%d parents touch %d slots", n, len(touched))
	}
}
