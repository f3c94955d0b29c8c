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

// programs visits all pairs of threads with so many operations each on two pairs, of which none or the first is attached.
func programs(length int, visit func(s short, l *Layout, scenario scenario)) {
	for _, layout := range []struct {
		name   string
		layout *Layout
	}{{"single", single}, {"shared", shared}} {
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

func TestLane(t *testing.T) {
	// Ensure that all two-thread, two-operation programs over a slab are linearizable under every schedule with two preemptions and leave
	// it sound; in the long lane with three, and the scenarios with one thread suspended for ever.
	l := explore.NewLane(t, 97)
	o := explore.Options{Preemptions: 2}
	if l.Name == "long" {
		for _, s := range scenarios {
			for name, layout := range map[string]*Layout{"single": single, "shared": shared} {
				if l.Takes() {
					kill := explore.Options{Preemptions: 3, Kill: true, MaxTime: l.Left() / 50}
					l.Add(t, short{layout: name + " " + s.name}, explored(kill, layout, s, func(*bench) {}))
				}
			}
		}
		o.Preemptions = 3
	}
	programs(2, func(p short, layout *Layout, s scenario) {
		if l.Takes() && (l.Name != "long" || l.Left() > 0) {
			o.MaxTime = l.Left()
			l.Add(t, p, explored(o, layout, s, func(*bench) {}))
		}
	})
	l.Log(t, "slabs")
}
