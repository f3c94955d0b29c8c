//go:build explore

package explore

import "errors"

// depthFirst enumerates all choices, but for those between two threads of which it has seen that nothing new can come of them (see foresee).
type depthFirst struct {
	trace []decision
	depth int
	old   int // so many decisions of the trace were taken in an earlier run, and alike
}

// decision is a choice among several.
type decision struct {
	pick, of int8

	// If it is whether to preempt one of two threads at a step, that thread is the first choice and the other the second.
	two     bool
	futile  bool // to preempt it here leads to redundant schedules only
	thread  int8
	calling bool // the step is the first of an operation
	at      int  // where the step comes in the log
}

var errDeparts = errors.New("the scenario is not deterministic: the same schedule led elsewhere")

func (d *depthFirst) choose(w *World) int {
	n := int8(len(w.alts))
	if d.depth == len(d.trace) {
		c := decision{of: n, at: len(w.log)}
		if t := w.current; n == 2 && w.live == 2 && w.chunkCanGoOn() && w.alts[1] != suspend && !w.options.Full {
			c.two, c.thread, c.calling = true, t.id, t.calling
		}
		d.trace = append(d.trace, c)
	}
	c := d.trace[d.depth]
	d.depth++
	if c.of != n {
		if w.failure == nil {
			w.failure = errDeparts
		}
		return 0
	}
	return int(c.pick)
}

// advance goes on to the next schedule after a run in w; false if there is none.
func (d *depthFirst) advance(w *World) bool {
	d.trace = d.trace[:d.depth]
	d.depth = 0
	d.learn(w)
	for i := len(d.trace) - 1; i >= 0; i-- {
		if c := &d.trace[i]; c.pick+1 < c.of && !c.futile {
			c.pick++
			d.trace = d.trace[:i+1]
			d.old = i
			return true
		}
	}
	return false
}

// learn sees what the other thread did where the run in w was the first to let it: after the decision that was changed last, and after those that are new
// and the last before their thread ended or had to wait. Nobody was preempted after the changed decision, so each time it went as far as it could.
func (d *depthFirst) learn(w *World) {
	for i := d.old; i < len(d.trace); i++ {
		c := &d.trace[i]
		switch {
		case !c.two:
		case c.pick == 1:
			d.foresee(w, i-1, c.at)
		case i+1 == len(d.trace) || !c.precedes(&d.trace[i+1]):
			d.foresee(w, i, c.at+1)
		}
	}
}

// precedes tells whether the same thread takes the step of c and comes to the step of next at once.
func (c *decision) precedes(next *decision) bool {
	return c.two && next.two && c.pick == 0 && c.thread == next.thread && c.at+1 == next.at
}

// foresee marks futile decisions. The other thread's chunk that begins at a position of the log follows the step of decision i. If nothing in it conflicts with that
// step, to preempt the thread before the step is futile: the other one would do the same, and wherever it were preempted in turn, isRedundant would keep
// the thread from going on, so that there is one such schedule, and it is given up in the end. And then it would do the same before the step
// before that one. What keeps a thread waiting must be decided by a step right before it waits, or by one without an address, so that it shows in the chunk: so it is with Mutex
// and Wait of internal/atomic.
//
// All is compared within one run, because the same word has another address in another run.
func (d *depthFirst) foresee(w *World, i, at int) {
	steps, wild, returns := w.chunkAt(at)
	for ; i >= 0; i-- {
		c := &d.trace[i]
		if !c.two || c.pick != 0 || c.at != at-1 || len(steps) == 0 || steps[0].thread == c.thread {
			return
		}
		at = c.at
		if step := w.log[at]; wild || step.word == 0 || c.calling && returns || step.conflicts(steps) {
			return
		}
		c.futile = true
	}
}

// chunkAt returns the chunk of the run that begins at a position, and whether there was something wild in it or operations returned.
func (w *World) chunkAt(at int) (steps []access, wild, returns bool) {
	for i, k := range w.chunks {
		if k.start != at {
			continue
		}
		next := chunk{start: len(w.log), wild: w.wildAtEnd, returns: w.returnsAtEnd}
		if i+1 < len(w.chunks) {
			next = w.chunks[i+1]
		}
		if next.start > at {
			return w.log[at:next.start], next.wild != k.wild, next.returns != k.returns
		}
	}
	return nil, false, false
}

// conflicts tells whether the order of a and of one of the steps matters.
func (a access) conflicts(steps []access) bool {
	for _, s := range steps {
		if s.word == a.word && (s.write || a.write) {
			return true
		}
	}
	return false
}
