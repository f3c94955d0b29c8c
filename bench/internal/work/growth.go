package work

import (
	"fmt"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"github.com/shadowvars/shadow/bench/internal/measure"
	"github.com/shadowvars/shadow/bench/internal/micro"
)

// PercentileUnit is the unit of a percentile of a latency: p99.9-ns, and max-ns for the longest.
func PercentileUnit(percent float64) string {
	if percent == 100 {
		return "max-ns"
	}
	return "p" + strconv.FormatFloat(percent, 'f', -1, 64) + "-ns"
}

// growth is a table that grows under writers and readers.
type growth struct {
	parents         []*micro.Parent
	writers         []written
	readers         int
	attaches, gets  *measure.Latency
	running         atomic.Int64 // writers at work
	writing, reader sync.WaitGroup
}

// written is how far a writer has come in its part of the parents.
type written struct {
	from, to int
	done     atomic.Int64
	_        [64]byte
}

func newGrowth(parents []*micro.Parent, writers, readers int) *growth {
	g := &growth{
		parents: parents, writers: make([]written, writers), readers: readers,
		attaches: measure.NewLatency(writers), gets: measure.NewLatency(readers),
	}
	for i := range g.writers {
		g.writers[i].from, g.writers[i].to = len(parents)*i/writers, len(parents)*(i+1)/writers
	}
	return g
}

// run lets the table grow and returns how long it took.
func (g *growth) run(table micro.Table) time.Duration {
	g.running.Store(int64(len(g.writers)))
	begin := time.Now()
	for reader := range g.readers {
		g.reader.Go(func() { g.read(table, reader) })
	}
	for writer := range g.writers {
		g.writing.Go(func() { g.write(table, writer) })
	}
	g.writing.Wait()
	took := time.Since(begin)
	g.reader.Wait()
	return took
}

func (g *growth) write(table micro.Table, writer int) {
	defer g.running.Add(-1)
	w := &g.writers[writer]
	for i, parent := range g.parents[w.from:w.to] {
		begin := time.Now()
		table.AttachOne(parent)
		g.attaches.Record(writer, time.Since(begin))
		w.done.Store(int64(i + 1))
	}
}

// read looks up parents that have data for sure.
func (g *growth) read(table micro.Table, reader int) {
	random := newXorshift(reader)
	for g.running.Load() > 0 {
		w := &g.writers[random.below(len(g.writers))]
		done := int(w.done.Load())
		if done == 0 {
			continue
		}
		at := w.from + random.below(done)
		one := g.parents[at : at+1]
		begin := time.Now()
		hits, _ := table.Get(one)
		g.gets.Record(reader, time.Since(begin))
		if hits != 1 {
			panic(fmt.Sprintf("work: growth: parent %d was attached to and is not found", at))
		}
	}
}

// freeing is a class that is emptied and filled again under readers.
type freeing struct {
	parents  []*micro.Parent
	gets     *measure.Latency
	readers  int
	rounds   int
	clearing time.Duration // in the calls that empty it
	wall     time.Duration
	over     atomic.Bool
	reading  sync.WaitGroup
}

func newFreeing(parents []*micro.Parent, readers int) *freeing {
	return &freeing{parents: parents, readers: readers, gets: measure.NewLatency(readers)}
}

func (f *freeing) run(table micro.Table, clearer micro.Clearer, length time.Duration) {
	begin := time.Now()
	for reader := range f.readers {
		f.reading.Go(func() {
			random := newXorshift(reader)
			for !f.over.Load() {
				at := random.below(len(f.parents))
				begin := time.Now()
				table.Get(f.parents[at : at+1])
				f.gets.Record(reader, time.Since(begin))
			}
		})
	}
	for f.rounds == 0 || time.Since(begin) < length {
		before := time.Now()
		clearer.Clear()
		f.clearing += time.Since(before)
		f.rounds++
		table.GetOrAttach(f.parents)
	}
	f.over.Store(true)
	f.reading.Wait()
	f.wall = time.Since(begin)
}
