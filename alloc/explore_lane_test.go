//go:build explore

package alloc

import (
	"fmt"
	"strings"
	"testing"

	"github.com/shadowvars/shadow/internal/explore"
)

// short is a program of two threads. Its words:
//
//	aN oN gN fN iN   attach, get or attach, get, free, free if it is what this thread attached last
//	r                a walk over the live slots, and Len
//	c                a collection, which returns the numbers that nobody can know any more
type short struct {
	layout  string
	threads [2]string
}

func (s short) String() string { return fmt.Sprintf("%s %q", s.layout, s.threads) }

// run runs the words of one thread; its tags begin after tag.
func (b *bench) run(program string, tag uint64) {
	last := uint64(10) // what was attached before the threads began
	for _, word := range strings.Fields(program) {
		pair := word[len(word)-1] - '0'
		switch word[0] {
		case 'a':
			tag++
			last = tag
			b.attach(pair, tag)
		case 'o':
			tag++
			last = tag
			b.getOrAttach(pair, tag)
		case 'g':
			b.get(pair)
		case 'f':
			b.free(pair)
		case 'i':
			b.freeIf(pair, last)
		case 'r':
			b.walk(0)
			b.slab.Len()
		case 'c':
			b.world.Collect()
		default:
			panic("no such word: " + word)
		}
	}
}

var layouts = []struct {
	name   string
	layout *Layout
}{{"single", single}, {"shared", shared}, {"sized", sized}}

// programs visits all pairs of threads with so many operations each on two pairs, of which none or the first is attached, with layouts of one size.
func programs(length int, visit func(s short, l *Layout, scenario scenario)) {
	for _, layout := range layouts[:2] {
		for _, before := range []string{"", "a0"} {
			words := strings.Fields("a0 o0 g0 f0 i0 a1 g1 f1 r c")
			explore.Pairings(explore.Sequences(words, length), nil, func(x, y string) {
				visit(short{layout.name + " " + before, [2]string{x, y}}, layout.layout, scenario{
					set: func(b *bench) {
						b.burn(1)
						if before != "" {
							b.attach(0, 10)
						}
					},
					run: func(b *bench, thread func(func())) {
						thread(func() { b.run(x, 100) })
						thread(func() { b.run(y, 200) })
					},
				})
			})
		}
	}
}

// world is the scenario without anybody's mistakes; whole says that nobody is suspended.
func (s scenario) world(c *explore.Checker[[pairs]uint64, op], l *Layout, whole bool) explore.Scenario {
	return func(w *explore.World) {
		b := newBench(w, c, l)
		s.set(b)
		s.run(b, w.Go)
		b.finish(whole)
	}
}

func TestLane(t *testing.T) {
	// Ensure that all two-thread, two-operation programs over a slab are linearizable under every schedule with two preemptions and leave
	// it sound; in the long lane with three, and the scenarios with one thread suspended for ever.
	l := explore.NewLane(t, 97)
	c := explore.NewChecker[[pairs]uint64, op](registers{})
	o := explore.Options{Preemptions: 2}
	if l.Name == "long" {
		for _, s := range scenarios {
			for _, layout := range layouts {
				kill := explore.Options{Preemptions: 3, Kill: true, MaxTime: l.Left() / 50}
				l.Explore(t, short{layout: layout.name + " " + s.name}, kill, s.world(c, layout.layout, false), explore.Exhaust)
			}
		}
		o.Preemptions = 3
	}
	programs(2, func(p short, layout *Layout, s scenario) {
		o.MaxTime = l.Left()
		l.Explore(t, p, o, s.world(c, layout, true), explore.Exhaust)
	})
	l.Log(t, "slabs")
}
