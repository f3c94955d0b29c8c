//go:build explore

package explore

import (
	"fmt"
	"hash/maphash"
	"math/rand/v2"
	"strings"
	"time"

	"github.com/shadowvars/shadow/internal/atomic"
)

// Options say how far to go. The zero value runs schedules without preemptions only.
type Options struct {
	Preemptions  int           // how often threads that could go on are stopped, at most; negative: no bound
	Kill         bool          // suspend one thread for ever, at each of its steps in turn
	Blocking     bool          // threads may wait for ever for the suspended one
	MaxSchedules int           // 0: no limit
	MaxTime      time.Duration // 0: no limit
	MaxSteps     int           // a run with more steps fails; 0: 10000
	Full         bool          // leave out no schedule because it is equivalent to another one
}

// Report is the result of an exploration.
type Report struct {
	Schedules int  // different schedules run
	Redundant int  // runs given up because they were equivalent to another one, or (random) had been run before
	Exhausted bool // there are no more schedules within the bounds
	Steps     int  // shared accesses in all runs, with those to announced plain data
	Elapsed   time.Duration

	Err      error  // what failed first
	Schedule string // the schedule that did
}

// String is a line about the exploration, and the failure if there is one.
func (r Report) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%d schedules", r.Schedules)
	if r.Exhausted {
		b.WriteString(" (all)")
	}
	if r.Redundant > 0 {
		fmt.Fprintf(&b, ", %d redundant", r.Redundant)
	}
	fmt.Fprintf(&b, ", %d steps, %.0f schedules/s", r.Steps, float64(r.Schedules)/max(r.Elapsed.Seconds(), 1e-9))
	if r.Err != nil {
		fmt.Fprintf(&b, "\nschedule %q fails: %v", r.Schedule, r.Err)
	}
	return b.String()
}

// TB is what Run needs of a testing.TB.
type TB interface {
	Helper()
	Log(args ...any)
	Fatal(args ...any)
}

// Run exhausts the schedules within the options; it logs the report, and the test fails if one of them does.
func Run(t TB, o Options, s Scenario) Report {
	t.Helper()
	return Must(t, Exhaust(o, s))
}

// Must logs the report and ends the test if a schedule failed.
func Must(t TB, r Report) Report {
	t.Helper()
	if r.Err != nil {
		t.Fatal(r)
	}
	t.Log(r)
	return r
}

// Exhaust runs all schedules within the options, depth first, up to the first that fails.
func Exhaust(o Options, s Scenario) Report {
	d := &depthFirst{}
	e := begin(o, d)
	defer e.end()
	for e.goOn() {
		e.run(s)
		if e.report.Err == nil && d.depth < len(d.trace) {
			e.report.Err = errDeparts
		}
		if e.report.Err == nil && !d.advance(e.world) {
			e.report.Exhausted = true
			break
		}
	}
	return e.result()
}

// Random runs schedules chosen at random, as many as o.MaxSchedules (1000 if 0),
// with the number of preemptions bounded by o.
func Random(o Options, seed uint64, s Scenario) Report {
	u := uniform{rand.New(rand.NewPCG(seed, 0))}
	return sample(o, u, func() {}, s)
}

// PCT runs schedules chosen by random priorities, as many as o.MaxSchedules
// (1000 if 0), each with depth-1 preemptions: for scenarios with more steps than can be
// enumerated.
func PCT(o Options, seed uint64, depth int, s Scenario) Report {
	p := &priorities{rng: rand.New(rand.NewPCG(seed, 1)), depth: depth}
	o.Preemptions = -1
	return sample(o, p, p.begin, s)
}

// Follow runs one schedule that is made of bytes: at a choice the next byte says, modulo their number, which of the threads that can
// go on does, the running one being the first, and how many of the choices after it (the upper five bits) leave that thread alone. Once the bytes are used up nobody is stopped
// any more. All bytes are a schedule, so a fuzzer can look for it.
func Follow(o Options, choices []byte, s Scenario) Report {
	o.Full = true
	e := begin(o, &follower{choices: choices})
	defer e.end()
	e.run(s)
	return e.result()
}

func sample(o Options, c chooser, next func(), s Scenario) Report {
	if o.MaxSchedules == 0 {
		o.MaxSchedules = 1000
	}
	o.Full = true
	e := begin(o, c)
	defer e.end()
	e.seen = map[uint64]struct{}{}
	for e.goOn() {
		next()
		e.run(s)
		if p, ok := c.(*priorities); ok {
			p.length = max(p.length, len(e.world.log))
		}
	}
	return e.result()
}

// Replay runs the one schedule that a report names. Options other than MaxSteps and
// Blocking do not matter.
func Replay(o Options, schedule string, s Scenario) Report {
	c, err := parse(schedule)
	if err != nil {
		return Report{Err: err, Schedule: schedule}
	}
	o.Preemptions, o.Kill, o.Full = -1, strings.Contains(schedule, "!"), true
	e := begin(o, c)
	defer e.end()
	e.run(s)
	if e.report.Err == nil && e.world.schedule() != schedule {
		e.report.Err = errScript
	}
	return e.result()
}

// exploration is a sequence of runs.
type exploration struct {
	world  *World
	report Report
	start  time.Time
	runs   int
	seen   map[uint64]struct{} // hashes of schedules, if they are random
	seed   maphash.Seed
}

func begin(o Options, c chooser) *exploration {
	if o.MaxSteps == 0 {
		o.MaxSteps = 10000
	}
	atomic.Busy.Lock()
	w := &World{options: o, choices: c}
	atomic.Step, atomic.OnPlain = w.step, w.step
	atomic.OnHold, atomic.OnKeep, atomic.OnWatch = w.hold, w.keep, w.watch
	atomic.OnWait, atomic.Running = w.wait, w.Running
	return &exploration{world: w, start: time.Now(), seed: maphash.MakeSeed()}
}

// end ends the coroutines and gives the hooks back.
func (e *exploration) end() {
	for _, t := range e.world.threads {
		t.unwinding = true
		t.stop()
	}
	atomic.Step, atomic.OnPlain = nil, nil
	atomic.OnHold, atomic.OnKeep, atomic.OnWatch, atomic.OnWait, atomic.Running = nil, nil, nil, nil, nil
	atomic.Busy.Unlock()
}

func (e *exploration) goOn() bool {
	o := &e.world.options
	return e.report.Err == nil && (o.MaxSchedules == 0 || e.runs < o.MaxSchedules) &&
		(o.MaxTime == 0 || time.Since(e.start) < o.MaxTime)
}

func (e *exploration) run(s Scenario) {
	w := e.world
	err := w.runOnce(s)
	e.runs++
	e.report.Steps += len(w.log)
	switch {
	case err == errRedundant || err == nil && e.seen != nil && !e.isNew():
		e.report.Redundant++
		return
	case err != nil:
		e.report.Err, e.report.Schedule = err, w.schedule()
	}
	e.report.Schedules++
}

func (e *exploration) isNew() bool {
	var h maphash.Hash
	h.SetSeed(e.seed)
	for _, a := range e.world.log {
		h.WriteByte(byte(a.thread))
	}
	if t := e.world.killed; t != nil {
		h.WriteByte(0x80 | byte(t.id))
	}
	n := len(e.seen)
	e.seen[h.Sum64()] = struct{}{}
	return len(e.seen) > n
}

func (e *exploration) result() Report {
	e.report.Elapsed = time.Since(e.start)
	return e.report
}
