package work

import (
	"runtime"
	"runtime/metrics"
	"time"

	"golang.org/x/perf/benchfmt"

	"github.com/shadowvars/shadow/bench/internal/measure"
	"github.com/shadowvars/shadow/bench/internal/micro"
)

// A tick's parents are made, attached to and looked up together, at the same rate whatever the contestant, so that what differs is the
// processor time it takes.
const (
	tick     = 2 * time.Millisecond
	perTick  = 100
	lookUps  = 4 // of each parent
	lifespan = time.Second
)

// openLifetimes mixes parents that live for ever with parents that live for a second. Contestants that let go by themselves are not told
// of a parent's end; the others are, by its owner.
func openLifetimes(s Subject) Run {
	return living(s, micro.Find(s.Impl), lifespan)
}

// living looks at the second lifespan, when as many parents go as come.
func living(s Subject, implementation micro.Implementation, lifespan time.Duration) Run {
	return func(time.Duration) []Sample {
		table := implementation.New()
		defer table.Close()
		forever := micro.NewParents(s.N)
		measure.Parallel(writers(implementation, runtime.GOMAXPROCS(0)), s.N, func(_, from, to int) { table.Attach(forever[from:to]) })
		runtime.GC()

		latency := measure.NewLatency(1)
		q := &queue{table: table, byHand: !implementation.Weak, latency: latency, ticks: int(lifespan / tick)}
		q.live()
		before := usageNow()
		ops := q.live()
		spent := usageNow().less(before)
		q.end()
		left := table.Len() - s.N
		for deadline := time.Now().Add(2 * time.Second); left > 0 && time.Now().Before(deadline); left = table.Len() - s.N {
			runtime.GC()
			time.Sleep(10 * time.Millisecond) // cleanups run in the background
		}
		runtime.KeepAlive(forever)
		each := func(amount float64, unit string) benchfmt.Value { return value(amount/float64(ops), unit) }
		return []Sample{{Subject: s, Ops: ops, Values: append(percentiles(latency),
			each(float64(spent.process.Nanoseconds()), "cpu-ns/op"), each(spent.collector*1e9, "gc-cpu-ns/op"),
			value(float64(left), "left"))}}
	}
}

// queue holds parents until they are a lifespan old.
type queue struct {
	table   micro.Table
	byHand  bool
	latency *measure.Latency
	ticks   int               // in a lifespan
	living  [][]*micro.Parent // by tick, the oldest first
}

// live goes on for a lifespan and returns how many parents were made.
func (q *queue) live() (made int) {
	next := time.Now()
	for range q.ticks {
		next = next.Add(tick)
		born := micro.NewParents(perTick)
		for _, parent := range born {
			begin := time.Now()
			q.table.AttachOne(parent)
			q.latency.Record(0, time.Since(begin))
		}
		for range lookUps {
			if hits, _ := q.table.Get(born); hits != len(born) {
				panic("work: lifetimes: a parent that is alive has lost its data")
			}
		}
		q.living = append(q.living, born)
		made += len(born)
		if len(q.living) > q.ticks {
			q.bury(1)
		}
		time.Sleep(time.Until(next)) // not at all if we are late
	}
	return made
}

// bury lets the parents of the oldest ticks go.
func (q *queue) bury(ticks int) {
	for _, old := range q.living[:ticks] {
		if q.byHand {
			q.table.Detach(old)
		}
	}
	clear(q.living[:ticks])
	q.living = q.living[ticks:]
}

func (q *queue) end() { q.bury(len(q.living)) }

// usage is processor time that was spent.
type usage struct {
	process   time.Duration
	collector float64 // seconds
}

func usageNow() usage {
	// The runtime brings its account of processor time up to date at the end of a collection.
	runtime.GC()
	samples := []metrics.Sample{{Name: "/cpu/classes/gc/total:cpu-seconds"}}
	metrics.Read(samples)
	return usage{measure.ProcessCPU(), samples[0].Value.Float64()}
}

func (u usage) less(before usage) usage {
	return usage{u.process - before.process, u.collector - before.collector}
}
