package plan

import (
	"math"
	"runtime"
	"time"

	"golang.org/x/perf/benchfmt"

	"github.com/shadowvars/shadow/bench/internal/measure"
	"github.com/shadowvars/shadow/bench/internal/report"
	"github.com/shadowvars/shadow/bench/internal/work"
)

const (
	// narrow is half the width of an interval of confidence, as a part of its median, at which a figure is good enough.
	narrow = 0.02
	// enough is how many rounds have an interval of 95 % confidence that is not their whole range.
	enough = 6
	// mostRounds is where more rounds make nothing narrower that is not narrow yet: the machine is not at rest.
	mostRounds = 60
)

// runner is a plan under way.
type runner struct {
	plan     *Plan
	write    func(*benchfmt.Result) error
	progress *report.Progress
	end      time.Time
	ground   *work.Ground
	skipped  int
}

// Run does what is planned until its budget is spent, and hands every sample to write. It returns how many cells it did
// not come to.
func (p *Plan) Run(write func(*benchfmt.Result) error, progress *report.Progress) (skipped int, err error) {
	r := &runner{plan: p, write: write, progress: progress, end: time.Now().Add(p.Budget)}
	rest := p.cost(p.Cells)
	for i, c := range p.Cells {
		left := time.Until(r.end)
		if left <= 0 {
			r.skipped = len(p.Cells) - i
			break
		}
		cost := p.costOf(c)
		share := left
		if rest > 0 {
			share = time.Duration(float64(left) * min(1, float64(cost)/float64(rest)))
		}
		if err := r.cell(c, share); err != nil {
			return 0, err
		}
		rest -= cost
	}
	r.level(nil)
	progress.Done()
	return r.skipped, nil
}

// level makes the ground for a cell, or keeps the one there is, or takes it away for those that need to be alone.
func (r *runner) level(c *Cell) {
	if r.ground != nil && (c == nil || !c.Workload.Steady || c.N != r.ground.N) {
		r.ground.Close()
		r.ground = nil
		runtime.GC()
	}
	if c != nil && c.Workload.Steady && r.ground == nil {
		r.ground = work.NewGround(c.N)
	}
}

// cell lets all subjects take turns until all are narrow or the share of the time is used up.
func (r *runner) cell(c Cell, share time.Duration) (err error) {
	r.progress.Stage("%s, %s parents", c.Workload.Op, report.Size(c.N))
	r.level(&c)
	t := &turns{steady: c.Workload.Steady, values: map[work.Subject][]float64{}}
	for _, s := range c.subjects() {
		if run := c.Workload.Open(r.ground, s); run != nil {
			t.runs = append(t.runs, run)
		}
	}
	if !t.steady {
		return r.rounds(t, share)
	}
	runtime.GC()
	measure.WithoutCollector(func() { err = r.rounds(t, share) })
	return err
}

// turns are a cell's subjects at work.
type turns struct {
	steady bool
	runs   []work.Run
	values map[work.Subject][]float64 // the first figure of every round
}

// rounds repeats until it is enough. What building took counts in no round.
func (r *runner) rounds(t *turns, share time.Duration) error {
	for begin, round := time.Now(), 0; len(t.runs) > 0; round++ {
		roundBegin := time.Now()
		if whole, err := r.round(t, round); err != nil || !whole {
			return err
		}
		width := widest(t.values)
		r.progress.Round(round+1, width)
		next := time.Since(begin) + time.Since(roundBegin)
		if round+1 == r.plan.Most || round+1 >= enough && width <= narrow || next > share {
			return nil
		}
	}
	return nil
}

// round lets every subject have a turn, forward and backward by turns. It is not whole if the time is up.
func (r *runner) round(t *turns, round int) (whole bool, err error) {
	for i := range t.runs {
		if round%2 == 1 {
			i = len(t.runs) - 1 - i
		}
		// A first round is finished if that does not take much more than there is.
		if late := time.Since(r.end); late > 0 && (round > 0 || late > r.plan.Budget/20) {
			return false, nil
		}
		for _, sample := range t.runs[i](r.plan.Slice) {
			t.values[sample.Subject] = append(t.values[sample.Subject], sample.Values[0].Value)
			if err := r.write(sample.Result()); err != nil {
				return false, err
			}
		}
		if t.steady {
			measure.Breathe(garbage())
		}
	}
	return true, nil
}

// garbage is how much may pile up while the collector is off.
func garbage() uint64 { return min(max(measure.Available()/8, 256<<20), 2<<30) }

// widest is half the width of the widest interval, as a part of its median.
func widest(values map[work.Subject][]float64) (width float64) {
	for _, rounds := range values {
		s := measure.Summarize(rounds)
		if len(rounds) < 2 {
			return math.Inf(1)
		}
		width = max(width, (s.Hi-s.Lo)/2/s.Median)
	}
	return width
}
