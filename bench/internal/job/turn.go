package job

import (
	"fmt"
	"go/ast"
	"math/rand/v2"
	"runtime"
	"slices"
	"sync/atomic"
	"time"
	"weak"

	"github.com/shadowvars/shadow/bench/internal/measure"
	"github.com/shadowvars/shadow/bench/internal/syntax"
)

// figures are what one contestant reached in one round.
type figures struct {
	attach    float64 // ns of a worker's time
	get       float64
	reattach  float64
	tail      float64 // µs, p99.99 of one attach
	bytes     float64 // a note
	collector float64 // ms of wall a collection takes longer
	weighed   bool    // whether bytes and collector were measured
	attached  int     // nodes, which is fewer than the walk visits if it visits one twice
}

// remains is what is left of the notes of the files that were let go.
type remains struct {
	notes, dropped int
	byHand         bool
}

// turn is one contestant at work on the corpus.
type turn struct {
	contestant contestant
	corpus     *syntax.Corpus
	workers    int
	table      table
	weigh      bool // whether to measure bytes and collector too
}

// weight is what the heap holds and how long a collection of it takes.
type weight struct {
	bytes     float64
	collector float64 // ms
}

// weigh collects twice: the first collection sweeps what came before and is not timed.
func weigh() weight {
	runtime.GC()
	begin := time.Now()
	runtime.GC()
	wall := time.Since(begin)
	return weight{float64(measure.MarkedHeap()), float64(wall.Nanoseconds()) / 1e6}
}

// work does everything but letting go.
func (t *turn) work() (f figures, err error) {
	// The corpus alone is weighed right before, so that a machine that slows down slows down both.
	var alone weight
	if t.weigh {
		alone = weigh()
	}
	t.table = t.contestant.new()
	latency := measure.NewLatency(t.workers)
	f.attached, f.attach = t.overFiles(t.corpus.Files, func(worker int, nodes []ast.Node) int {
		return attachSampled(t.table, nodes, worker, latency)
	})
	f.tail = latency.Percentile(99.99) / 1000
	if got := t.table.Len(); got != f.attached {
		return f, fmt.Errorf("%s: %d notes were attached and Len is %d", t.contestant.name, f.attached, got)
	}
	if f.get, err = t.lookUp(); err != nil {
		return f, err
	}
	// An eighth of the files, spread over the corpus.
	var some []*syntax.File
	for i := 0; i < len(t.corpus.Files); i += 8 {
		some = append(some, t.corpus.Files[i])
	}
	detached := 0
	if detached, f.reattach = t.overFiles(some, func(_ int, nodes []ast.Node) int { return t.table.Reattach(nodes) }); detached == 0 {
		return f, fmt.Errorf("%s: nothing could be detached", t.contestant.name)
	}
	if got := t.table.Len(); got != f.attached {
		return f, fmt.Errorf("%s: after attaching again Len is %d instead of %d", t.contestant.name, got, f.attached)
	}
	if !t.weigh {
		return f, nil
	}
	with := weigh()
	f.weighed = true
	f.bytes = (with.bytes - alone.bytes) / float64(f.attached)
	f.collector = with.collector - alone.collector
	return f, nil
}

// sampleEvery is how many attaches there are to one that is timed: reading the clock twice takes as long as a fast attach.
const sampleEvery = 8

func attachSampled(table table, nodes []ast.Node, worker int, latency *measure.Latency) (attached int) {
	for len(nodes) > 0 {
		begin := time.Now()
		fresh := table.AttachOne(nodes[0])
		latency.Record(worker, time.Since(begin))
		if fresh {
			attached++
		}
		rest := nodes[1:min(sampleEvery, len(nodes))]
		attached += table.Attach(rest)
		nodes = nodes[1+len(rest):]
	}
	return attached
}

// overFiles lets every worker take file after file, adds up what do returns, and returns it with the time a
// node took.
func (t *turn) overFiles(files []*syntax.File, do func(worker int, nodes []ast.Node) int) (sum int, ns float64) {
	var next, total, nodes atomic.Int64
	wall := measure.Parallel(t.workers, t.workers, func(worker, _, _ int) {
		for {
			i := int(next.Add(1)) - 1
			if i >= len(files) {
				return
			}
			total.Add(int64(do(worker, files[i].Nodes)))
			nodes.Add(int64(len(files[i].Nodes)))
		}
	})
	return int(total.Load()), float64(wall.Nanoseconds()) * float64(t.workers) / float64(nodes.Load())
}

// lookUps is how many random picks a worker looks up; they are drawn before the clock runs.
const lookUps = 1 << 18

