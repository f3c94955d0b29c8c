package micro

import (
	"runtime"
	"testing"

	"github.com/shadowvars/shadow/bench/internal/measure"
)

func TestContestants(t *testing.T) {
	// Ensure every contestant does the work it is measured for: what is attached is found with its data, what is
	// not is not, and churn by two goroutines leaves everything attached.
	const n = 5000
	for _, implementation := range Implementations() {
		t.Run(implementation.Name, func(t *testing.T) {
			parents, strangers := NewParents(n), NewParents(n)
			table := implementation.New()
			defer table.Close()
			table.AttachOne(parents[0])
			measure.Parallel(2, n-1, func(_, from, to int) { table.Attach(parents[1+from : 1+to]) })
			check := func(what string) {
				t.Helper()
				if hits, sum := table.Get(parents); hits != n || sum != n*dataOf.A {
					t.Errorf("%s: %d of %d found, sum %d", what, hits, n, sum)
				}
				if hits, _ := table.Get(strangers); hits != 0 {
					t.Errorf("%s: %d strangers found", what, hits)
				}
				if got := table.Len(); got != n {
					t.Errorf("%s: Len is %d", what, got)
				}
			}
			check("attached")
			picks := NewPicks(parents, 2)
			measure.Parallel(2, 2, func(worker, _, _ int) { table.Churn(picks.Next(worker, Block)) })
			check("churned")
			if batcher, ok := table.(Batcher); ok {
				// A length that batches do not divide.
				if hits, sum := batcher.GetBatch(parents[:1001]); hits != 1001 || sum != 1001*dataOf.A {
					t.Errorf("batched: %d found, sum %d", hits, sum)
				}
			}
			runtime.KeepAlive(parents)
		})
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
		for _, floor := range []Getter{NewArrayFloor(n), NewTwoLoadFloor(n)} {
			if hits, sum := floor.Get(parents); hits != n || sum != uint64(n)*dataOf.A {
				t.Errorf("%T of %d: %d, %d", floor, n, hits, sum)
			}
		}
	}
}

func TestFloorFootprint(t *testing.T) {
	// Ensure the two-load floor spreads over as many slots as a doubling open table has for that many parents, and
	// touches most of them.
	const n = 1 << 14
	floor := NewTwoLoadFloor(n).(*twoLoadFloor)
	if len(floor.slots) != 2*n || len(floor.data) != n {
		t.Fatalf("%d slots, %d data", len(floor.slots), len(floor.data))
	}
	touched := map[uint64]bool{}
	for _, parent := range NewParents(n) {
		touched[addressOf(parent)*golden>>floor.shift] = true
	}
	if len(touched) < n/2 {
		t.Errorf("%d parents touch %d slots", n, len(touched))
	}
}
