//go:build explore

package writes

import (
	"maps"
	"slices"

	"github.com/shadowvars/shadow/internal/atomic"
)

// lineBytes is the size of a cache line, the unit in which cores take memory from each other.
const lineBytes = 64

// Tally is what a number of operations of one kind wrote.
type Tally struct {
	each  []int           // writes of each operation
	lines map[uintptr]use // by line
}

// use is how one line was written.
type use struct {
	writes     int
	operations int // that wrote it at least once
	last       int // the last of them, plus one
}

// Count runs operation for each number below n and tallies what each writes. Nothing else may use the library meanwhile, and memory
// must not be used again: the collector has to be off.
func Count(n int, operation func(i int)) *Tally {
	t := &Tally{each: make([]int, n), lines: map[uintptr]use{}}
	now := 0
	atomic.Step = func(word uintptr, write bool) {
		if !write {
			return
		}
		t.each[now]++
		u := t.lines[word/lineBytes]
		u.writes++
		if u.last != now+1 {
			u.operations++
			u.last = now + 1
		}
		t.lines[word/lineBytes] = u
	}
	defer func() { atomic.Step = nil }()
	for now = range n {
		operation(now)
	}
	return t
}

// Usual is the number of writes that most operations make.
func (t *Tally) Usual() int {
	of := map[int]int{}
	for _, writes := range t.each {
		of[writes]++
	}
	return slices.MaxFunc(slices.Sorted(maps.Keys(of)), func(a, b int) int { return of[a] - of[b] })
}

// Most is the number of writes of the operation that makes the most.
func (t *Tally) Most() int { return slices.Max(t.each) }

// Mean is the mean number of writes.
func (t *Tally) Mean() float64 { return t.Shared(1) }

// Shared is the mean number of writes to lines that at least so many of the operations write.
func (t *Tally) Shared(operations int) float64 {
	writes := 0
	for _, u := range t.lines {
		if u.operations >= operations {
			writes += u.writes
		}
	}
	return float64(writes) / float64(len(t.each))
}

// Busiest is the part of the operations that write the line which most of them write.
func (t *Tally) Busiest() float64 {
	most := 0
	for _, u := range t.lines {
		most = max(most, u.operations)
	}
	return float64(most) / float64(len(t.each))
}
