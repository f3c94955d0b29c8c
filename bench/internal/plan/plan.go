// Package plan decides which workloads fit into the time, and runs them: contestants by turns, round after round, until the figures
// are narrow or the time is up.
package plan

import (
	"cmp"
	"slices"
	"time"

	"github.com/shadowvars/shadow/bench/internal/measure"
	"github.com/shadowvars/shadow/bench/internal/micro"
	"github.com/shadowvars/shadow/bench/internal/work"
)

// Selection is what was asked for by name. An empty list is all.
type Selection struct {
	Ops, Impls        []string
	Sizes, Goroutines []int
}

func (s Selection) empty() bool {
	return len(s.Ops)+len(s.Impls)+len(s.Sizes)+len(s.Goroutines) == 0
}

// Cell is a workload at one number of parents: all its subjects take turns, so that what they show next to each other may be compared.
type Cell struct {
	Workload   work.Workload
	N          int
	Goroutines []int // of workloads that let one choose, else {0}
	Impls      []string
}

// subjects are the cell's, those of one contestant side by side.
func (c Cell) subjects() (all []work.Subject) {
	for _, impl := range c.Impls {
		for _, goroutines := range c.Goroutines {
			for _, variant := range c.Workload.Variants() {
				all = append(all, work.Subject{Impl: impl, Op: c.Workload.Op, N: c.N, Goroutines: goroutines, Variant: variant})
			}
		}
	}
	return all
}

// The sizes and numbers of goroutines that are chosen from.
var (
	Sizes      = []int{1 << 10, 64 << 10, 1 << 20, 4 << 20}
	Goroutines = []int{1, 2, 64}
)

// request is a part of the menu.
type request struct {
	ops        []string
	sizes      []int
	goroutines []int
	impls      []string
}

// Contestants from the few that tell most to all.
var (
	few  = []string{micro.ShadowManual, micro.ShadowCollected, micro.Xsync4, micro.SyncMap}
	Main = append(slices.Clone(few), micro.Xsync4Pointer, micro.WeakIdiom, "floor-two-loads")
)

// menu is what can be measured, what matters most first. A short budget ends early in it.
func menu() []request {
	var ops []string
	for _, w := range work.Workloads() {
		ops = append(ops, w.Op)
	}
	const k, m = 1 << 10, 1 << 20
	two := []int{2}
	return []request{
		{[]string{"get-hit"}, []int{64 * k, m}, two, Main},
		{[]string{"churn"}, []int{64 * k}, two, few},
		{[]string{"weigh"}, []int{64 * k}, nil, few},
		{[]string{"attach"}, []int{64 * k}, two, few},
		{[]string{"get-hit"}, []int{k, 64 * k, m}, two, Main},
		{[]string{"get-miss"}, []int{64 * k}, two, few},
		{[]string{"growth"}, []int{m}, nil, []string{micro.ShadowManual, micro.Xsync4}},
		{[]string{"get-hit"}, []int{k, 64 * k, m}, []int{1, 2}, Main},
		{[]string{"churn", "attach"}, []int{m}, two, few},
		{[]string{"mix-90", "getoralloc-hit", "get-batch"}, []int{64 * k}, two, few},
		{[]string{"weigh", "growth"}, []int{m}, nil, few},
		{ops, []int{64 * k}, two, few},
		{ops, []int{k, 64 * k, m}, []int{1, 2}, Main},
		{ops, Sizes, []int{1, 2}, Main},
		{ops, Sizes, Goroutines, work.Names()},
	}
}

// requests are the menu, or everything that was selected by name, the smallest sizes first.
func (s Selection) requests() []request {
	if s.empty() {
		return menu()
	}
	all := menu()
	everything := all[len(all)-1]
	choose := func(chosen, among []string) []string {
		if len(chosen) == 0 {
			return among
		}
		return chosen
	}
	number := func(chosen, among []int) []int {
		if len(chosen) == 0 {
			return among
		}
		return chosen
	}
	return []request{{
		choose(s.Ops, everything.ops), number(s.Sizes, everything.sizes),
		number(s.Goroutines, everything.goroutines), choose(s.Impls, everything.impls),
	}}
}

// Plan is what will be done.
type Plan struct {
	Cells   []Cell
	Cost    time.Duration // about what the least number of rounds takes
	Left    int           // workloads and sizes of the menu for which there is no time at all
	Slice   time.Duration
	Rounds  int // of steady workloads, at least
	Again   int // of the others
	Most    int // of all
	Budget  time.Duration
	Memory  uint64 // how much tables that stand side by side may take; 0: nobody knows
	Crowded int    // contestants that were left out because of that
}

