//go:build explore

package explore

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/shadowvars/shadow/internal/atomic"
)

// program is a random scenario of threads that access a few words and hold,
// watch and collect a few objects.
type program [][]instruction

type instruction struct {
	code  byte
	index int
	begin bool // a new operation of the history begins here
}

func randomProgram(rng *rand.Rand) program {
	mixes := [...]string{"lllssaccn", "lscmmn", "lsaghhkwn", "lwwggn"} // few kinds at a time, so that they meet
	codes := mixes[rng.IntN(len(mixes))]
	p := make(program, 2+rng.IntN(2))
	for i := range p {
		for range 2 + rng.IntN(3) {
			p[i] = append(p[i], instruction{codes[rng.IntN(len(codes))], rng.IntN(2), rng.IntN(2) == 0})
		}
	}
	return p
}

// outcome is all that a run of a program shows but the times of its operations.
type outcome struct {
	seen   [3][8]uint32
	memory [2]uint32
	gone   [2]uint8
	killed int8
}

// relation is who returned before whom was called, by thread and operation.
type relation map[[4]int]bool

// outcomes runs a program and returns its outcomes, each with the different
// relations of its operations.
func (p program) outcomes(t *testing.T, o Options) map[outcome][]relation {
	all := map[outcome][]relation{}
	type mark struct{ thread, number int }
	c := NewChecker[uint8, mark](nil)
	var relations = map[string]bool{}
	r := Exhaust(o, func(w *World) {
		h := c.History(w)
		out := &outcome{}
		var words [2]atomic.Uint32
		var objects [2]link
		var locks [2]atomic.Mutex
		var guarded [2]uint32
		for i := range objects {
			atomic.WhenUnreachable(&objects[i], func(i int) {
				words[i].Store(100)
				w.Touch() // gone is seen by all
				out.gone[i]++
			}, i)
		}
		for i, code := range p {
			w.Go(func() {
				seen := &out.seen[i]
				do := func(at int, c instruction) {
					word, object := &words[c.index], &objects[c.index]
					switch c.code {
					case 'l':
						seen[at] = word.Load()
					case 'n': // an operation of nothing else takes no step
					case 's':
						word.Store(uint32(10*i + at + 1))
					case 'a':
						seen[at] = word.Add(1)
					case 'c':
						if word.CompareAndSwap(0, uint32(10*i+at+1)) {
							seen[at] = 1
						}
					case 'm':
						locks[c.index].Lock()
						if words[1-c.index].Load() == 0 {
							words[1-c.index].Store(uint32(10*i + at + 1))
						}
						guarded[c.index] = guarded[c.index]*5 + uint32(i+1)
						seen[at] = guarded[c.index]
						locks[c.index].Unlock()
					case 'h':
						words[0].Load()
						atomic.Hold(object)
					case 'k':
						words[1].Load()
						atomic.Keep(object)
					case 'w':
						words[1].Load()
						atomic.WhenUnreachable(object, func(i int) {
							w.Touch()
							out.gone[c.index] = out.gone[c.index]*3 + uint8(i)
						}, i+1)
					case 'g':
						seen[at] = uint32(w.Collect())
					}
				}
				for at := 0; at < len(code); {
					h.Do(mark{i, at}, func(*mark) {
						do(at, code[at])
						for at++; at < len(code) && !code[at].begin; at++ {
							do(at, code[at])
						}
					})
				}
				w.threads[i].held = w.threads[i].held[:0]
			})
		}
		w.Check(func() error {
			for i := range words {
				out.memory[i] = words[i].Load()
			}
			out.killed = -1
			if w.killed != nil {
				out.killed = w.killed.id
			}
			rel := relation{}
			events := h.Events()
			for _, e := range events {
				for _, f := range events {
					if e.Return >= 0 && e.Return < f.Call {
						rel[[4]int{e.Op.thread, e.Op.number, f.Op.thread, f.Op.number}] = true
					}
				}
			}
			if key := fmt.Sprint(*out, rel); !relations[key] {
				relations[key] = true
				all[*out] = append(all[*out], rel)
			}
			return nil
		})
	})
	if r.Err != nil || !r.Exhausted {
		t.Fatal(p, r)
	}
	total[o.Full] += r.Schedules
	return all
}

var total = map[bool]int{}

// isWithin tells whether s orders all that r orders.
func (r relation) isWithin(s relation) bool {
	for k := range r {
		if !s[k] {
			return false
		}
	}
	return true
}

func TestReductionIsSound(t *testing.T) {
	// Ensure the reduced exploration shows every outcome of the full one, at the same bound, with an order of operations that is at least as strict.
	rng := rand.New(rand.NewPCG(7, 7))
	programs := 240
	if testing.Short() {
		programs = 40
	}
	for range programs {
		p := randomProgram(rng)
		o := Options{Preemptions: rng.IntN(4), Kill: rng.IntN(3) == 0, Blocking: true}
		if o.Preemptions == 3 && len(p) == 2 {
			o.Preemptions = -1
		}
		reduced := p.outcomes(t, o)
		o.Full = true
		full := p.outcomes(t, o)
		for out, relations := range full {
		next:
			for _, r := range relations {
				for _, s := range reduced[out] {
					if r.isWithin(s) {
						continue next
					}
				}
				t.Fatalf("%+v\n%+v\n%v is lost with %+v; kept: %v", o, p, r, out, reduced[out])
			}
		}
		for out := range reduced {
			if full[out] == nil {
				t.Fatalf("%+v\n%+v\n%+v is only in the reduced exploration", o, p, out)
			}
		}
	}
	t.Logf("%d schedules reduced, %d full", total[false], total[true])
}
