package main

import (
	"fmt"
	"math/rand/v2"
	"runtime"
	"runtime/debug"
	"runtime/metrics"
	"sync"
	"sync/atomic"
	"time"

	"github.com/shadowvars/shadow"
)

// stress is one run: rounds of work by all goroutines, with the collector driven hard, and between the rounds, while nobody
// works, checks of what must be true at rest.
type stress struct {
	options  options
	random   *rand.Rand // of run alone
	space    *shadow.Space
	reopened *shadow.Space
	subjects []*subject
	workers  []*worker
	ledger   *ledger

	permanent []atomic.Pointer[family] // shared, replaced only when all is emptied
	transient []atomic.Pointer[family] // shared, replaced at any time

	families atomic.Uint64
	results  atomic.Int64 // what ending variables of the main space has returned
	cycle    atomic.Uint64
	lot      *lot
	ages     ages
	progress func(string)

	started   time.Time
	rounds    int
	walks     int // over all slots of a space at rest
	drains    int
	forced    atomic.Int64
	lost      int64 // destroyed by nobody's result: by attaches that a sweep overtook
	sweeps    uint64
	endings   int // variables that have ended in ledgers that were closed
	mu        sync.Mutex
	reports   []string
	violation atomic.Bool
}

func newStress(o options) *stress {
	s := &stress{
		options: o, random: rand.New(rand.NewPCG(o.seed, 1<<63)), ledger: newLedger(o.ledger),
		space: shadow.NewSpace(&shadow.SpaceOptions{Name: "stress"}), reopened: shadow.NewSpace(nil),
		permanent: make([]atomic.Pointer[family], o.parents), transient: make([]atomic.Pointer[family], o.parents),
		progress: func(string) {}, lot: newLot(o.seed, o.goroutines),
	}
	s.lot.watchAccesses()
	s.newSubjects()
	s.renew()
	for i := range o.goroutines {
		s.workers = append(s.workers, s.newWorker(i))
	}
	return s
}

// renew replaces all shared families.
func (s *stress) renew() {
	for i := range s.permanent {
		s.permanent[i].Store(s.newFamily())
		s.transient[i].Store(s.newFamily())
	}
}

// run runs until the time is over or something was wrong.
func (s *stress) run() {
	defer debug.SetGCPercent(debug.SetGCPercent(100))
	defer debug.SetMemoryLimit(debug.SetMemoryLimit(1 << 30)) // with GOGC off it is what starts collections
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(0))
	defer s.lot.forgetAccesses()
	s.started = time.Now()
	for !s.violation.Load() {
		left := s.options.length - time.Since(s.started)
		if left <= 0 {
			break
		}
		s.round(min(left, time.Duration(100+s.random.IntN(900))*time.Millisecond))
		s.rest()
		if s.ledger.full() || s.random.IntN(16) == 0 {
			s.drain()
		}
		s.progress(s.line())
	}
	if !s.violation.Load() {
		s.drain()
	}
}

// round lets everybody work for a while.
func (s *stress) round(length time.Duration) {
	var stop atomic.Bool
	var workers, driver sync.WaitGroup
	driver.Go(func() { s.drive(&stop, rand.New(rand.NewPCG(s.random.Uint64(), 0))) })
	s.lot.open()
	for _, w := range s.workers {
		workers.Go(func() { w.work(&stop) })
	}
	timer := time.AfterFunc(length, func() { stop.Store(true); s.lot.close() })
	workers.Wait()
	timer.Stop()
	stop.Store(true)
	s.lot.close()
	driver.Wait()
	s.rounds++
}

// drive makes the collector and the scheduler behave in as many ways as there are.
func (s *stress) drive(stop *atomic.Bool, random *rand.Rand) {
	percents := [...]int{5, 10, 25, 50, 100, 200, 800, -1}
	sample := []metrics.Sample{{Name: "/gc/cycles/total:gc-cycles"}}
	for !stop.Load() {
		metrics.Read(sample)
		s.cycle.Store(sample[0].Value.Uint64())
		switch random.IntN(8) {
		case 0:
			debug.SetGCPercent(percents[random.IntN(len(percents))])
		case 1:
			runtime.GOMAXPROCS(1 + random.IntN(2*runtime.NumCPU()))
		case 2:
			// What Reap ends counts as collected in the space's own figures.
			s.space.Reap()
			s.reopened.Reap()
		case 3, 4:
			runtime.GC()
			s.forced.Add(1)
		default:
			time.Sleep(time.Duration(random.IntN(5)) * time.Millisecond)
		}
		if s.violation.Load() {
			stop.Store(true)
		}
	}
}

// violate notes that something was wrong. The run ends soon.
func (s *stress) violate(format string, args ...any) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.violation.Store(true)
	if len(s.reports) < 20 {
		s.reports = append(s.reports, fmt.Sprintf(format, args...))
	}
}

// wrong is violate for what the ledger says of a variable, if it says anything.
func (s *stress) wrong(c *subject, r record, what string) {
	if what != "" {
		s.violate("%s: variable %+v: %s", c.name, r, what)
	}
}

func (s *stress) violations() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.reports
}
