package work

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"golang.org/x/perf/benchfmt"

	"github.com/shadowvars/shadow/bench/internal/measure"
	"github.com/shadowvars/shadow/bench/internal/micro"
)

// step makes a subject's block of operations, nil if it has no such operation.
type step func(g *Ground, s Subject) measure.Blocks

// steady are the workloads on tables side by side.
func steady() []Workload {
	return []Workload{
		reading("get-hit", "Get of random parents that have data, each lookup independent of the one before", getHit),
		reading("get-dependent", "Get of random parents, each told by the data found before it: what a lookup takes from end to end", getDependent),
		reading("get-miss", "Get of random parents that nothing is attached to", getMiss),
		needing(has[micro.Batcher], reading("get-batch", "GetBatch by the size of the batch, against Get in a loop", getBatch)),
		reading("getoralloc-hit", "GetOrAlloc that finds what it asks for", getOrAlloc),
		reading("hot-get", "Get of one and the same pair by everybody", hotGet),
		needing(has[micro.Identified], reading("get-ids", "Get of every id of a random parent, by the number of its ids", getIDs)),
		{Op: "iterate", Says: "All, from end to end; one operation is one variable", Steady: true, Nanoseconds: 100, step: walk},
		reading("mix-99", "99 % Get, 1 % writes: Free and GetOrAlloc in turns", mix(198)),
		reading("mix-90", "90 % Get, 10 % writes", mix(18)),
		reading("mix-75", "75 % Get, 25 % writes", mix(6)),
		reading("churn", "Free, then GetOrAlloc, of the same random parents over and over; one operation is the two", churn),
		reading("hot-churn", "Free, then GetOrAlloc, of one and the same pair by everybody", hotChurn),
	}
}

// reading is a steady workload of that step.
func reading(op, says string, do step) Workload {
	return Workload{
		Op: op, Says: says, Steady: true, Crowds: true, Floors: op == "get-hit" || op == "get-dependent",
		Nanoseconds: 100, step: do,
	}
}

// needing is a workload for those who can.
func needing(needs func(micro.Implementation) bool, w Workload) Workload {
	w.needs = needs
	return w
}

// has tells whether a contestant's tables have the methods of T.
func has[T any](implementation micro.Implementation) bool {
	table := implementation.New()
	defer table.Close()
	_, ok := table.(T)
	return ok
}

// throughput is one slice of blocks.
func throughput(s Subject, slice time.Duration, blocks measure.Blocks) []Sample {
	// Allocations are of all operations, those of the warm-up too.
	type count struct {
		n int
		_ [64]byte
	}
	goroutines := max(1, s.Goroutines)
	counts := make([]count, goroutines)
	objects, bytes := measure.Allocations()
	// The warm-up brings back into the caches what the contestant before has pushed out.
	ns, ops := measure.Throughput(goroutines, slice/4, slice, func(worker, limit int) int {
		n := blocks(worker, limit)
		counts[worker].n += n
		return n
	})
	moreObjects, moreBytes := measure.Allocations()
	all := 0.0
	for i := range counts {
		all += float64(counts[i].n)
	}
	return []Sample{{Subject: s, Ops: ops, Values: []benchfmt.Value{
		value(ns, "ns/op"), value((moreBytes-bytes)/all, "B/op"), value((moreObjects-objects)/all, "allocs/op"),
	}}}
}

// must is the work's proof: every lookup found what it should.
func must(s Subject, hits, want int, sum uint64) int {
	if hits != want || sum != uint64(want) {
		panic(fmt.Sprintf("work: %s: %d of %d lookups hit, sum %d", s.Name(), hits, want, sum))
	}
	return want
}

func getHit(g *Ground, s Subject) measure.Blocks {
	getter := g.getter(s.Impl)
	return func(worker, limit int) int {
		block := g.picks.Next(worker, limit)
		hits, sum := getter.Get(block)
		return must(s, hits, len(block), sum)
	}
}

func getDependent(g *Ground, s Subject) measure.Blocks {
	dependent := g.getter(s.Impl).(micro.Dependent)
	return func(worker, limit int) int {
		block := g.picks.Next(worker, limit)
		hits, sum := dependent.GetDependent(block)
		return must(s, hits, len(block), sum)
	}
}

