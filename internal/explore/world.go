//go:build explore

package explore

import (
	"errors"
	"fmt"
	"iter"
	"runtime/debug"
)

// A Scenario builds a fresh world: it calls w.Go for each thread and w.Check
// for what must hold in the end. It is called once per schedule.
type Scenario func(w *World)

// World is one run of a scenario. Its engine (coroutines and buffers) is used
// again for the next one.
type World struct {
	options Options
	choices chooser
	check   func() error

	threads []*thread // the live ones of this run come first
	live    int       // how many there are
	current *thread   // the thread that runs; nil during set-up and check
	next    *thread   // whom the current thread hands over to when it yields
	alts    []int8    // the choices at this point: threads, or suspend
	quiet   bool      // accesses are the scheduler's own

	preemptions             int
	killed                  *thread
	log                     []access // every step of this run
	chunks                  []chunk
	clock                   int // of calls and returns
	returns                 int // how many operations have returned
	wild                    int // how many accesses to things without an address there were
	wildAtEnd, returnsAtEnd int // when no thread could go on
	idle                    int // accesses in set-up and check
	redundant               bool
	failure                 error

	heap heap
}

// access is one step: a thread's access to a shared word, or to announced plain data.
type access struct {
	word   uintptr
	thread int8
	write  bool
}

// chunk is a run of steps of one thread.
type chunk struct {
	thread  int8
	suspend bool // the thread is suspended for ever at the end
	start   int  // position in the log

	wild, returns int // when it began
}

// maxIdle is how many accesses set-up and check may have: an operation there that never ends would not be stopped by anything.
const maxIdle = 1 << 20

// suspend is the choice of suspending the current thread for ever.
const suspend = -1

type state int8

const (
	idle    state = iota // not part of this run, or not begun
	ready                // runs, or has been preempted
	blocked              // waits for ready() to be true
	ended
	dead // suspended for ever
)

// thread is a coroutine; it runs one function per world.
type thread struct {
	id     int8
	state  state
	run    func()
	ready  func() bool
	held   []any
	resume func() (struct{}, bool)
	stop   func()
	yield  func(struct{}) bool

	unwinding bool   // the run is over: leave by panic
	pending   access // the step that the thread was stopped at

	// What was seen so far when the thread was last preempted.
	preempted bool
	position  int // in the log; moves on over steps that do not conflict with pending
	returns   int
	wild      int

	// A call is dated when the operation takes its first step: that is as late, so as strict, as it can be.
	calling bool
	called  int
}

// unwind is the panic by which a coroutine leaves a run that is over.
type unwind struct{}

// errRedundant marks a run that is equivalent to another one.
var errRedundant = errors.New("redundant schedule")

// Go adds a thread.
func (w *World) Go(run func()) {
	if w.live == len(w.threads) {
		w.threads = append(w.threads, newThread(w, int8(w.live)))
	}
	t := w.threads[w.live]
	w.live++
	t.run = run
}

// Check sets what must hold once all threads have ended (or been suspended).
// It runs unscheduled.
func (w *World) Check(check func() error) { w.check = check }

// Running is the number of the thread that runs, in the order of the calls of Go; -1 in set-up and check.
func (w *World) Running() int {
	if w.current == nil {
		return -1
	}
	return int(w.current.id)
}

// Touch says that the running thread now accesses something that other
// threads or the check can see and that is no word of internal/atomic.
func (w *World) Touch() { w.wild++ }

// Fail ends the run with an error.
func (w *World) Fail(err error) {
	if w.failure == nil {
		w.failure = err
	}
	if w.current != nil {
		panic(unwind{})
	}
}

func newThread(w *World, id int8) *thread {
	t := &thread{id: id}
	t.resume, t.stop = iter.Pull(func(yield func(struct{}) bool) {
		t.yield = yield
		for {
			t.do(w)
			t.state = ended
			if !yield(struct{}{}) {
				return
			}
		}
	})
	return t
}

func (t *thread) do(w *World) {
	defer func() {
		if t.unwinding {
			recover()
			return
		}
		if r := recover(); r != nil {
			if _, ok := r.(unwind); !ok && w.failure == nil {
				w.failure = fmt.Errorf("panic: %v\n%s", r, debug.Stack())
			}
			return
		}
		if len(t.held) != 0 && w.failure == nil {
			w.failure = fmt.Errorf("a thread ended with Hold but no Keep of a %T", t.held[0])
		}
	}()
	t.run()
}

func (w *World) reset() {
	for _, t := range w.threads[:w.live] {
		t.state, t.run, t.ready = idle, nil, nil
		t.unwinding, t.preempted, t.calling = false, false, false
		clear(t.held)
		t.held = t.held[:0]
	}
	w.check, w.current, w.next, w.quiet = nil, nil, nil, false
	w.live, w.preemptions, w.killed, w.redundant, w.failure = 0, 0, nil, false, nil
	w.log, w.chunks = w.log[:0], w.chunks[:0]
	w.clock, w.returns, w.wild, w.idle = 0, 0, 0, 0
	w.heap.reset()
}

