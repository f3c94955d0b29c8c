//go:build explore

package shadow

import (
	"testing"

	"github.com/shadowvars/shadow/internal/explore"
)

// directed are programs for what the enumerated ones, which are short, cannot reach: several lives of one index, three threads, deaths, two
// ids of one object, migrations while others are on their way. "|" separates threads, and what stands before ";" runs first.
var directed = []struct {
	lifetime Lifetime
	text     string
}{
	{Manual, "; a0 g0 | a0 f0"},
	{Manual, "; a0 f0 | o0 g0"},
	{Manual, "a0; f0 a0 | g0 g0"},
	// A number is used again: by the same pair, by another, after two lives. Get, FreeIf and Move have seen the first.
	{Manual, "a0; f0 a0 c | g0 i0 g0"},
	{Manual, "a0; f0 a1 f1 a0 c | g0 i0"},
	{Manual, "a0; f0 a1 c f1 c a0 c | g0"},
	{Manual, "a0; g1 | f0 c a0 a1"},
	{Manual, "a0 g0; f0 c a1 f1 c a0 | i0"},
	{Manual, "a0; f0 c a0 | m1 g1"},
	{Pinned, "a0; f0 c a1 f1 c a0 | g0 i0"},
	// FreeAll: a stopped inserter, two at a time, a number that returns.
	{Manual, "a0; F g0 | g0 a0 g0"},
	{Manual, "a0 a1; F g1 | g0 g1"},
	{Manual, "a0; F c | F a0 g0"},
	{Manual, "a0; F c a1 | f0 a0 g0"},
	{Manual, "; F a0 | a0 F"},
	{Manual, "a0; F | g0 | g0"},
	{Manual, "a0; F p c | a0 g0"},
	{Manual, "a0; F c p F | a0 i0"},
	{Pinned, "a0; F a0 | f0 g0"},
	{Manual, "a0 a1; F | l g0"},
	{Manual, "a0 a1; F | q a0"},
	{Manual, "a0; F | m1 g1 g0"},
	{Manual, "a0; C a0 | a0 g0 m1"},
	{Manual, "; F | x0 g0 | g0"},
	{Manual, "; F c | u0 f0 | o0"},
	// Constructors that succeed, fail and panic, and who waits for them.
	{Manual, "; x0 g0 | g0 f0 g0"},
	{Manual, "; e0 | o0 g0"},
	{Manual, "; y0 a0 | o0 g0"},
	{Manual, "; x0 | o0 f0"},
	{Manual, "; u0 g0 | v0 f0"},
	{Manual, "; u0 | v0 | o0"},
	{Manual, "; y0 | u0 | f0"},
	{Collected, "; u0 f0 | v0 o0"},
	// Move.
	{Manual, "a0; m1 g1 | f0 f1"},
	{Manual, "a0; m1 m0 | g0 g1"},
	{Manual, "a0; m1 | m1 g0 a0"},
	{Manual, "a0 a1; m1 f1 | f1 m1"},
	{Pinned, "a0; m1 g1 | l t1"},
	{Pinned, "a0; m1 | l"},
	{Collected, "a0; m1 g1 | r f1"},
	{Collected, "a0; m1 | r w | l"},
	{Manual, "a0; m1 | x1 | t0"},
	// Deaths: an address that comes back, met by attachments of all kinds, by the reaper, by FreeAll, by Move.
	{Collected, "a0; d0 g0 a0 g0 | r"},
	{Collected, "a0; d0 g0 a0 g0 | r c"},
	{Collected, "a0; d0 a0 f0 a0 g0 | r c r"},
	{Collected, "a0; d0 a0 d0 a0 g0 | r | w"},
	{Collected, "a0; d0 a0 g0 | F"},
	{Collected, "a0; d0 a0 g0 | r F c"},
	{Collected, "a0 a1; d0 a0 g0 | f1 a1 g1"},
	{Collected, "a0; d0 x0 g0 | r c"},
	{Collected, "a0; d0 o0 g0 | r p"},
	{Collected, "a0; d0 o0 g0 | F"},
	{Collected, "a0; d0 o0 g0 | r F c"},
	{Collected, "a0; d0 u0 g0 | w D"},
	{Collected, "a0; d0 v0 o0 | r D"},
	{Collected, "a0 a1; d0 m0 g0 | r"},
	{Collected, "a0; d0 i0 t0 a0 | w | D"},
	{Collected, "a0 a1; d0 l a0 | q"},
	{Collected, "a0; d0 a0 | l C"},
	// Clearing a dead entry against free, attach elsewhere, free, attach again, by the reaper and by who meets it.
	{Collected, "a0; d0 a0 g0 | r c a1 f1 c a1"},
	{Collected, "a0; d0 c a0 f0 c a0 | r a1 g1"},
	{Collected, "a0 a1; d0 a0 | r c f1 c a1 | r"},
	// Two ids of one object.
	{Manual, "; a0 g2 | a2 g0"},
	{Manual, "a0; F a2 | a2 f0 g2"},
	{Manual, "a0 a2; f0 a0 | p t2 g0"},
	{Manual, "a0 a2; F F2 | g0 g2 a0"},
	{Collected, "a0 a2; d0 a0 a2 | r g1"},
	{Manual, "; x0 | x2 g0 | g2"},
	// The table grows, is purged and shrinks while others are on their way: it begins with two slots.
	{Manual, "a0; p | f0 a0 g0"},
	{Manual, "a0; p p | a1 g0 f0"},
	{Manual, "; a0 a1 a2 | a3 g0"},
	{Manual, "a0 a1 a2 a3; f0 f1 f2 | g3 p f3"},
	{Manual, "a0 a1 a2 a3; F p p | a0 g3"},
	{Manual, "a0; p m1 | x0 | p"},
	// Three threads.
	{Manual, "; a0 | o0 | f0"},
	{Manual, "a0; f0 | a0 | t0"},
	{Manual, "a0; F | a0 | f0"},
	{Pinned, "a0; F | m1 | o0"},
	{Collected, "a0; d0 a0 | r | g1 a1"},
}

// programs are the directed programs with each number of homes, and with slots of two sizes.
func programs() (all []program) {
	for _, d := range directed {
		for _, homes := range homes {
			all = append(all, program{d.lifetime, homes, d.text, false})
		}
		all = append(all, program{d.lifetime, homes[0], d.text, true})
	}
	return all
}

func TestExplore(t *testing.T) {
	// Ensure (G1, G3, G6, G7, G9, G10, G12, G14) that every history of attaching, getting, ending, FreeAll, construction, Move, iteration, reaping, death and returning addresses
	// is linearizable whatever the schedule, that every variable ends once, that table and slabs are sound in the end, and that with one
	// thread suspended for ever at any step no other waits, but for GetOrAlloc of what it constructs.
	c := explore.NewChecker[classState, event](specification{})
	total, exhausted := 0, 0
	all := programs()
	for _, p := range all {
		// Suspensions multiply the schedules and leave less out, so each program is explored without them too.
		for _, kill := range []bool{false, true} {
			o := explore.Options{Preemptions: 2, Kill: kill, MaxSchedules: 8000}
			if p.sized {
				o.MaxSchedules = 2000 // the same again, but for which slots are claimed and how they are found
			}
			r := p.explore(c, o)
			if r.Err != nil {
				t.Fatalf("%+v: %v", p, r)
			}
			total += r.Schedules
			if r.Exhausted {
				exhausted++
			}
			t.Logf("%v, suspensions %t: %v", p, kill, r)
		}
	}
	t.Logf("%d schedules; %d of %d explorations exhausted", total, exhausted, 2*len(all))
}