func getMiss(g *Ground, s Subject) measure.Blocks {
	table, _ := g.table(s.Impl)
	strangers := g.unknown()
	return func(worker, limit int) int {
		block := strangers.Next(worker, limit)
		hits, sum := table.Get(block)
		must(s, hits, 0, sum)
		return len(block)
	}
}

// batches are the sizes of get-batch.
var batches = []string{"loop", "1", "4", "16", "64", "256"}

func getBatch(g *Ground, s Subject) measure.Blocks {
	if s.Variant == "batch=loop" {
		return getHit(g, s)
	}
	table, _ := g.table(s.Impl)
	batcher, batch := table.(micro.Batcher), number(s.Variant)
	return func(worker, limit int) int {
		block := g.picks.Next(worker, max(limit, batch))
		hits, sum := batcher.GetBatch(block, batch)
		return must(s, hits, len(block), sum)
	}
}

func getOrAlloc(g *Ground, s Subject) measure.Blocks {
	table, implementation := g.table(s.Impl)
	if implementation.OneWriter && s.Goroutines > 1 {
		return nil
	}
	return func(worker, limit int) int {
		block := g.picks.Next(worker, limit)
		hits, sum := table.GetOrAttach(block)
		return must(s, hits, len(block), sum)
	}
}

func hotGet(g *Ground, s Subject) measure.Blocks {
	table, _ := g.table(s.Impl)
	return func(worker, limit int) int {
		block := g.hot.Next(worker, limit)
		hits, sum := table.Get(block)
		return must(s, hits, len(block), sum)
	}
}

// counts are the ids a parent of get-ids. There are as many variables whatever their number: the ground's parents
// with one id, a quarter of them with four.
var counts = []int{1, 4, 16, 1000}

func getIDs(g *Ground, s Subject) measure.Blocks {
	ids := number(s.Variant)
	parents := max(1, g.N/ids)
	if ids == 1000 {
		parents = 1 // so many stand on one parent only
	}
	part := g.part(parents)
	identified := part.family(s.Impl, ids)
	return func(worker, limit int) int {
		block := part.picks.Next(worker, max(1, limit/ids))
		hits, sum := identified.GetIDs(block, ids)
		return must(s, hits, ids*len(block), sum)
	}
}

// mix does so many lookups, then a Free and a GetOrAlloc, and so on. Lookups come in runs: a dynamic call for every few operations
// costs all contestants the same half nanosecond an operation at most.
func mix(reads int) step {
	return func(g *Ground, s Subject) measure.Blocks {
		table, implementation := g.table(s.Impl)
		if implementation.OneWriter && s.Goroutines > 1 {
			return nil
		}
		return func(worker, limit int) int {
			done := 0
			for done < limit {
				// Between another goroutine's Free and GetOrAlloc a lookup may miss.
				block := g.picks.Next(worker, reads)
				table.Get(block)
				table.Churn(g.picks.Next(worker, 1))
				done += len(block) + 2
			}
			return done
		}
	}
}

func churn(g *Ground, s Subject) measure.Blocks { return churning(g, s, g.picks) }

func hotChurn(g *Ground, s Subject) measure.Blocks { return churning(g, s, g.hot) }

func churning(g *Ground, s Subject, picks *micro.Picks) measure.Blocks {
	table, implementation := g.table(s.Impl)
	if implementation.OneWriter && s.Goroutines > 1 {
		return nil
	}
	return func(worker, limit int) int {
		block := picks.Next(worker, limit)
		table.Churn(block)
		return len(block)
	}
}

// walk visits everything; one operation is one variable.
func walk(g *Ground, s Subject) measure.Blocks {
	table, _ := g.table(s.Impl)
	return func(int, int) int {
		n, sum := table.Walk()
		return must(s, n, g.N, sum)
	}
}

// Variants are what a workload is done with besides parents and goroutines: "batch=16".
func (w Workload) Variants() (all []string) {
	switch w.Op {
	case "get-batch":
		for _, batch := range batches {
			all = append(all, "batch="+batch)
		}
	case "get-ids":
		for _, ids := range counts {
			all = append(all, "ids="+strconv.Itoa(ids))
		}
	default:
		all = []string{""}
	}
	return all
}

// number is the number in a variant.
func number(variant string) int {
	_, digits, _ := strings.Cut(variant, "=")
	n, err := strconv.Atoi(digits)
	if err != nil {
		panic("work: variant " + variant)
	}
	return n
}