// New plans what fits into the budget.
func New(s Selection, budget time.Duration) *Plan {
	p := &Plan{Budget: budget, Memory: measure.Available() / 2, Rounds: 4, Again: 1, Most: mostRounds}
	if budget >= 10*time.Minute {
		p.Rounds, p.Again = 6, 3
	}
	p.Slice = min(max(budget/1500, 8*time.Millisecond), 50*time.Millisecond)
	type pair struct {
		op string
		n  int
	}
	asked := map[pair]bool{}
	for _, r := range s.requests() {
		for _, n := range r.sizes {
			for _, op := range r.ops {
				workload, ok := work.Find(op)
				if !ok || !slices.ContainsFunc(r.impls, func(impl string) bool { return workload.Suits(impl, n) }) {
					continue
				}
				asked[pair{op, n}] = true
				if with := p.with(workload, n, r); p.cost(with) <= budget {
					p.Cells, p.Cost = with, p.cost(with)
				}
			}
		}
	}
	p.Left = len(asked) - len(p.Cells)
	p.order()
	return p
}

// Any tells whether there is anything to measure in a selection, if only there were the time.
func Any(s Selection) bool {
	return len(New(s, 1000*time.Hour).Cells) > 0
}

// with is the plan's cells and one more, or one of them extended.
func (p *Plan) with(w work.Workload, n int, r request) []Cell {
	goroutines := r.goroutines
	if !w.Crowds {
		goroutines = []int{0}
	}
	cells := slices.Clone(p.Cells)
	for i, c := range cells {
		if c.Workload.Op == w.Op && c.N == n {
			cells[i].Goroutines = union(c.Goroutines, goroutines)
			cells[i].Impls = p.affordable(w, n, union(c.Impls, r.impls))
			return cells
		}
	}
	return append(cells, Cell{Workload: w, N: n, Goroutines: goroutines, Impls: p.affordable(w, n, r.impls)})
}

// affordable leaves out the contestants that cannot do it and those whose tables have no room beside the others'.
func (p *Plan) affordable(w work.Workload, n int, impls []string) []string {
	impls = slices.DeleteFunc(slices.Clone(impls), func(impl string) bool { return !w.Suits(impl, n) })
	if !w.Steady || p.Memory == 0 {
		return impls
	}
	// About what a variable takes in most tables, and what parents and picks take.
	const variable, ground = 130, 256 << 20
	room := (float64(p.Memory) - ground - 96*float64(n)) / (variable * float64(n))
	most := max(1, int(room))
	if len(impls) > most {
		p.Crowded = max(p.Crowded, len(impls)-most)
		return impls[:most]
	}
	return impls
}

func union[T cmp.Ordered](a, b []T) []T {
	all := slices.Clone(a)
	for _, x := range b {
		if !slices.Contains(all, x) {
			all = append(all, x)
		}
	}
	return all
}

// cost is about what the cells take, each done as often as it has to be.
func (p *Plan) cost(cells []Cell) (total time.Duration) {
	grounds := map[int][]string{}
	for _, c := range cells {
		if c.Workload.Steady {
			grounds[c.N] = union(grounds[c.N], c.Impls)
		}
		total += p.costOf(c)
	}
	for n, impls := range grounds {
		total += time.Duration(n) * time.Duration(300*len(impls)+300)
	}
	return total
}

func (p *Plan) costOf(c Cell) time.Duration {
	each := c.Workload.Nanoseconds*float64(c.N) + c.Workload.Seconds*1e9 + float64(p.Slice)
	rounds := p.Again
	if c.Workload.Steady {
		rounds = p.Rounds
		each = float64(p.Slice) * 5 / 4
		if !c.Workload.Crowds {
			each = max(each, 2*c.Workload.Nanoseconds*float64(c.N)) // one pass and its warm-up at least
		}
	}
	return time.Duration(each * float64(len(c.subjects())*rounds))
}

// order puts cells that share a ground together, and what writes after what reads.
func (p *Plan) order() {
	place := map[string]int{}
	for i, w := range work.Workloads() {
		place[w.Op] = i
	}
	for _, c := range p.Cells {
		slices.Sort(c.Goroutines)
	}
	names := work.Names()
	for i := range p.Cells {
		impls := slices.Clone(p.Cells[i].Impls)
		slices.SortFunc(impls, func(a, b string) int { return slices.Index(names, a) - slices.Index(names, b) })
		p.Cells[i].Impls = impls
	}
	slices.SortStableFunc(p.Cells, func(a, b Cell) int {
		return cmp.Or(a.N-b.N, place[a.Workload.Op]-place[b.Workload.Op])
	})
}
