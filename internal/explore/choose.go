//go:build explore

package explore

import (
	"errors"
	"math/rand/v2"
	"strconv"
	"strings"
)

// chooser picks one of w.alts; it is asked only if there is more than one. The
// first is the thread that runs, if it can go on.
type chooser interface {
	choose(w *World) int
}

// uniform switches at random points, one in switchEvery.
type uniform struct{ rng *rand.Rand }

const switchEvery = 4

func (u uniform) choose(w *World) int {
	n := len(w.alts)
	if w.chunkCanGoOn() && u.rng.IntN(switchEvery) != 0 {
		return 0
	}
	// Suspension is offered at every step, so it would come early in nearly every run.
	if w.alts[n-1] == suspend && u.rng.IntN(8) != 0 {
		n--
	}
	return u.rng.IntN(n)
}

// chunkCanGoOn tells whether the first choice is to let the running thread go on.
func (w *World) chunkCanGoOn() bool {
	t := w.current
	return t != nil && t.state == ready && w.alts[0] == t.id
}

// priorities is probabilistic concurrency testing (Burckhardt et al., ASPLOS
// 2010): threads have random priorities, the highest one that can runs, and at
// depth-1 random steps the running one falls to the bottom. It finds a bug of depth d in a run of k steps
// by n threads with a probability of at least 1/(n k^(d-1)).
type priorities struct {
	rng    *rand.Rand
	rank   []int // by thread
	falls  []int // steps
	kill   int   // the step at which the running thread is suspended
	lowest int
	depth  int
	length int // of the longest run yet
}

func (p *priorities) begin() {
	p.length = max(p.length, 1)
	p.rank, p.falls, p.lowest = p.rank[:0], p.falls[:0], 0
	for range p.depth - 1 {
		p.falls = append(p.falls, 1+p.rng.IntN(p.length))
	}
	p.kill = 1 + p.rng.IntN(2*p.length)
}

func (p *priorities) choose(w *World) int {
	for len(p.rank) < w.live {
		p.rank = append(p.rank, 1+p.rng.IntN(1<<30))
	}
	n := len(w.alts)
	if w.chunkCanGoOn() {
		for i, at := range p.falls {
			if at <= len(w.log) && at > 0 {
				p.falls[i] = 0
				p.lowest--
				p.rank[w.current.id] = p.lowest
			}
		}
	}
	if w.alts[n-1] == suspend {
		n--
		if p.kill <= len(w.log) {
			return n
		}
	}
	best := 0
	for i := 1; i < n; i++ {
		if p.rank[w.alts[i]] > p.rank[w.alts[best]] {
			best = i
		}
	}
	return best
}

// follower takes its choices from bytes.
type follower struct {
	choices []byte
	stay    int // how many choices the running thread is still left alone
}

func (f *follower) choose(w *World) int {
	if w.chunkCanGoOn() && f.stay > 0 {
		f.stay--
		return 0
	}
	if len(f.choices) == 0 {
		return 0
	}
	b := f.choices[0]
	f.choices, f.stay = f.choices[1:], int(b>>3)
	return int(b&7) % len(w.alts)
}

// script follows a printed schedule.
type script []scripted

type scripted struct {
	thread  int8
	steps   int // -1: as many as there are
	suspend bool
}

var errScript = errors.New("the schedule does not fit the scenario")

func (s script) choose(w *World) int {
	at := len(w.chunks)
	want := int8(suspend)
	if w.chunkCanGoOn() {
		c := s.chunk(at - 1)
		done := len(w.log) - w.chunks[at-1].start
		switch {
		case c.steps < 0 || done < c.steps:
			return 0
		case !c.suspend:
			want = s.chunk(at).thread
		}
	} else {
		want = s.chunk(at).thread
	}
	for i, a := range w.alts {
		if a == want {
			return i
		}
	}
	if w.failure == nil {
		w.failure = errScript
	}
	return 0
}

// chunk returns chunk i. Past the end no thread fits.
func (s script) chunk(i int) scripted {
	if i >= len(s) {
		return scripted{thread: -2}
	}
	return s[i]
}

// name prints a thread as a letter.
func name(thread int8) string { return string(rune('a' + thread)) }

// schedule prints the schedule of this run.
func (w *World) schedule() string {
	var b strings.Builder
	for i, c := range w.chunks {
		end := len(w.log)
		if i+1 < len(w.chunks) {
			end = w.chunks[i+1].start
		}
		b.WriteString(name(c.thread))
		if i+1 < len(w.chunks) || c.suspend {
			b.WriteString(strconv.Itoa(end - c.start))
		}
		if c.suspend {
			b.WriteByte('!')
		}
	}
	return b.String()
}

func parse(schedule string) (script, error) {
	var s script
	for i := 0; i < len(schedule); {
		c := scripted{thread: int8(schedule[i] - 'a'), steps: -1}
		if schedule[i] < 'a' || schedule[i] > 'z' {
			return nil, errScript
		}
		i++
		from := i
		for i < len(schedule) && '0' <= schedule[i] && schedule[i] <= '9' {
			i++
		}
		if from < i {
			c.steps, _ = strconv.Atoi(schedule[from:i])
		}
		if i < len(schedule) && schedule[i] == '!' {
			c.suspend = true
			i++
		}
		s = append(s, c)
	}
	return s, nil
}