func (t *turn) lookUp() (ns float64, err error) {
	picks := make([][]ast.Node, t.workers)
	count := min(lookUps, t.corpus.Nodes)
	for worker := range picks {
		picks[worker] = draw(t.corpus, count, uint64(worker))
	}
	var hits, visits atomic.Int64
	wall := measure.Parallel(t.workers, t.workers, func(worker, _, _ int) {
		found, sum := t.table.Get(picks[worker])
		hits.Add(int64(found))
		visits.Add(int64(sum))
	})
	if want := int64(count * t.workers); hits.Load() != want || visits.Load() != want*int64(note.Visits) {
		return 0, fmt.Errorf("%s: %d of %d lookups hit", t.contestant.name, hits.Load(), want)
	}
	return float64(wall.Nanoseconds()) / float64(count), nil
}

// draw picks nodes independently and uniformly: a file by its share of the nodes, then a node of it.
func draw(corpus *syntax.Corpus, count int, seed uint64) []ast.Node {
	source := rand.New(rand.NewPCG(1, seed))
	ends := make([]int, len(corpus.Files))
	end := 0
	for i, file := range corpus.Files {
		end += len(file.Nodes)
		ends[i] = end
	}
	picks := make([]ast.Node, count)
	for i := range picks {
		at := source.IntN(end)
		// The first file that ends after the pick.
		file, _ := slices.BinarySearch(ends, at+1)
		picks[i] = corpus.Files[file].Nodes[at-ends[file]+len(corpus.Files[file].Nodes)]
	}
	return picks
}

// letGo drops every second file and tells what remains of its notes. The corpus is whole again afterwards
// unless the contestant let the files go.
func (t *turn) letGo() (r remains, err error) {
	var kept, freed []*syntax.File
	var dropped []weak.Pointer[ast.File]
	for i, file := range t.corpus.Files {
		if i%2 == 0 {
			kept = append(kept, file)
			continue
		}
		r.dropped += len(file.Nodes)
		if t.contestant.lifetime == byHand {
			// The files stay for the contestants to come: that notes detached by hand are gone needs no collection.
			freed = append(freed, file)
			continue
		}
		dropped = append(dropped, weak.Make(file.Tree))
		// From here on only the contestant can keep these nodes alive.
		t.corpus.Files[i] = nil
	}
	keptNodes := 0
	for _, file := range kept {
		keptNodes += len(file.Nodes)
	}
	r.byHand = t.contestant.lifetime == byHand
	t.overFiles(freed, func(_ int, nodes []ast.Node) int {
		t.table.(*shadowTable).Detach(nodes)
		return len(nodes)
	})
	t.collect(keptNodes)
	r.notes = t.table.Len() - keptNodes
	hits, _ := t.overFiles(kept, func(_ int, nodes []ast.Node) int { hits, _ := t.table.Get(nodes); return hits })
	if hits != keptNodes {
		return r, fmt.Errorf("%s: of the files that were kept %d of %d notes are found", t.contestant.name, hits, keptNodes)
	}
	if t.contestant.lifetime == byItself {
		if walked := t.table.(*shadowTable).Walk() - keptNodes; walked != r.notes {
			return r, fmt.Errorf("%s: All yields %d notes more than live, Len counts %d", t.contestant.name, walked, r.notes)
		}
	}
	return r, t.restore(dropped)
}

// collect collects, for who lets go as often as is promised to be enough, and gives background work the time it needs, which on a busy
// machine is more than a moment.
func (t *turn) collect(until int) {
	runtime.GC()
	if t.contestant.lifetime != byItself {
		return // restore proves that nothing was let go, and more collections would not change it
	}
	runtime.GC()
	for deadline := time.Now().Add(time.Minute); t.table.Len() > until && time.Now().Before(deadline); {
		time.Sleep(10 * time.Millisecond)
	}
}

// restore takes back the files that a contestant kept alive, which is the proof that it did.
func (t *turn) restore(dropped []weak.Pointer[ast.File]) error {
	if t.contestant.lifetime != leaks {
		return nil
	}
	var collected atomic.Int64
	measure.Parallel(t.workers, len(dropped), func(_, first, end int) {
		for i := first; i < end; i++ {
			if tree := dropped[i].Value(); tree != nil {
				t.corpus.Files[2*i+1] = &syntax.File{Tree: tree, Nodes: syntax.NodesOf(tree)}
			} else {
				collected.Add(1)
			}
		}
	})
	if n := collected.Load(); n > 0 {
		return fmt.Errorf("%s: %d files it has notes on were collected", t.contestant.name, n)
	}
	return nil
}
