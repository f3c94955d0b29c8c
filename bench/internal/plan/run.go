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

// cell lets all subjects take turns, forward and backward, until all are narrow or the share of the time is used up.
func (r *runner) cell(c Cell, share time.Duration) error {
	r.progress.Stage("%s, %s parents", c.Workload.Op, report.Size(c.N))
	r.level(&c)
	var runs []work.Run
	var names []work.Subject
	for _, s := range c.subjects() {
		if run := c.Workload.Open(r.ground, s); run != nil {
			runs, names = append(runs, run), append(names, s)
		}
	}
	values := map[work.Subject][]float64{}
	begin := time.Now() // what building took is in no round
	rounds := func() error {
		for round := 0; len(runs) > 0; round++ {
			roundBegin := time.Now()
			for i := range runs {
				if round%2 == 1 {
					i = len(runs) - 1 - i
				}
				// A first round is finished if that does not take much more than there is.
				if late := time.Since(r.end); late > 0 && (round > 0 || late > r.plan.Budget/20) {
					return nil
				}
				for _, sample := range runs[i](r.plan.Slice) {
					values[sample.Subject] = append(values[sample.Subject], sample.Values[0].Value)
					if err := r.write(sample.Result()); err != nil {
						return err
					}
				}
				if c.Workload.Steady {
					measure.Breathe(garbage())
				}
			}
			width := widest(values)
			r.progress.Round(round+1, width)
			spent := time.Since(begin)
			if round+1 == mostRounds || round+1 >= enough && width <= narrow || spent+time.Since(roundBegin) > share {
				return nil
			}
		}
		return nil
	}
	if !c.Workload.Steady {
		return rounds()
	}
	var err error
	runtime.GC()
	measure.WithoutCollector(func() { err = rounds() })
	return err
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
