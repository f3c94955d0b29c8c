package work

import (
	"fmt"
	"runtime"

	"github.com/shadowvars/shadow/bench/internal/measure"
	"github.com/shadowvars/shadow/bench/internal/micro"
)

// MostGoroutines is how many may work on a ground.
const MostGoroutines = 64

// Ground is what steady workloads stand on: n parents, streams of picks of them, and the contestants' tables with data attached to
// all of them, side by side.
type Ground struct {
	N         int
	parents   []*micro.Parent
	picks     *micro.Picks
	strangers *micro.Picks // of parents that nothing is ever attached to
	hot       *micro.Picks // of one parent
	tables    map[string]micro.Table
	floors    map[string]micro.Getter
	families  map[string]micro.Table // by contestant and number of ids
	parts     map[int]*Ground
}

// NewGround makes parents and picks; tables are built when they are first asked for.
func NewGround(n int) *Ground {
	g := &Ground{
		N: n, parents: micro.NewParents(n), tables: map[string]micro.Table{},
		floors: map[string]micro.Getter{}, families: map[string]micro.Table{}, parts: map[int]*Ground{},
	}
	g.picks = micro.NewPicks(g.parents, MostGoroutines)
	g.hot = micro.NewPicks(g.parents[n/2:n/2+1], MostGoroutines)
	return g
}

// Close ends all tables.
func (g *Ground) Close() {
	for _, table := range g.tables {
		table.Close()
	}
	for _, family := range g.families {
		family.Close()
	}
	for _, part := range g.parts {
		part.Close()
	}
	runtime.KeepAlive(g.parents)
}

// table returns a contestant's table.
func (g *Ground) table(name string) (micro.Table, micro.Implementation) {
	implementation, ok := find(name)
	if !ok {
		panic("work: no contestant " + name)
	}
	table := g.tables[name]
	if table == nil {
		table = implementation.New()
		measure.Parallel(writers(implementation, runtime.GOMAXPROCS(0)), g.N, func(_, from, to int) { table.Attach(g.parents[from:to]) })
		if got := table.Len(); got != g.N {
			panic(fmt.Sprintf("work: %s holds %d of %d", name, got, g.N))
		}
		g.tables[name] = table
	}
	return table, implementation
}

// writers is how many of so many goroutines the contestant lets write.
func writers(implementation micro.Implementation, goroutines int) int {
	if implementation.OneWriter || implementation.Alone {
		return 1
	}
	return goroutines
}

// getter returns a contestant's table or a floor.
func (g *Ground) getter(name string) micro.Getter {
	if _, ok := find(name); ok {
		table, _ := g.table(name)
		return table
	}
	if g.floors[name] == nil {
		g.floors[name] = micro.FindFloor(name).New(g.N)
	}
	return g.floors[name]
}

// family returns a contestant's table with as many ids attached to each parent.
func (g *Ground) family(name string, ids int) micro.Identified {
	key := fmt.Sprintf("%s %d", name, ids)
	table := g.families[key]
	if table == nil {
		table = micro.Find(name).New()
		table.(micro.Identified).AttachIDs(g.parents, ids)
		g.families[key] = table
	}
	return table.(micro.Identified)
}

// unknown returns picks that nobody has data for.
func (g *Ground) unknown() *micro.Picks {
	if g.strangers == nil {
		g.strangers = micro.NewPicks(micro.NewParents(g.N), MostGoroutines)
	}
	return g.strangers
}

// part returns a ground of fewer parents that ends with this one.
func (g *Ground) part(parents int) *Ground {
	if parents == g.N {
		return g
	}
	if g.parts[parents] == nil {
		g.parts[parents] = NewGround(parents)
	}
	return g.parts[parents]
}