// runOnce runs one schedule.
func (w *World) runOnce(s Scenario) error {
	w.reset()
	s(w)
	for w.failure == nil && !w.redundant {
		t := w.choose(nil)
		if t == nil {
			break
		}
		for ; t != nil; t = w.next {
			w.current, w.next = t, nil
			w.chunks = append(w.chunks, chunk{thread: t.id, start: len(w.log), wild: w.wild, returns: w.returns})
			t.resume()
		}
	}
	w.current = nil
	w.wildAtEnd, w.returnsAtEnd = w.wild, w.returns
	if w.failure == nil && !w.redundant {
		w.failure = w.finish()
	}
	for _, t := range w.threads[:w.live] {
		if t.state != idle && t.state != ended {
			t.unwinding, w.current = true, t
			t.resume()
		}
	}
	w.current = nil
	if w.redundant && w.failure == nil {
		return errRedundant
	}
	return w.failure
}

// finish checks a world whose threads cannot go on.
func (w *World) finish() (err error) {
	for _, t := range w.threads[:w.live] {
		if t.state == blocked && (w.killed == nil || !w.options.Blocking) {
			return fmt.Errorf("deadlock: thread %s waits for ever", name(t.id))
		}
	}
	if w.check == nil {
		return nil
	}
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("panic in check: %v\n%s", r, debug.Stack())
		}
	}()
	if err := w.check(); err != nil {
		return err
	}
	return w.failure
}

// step is atomic.Step: the running thread is about to access word.
func (w *World) step(word uintptr, write bool) {
	t := w.current
	if t == nil || w.quiet {
		if w.idle++; w.idle > maxIdle {
			panic("no end of set-up or check")
		}
		return
	}
	if t.unwinding {
		panic(unwind{})
	}
	t.pending = access{word, t.id, write}
	if t.state == idle {
		t.state = ready // it was chosen in order to take this step
	} else if u := w.choose(t); u != t {
		w.next = u
		t.preempted = t.state == ready
		t.position, t.returns, t.wild = len(w.log), w.returns, w.wild
		w.leave(t)
		t.preempted = false
	}
	if len(w.log) >= w.options.MaxSteps {
		w.Fail(fmt.Errorf("no end after %d steps", len(w.log)))
	}
	if t.calling {
		t.calling = false
		t.called = w.tick()
	}
	if word == 0 {
		w.wild++
	}
	w.log = append(w.log, t.pending)
}

// wait is atomic.OnWait.
func (w *World) wait(isReady func() bool) {
	t := w.current
	if t == nil {
		panic("explore: set-up or check would block")
	}
	if t.unwinding {
		panic(unwind{})
	}
	for !isReady() {
		t.state, t.ready = blocked, isReady
		w.leave(t)
		t.state, t.ready = ready, nil
	}
}

// leave lets the scheduler run until it chooses t again.
func (w *World) leave(t *thread) {
	if !t.yield(struct{}{}) || t.unwinding {
		panic(unwind{})
	}
}

// choose decides who takes the next step. t is the thread that is about to
// take one, or nil if the last one has ended or blocked. The answer is nil if no
// thread can go on.
func (w *World) choose(t *thread) *thread {
	mayKill := t != nil && w.options.Kill && w.killed == nil
	if t != nil && !mayKill && w.options.Preemptions >= 0 && w.preemptions >= w.options.Preemptions {
		return t
	}
	alts := w.alts[:0]
	able := 0
	if t != nil {
		alts = append(alts, t.id)
	}
	if t == nil || w.options.Preemptions < 0 || w.preemptions < w.options.Preemptions {
		for _, u := range w.threads[:w.live] {
			if u == t || u.state > blocked || u.state == blocked && !u.ready() {
				continue
			}
			able++
			if !w.isRedundant(u) {
				alts = append(alts, u.id)
			}
		}
	}
	if mayKill {
		alts = append(alts, suspend)
	}
	w.alts = alts
	switch len(alts) {
	case 0:
		w.redundant = able > 0
		return nil
	case 1:
		return w.threads[alts[0]]
	}
	c := alts[w.choices.choose(w)]
	if c == suspend {
		t.state = dead
		w.killed = t
		w.chunks[len(w.chunks)-1].suspend = true
		return nil
	}
	u := w.threads[c]
	if t != nil && u != t {
		w.preemptions++
	}
	return u
}

// isRedundant tells whether letting u take its pending step now is the same
// as having let it take that step before it was preempted.
//
// The two schedules are equivalent if nothing since the preemption conflicts
// with the step. The other one has no more preemptions than this one: u
// is stopped one step later, or ends instead. And going from one to the
// other lengthens an earlier chunk or saves a chunk, so it comes to an end: of each
// class of equivalent schedules within the bound at least one is not
// redundant. An operation's return only ever moves to the left of calls, and that makes the history stricter; a call
// must not move to the left of a return. What a thread does between two steps (Hold, Keep,
// Touch) conflicts only with what counts as wild.
func (w *World) isRedundant(u *thread) bool {
	if !u.preempted || w.options.Full {
		return false
	}
	p := u.pending
	if p.word == 0 || u.wild != w.wild || u.calling && u.returns != w.returns {
		return false
	}
	for u.position < len(w.log) {
		if a := &w.log[u.position]; a.word == p.word && (a.write || p.write) {
			return false
		}
		u.position++
	}
	return true
}
