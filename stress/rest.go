package main

import (
	"runtime"
	"time"
	"weak"

	"github.com/shadowvars/shadow"
	"github.com/shadowvars/shadow/internal/hooks"
)

// patience is how many looks, with a pause between, the library has to bring its books in order: background
// destructors need processor time, of which there may be little.
const patience = 2000

// settles tries until ok, with collections between, and tells whether it ever was. Once something was wrong there is less patience.
func (s *stress) settles(ok func() bool) bool {
	for i := range patience {
		if i > patience/50 && s.violation.Load() {
			break
		}
		if ok() {
			return true
		}
		if i < 8 || i%32 == 0 {
			runtime.GC()
		}
		time.Sleep(time.Millisecond)
	}
	return false
}

// rest checks, while nobody works, that for every class
//
//	attached = live + destroyed + taken
//
// and in the main space destroyed = freed + collected, but for those that an attach overtaken by a sweep has ended itself.
// Destructors of collected parents may still be running, so it waits for them. Then every slot of table and slabs is looked at.
func (s *stress) rest() {
	for _, c := range s.subjects {
		var live int
		var attached, destroyed, taken int64
		if !s.settles(func() bool {
			live, destroyed = c.api().len(), c.destroyed.Load()
			attached, taken = c.attached.Load(), c.taken.Load()
			return attached == int64(live)+destroyed+taken
		}) {
			s.violate("%s at rest: attached %d, live %d, destroyed %d, taken %d", c.name, attached, live, destroyed, taken)
		}
	}
	s.balance()
	for _, space := range []*shadow.Space{s.space, s.reopened} {
		if err := hooks.CheckSpace(space); err != nil {
			s.violate("at rest: %v", err)
		}
		s.walks++
	}
	for _, w := range s.workers {
		w.verify()
	}
}

// balance compares what the destructors saw with what the calls returned.
func (s *stress) balance() {
	var lost, results, collected, destroyed int64
	sweeps := uint64(0)
	settled := s.settles(func() bool {
		destroyed, sweeps = 0, 0
		for _, c := range s.subjects {
			if !c.reopens {
				destroyed += c.destroyed.Load()
				sweeps += c.begun.Load()
			}
		}
		results, collected = s.results.Load(), s.space.Stats().Collected
		lost = destroyed - results - collected
		return lost >= s.lost && (lost == s.lost || sweeps > s.sweeps)
	})
	if !settled {
		s.violate("at rest: destroyed %d, freed by calls %d, collected %d; the difference was %d", destroyed, results, collected, s.lost)
	}
	s.lost, s.sweeps = lost, sweeps
}

// verify looks at every pair of the worker's own, and at all that it holds.
func (w *worker) verify() {
	for _, f := range w.own {
		for _, o := range f.parents {
			for _, c := range w.s.subjects {
				w.compare(ownPair{o, c}, w.get(c, o))
			}
		}
	}
	w.held.look(w.s)
}

// drain lets go of all parents, ends what does not end by itself, and checks that nothing is left: no variable,
// and no parent, although the workers still hold pointers to ended data next to which the parents' pointers were.
func (s *stress) drain() {
	var dropped []weak.Pointer[parent]
	watch := func(f *family) {
		if s.random.IntN(8) == 0 {
			dropped = append(dropped, weak.Make(f.parents[0]), weak.Make(f.parents[1]))
		}
	}
	for i := range s.permanent {
		watch(s.permanent[i].Load())
		watch(s.transient[i].Load())
	}
	for _, w := range s.workers {
		for i, f := range w.own {
			watch(f)
			w.dropOwn(f)
			w.own[i] = s.newFamily()
		}
	}
	for _, c := range s.subjects {
		if c.lifetime != shadow.Collected {
			s.workers[0].freeAll(c)
		}
	}
	s.renew()
	for _, c := range s.subjects {
		if !s.settles(func() bool { return c.api().len() == 0 }) {
			s.violate("%s drained: %d variables are left", c.name, c.api().len())
		}
	}
	s.rest()
	all, ended, open := s.ledger.totals()
	if open != 0 || all != ended {
		s.violate("drained: of %d variables %d ended, and %d numbers came to nothing", all, ended, open)
	}
	s.endings += ended
	kept := 0
	if !s.settles(func() bool { kept = alive(dropped); return kept == 0 }) {
		s.violate("drained: %d parents of %d are alive, and nobody has them", kept, len(dropped))
	}
	for _, w := range s.workers {
		w.held.releaseAll(s)
	}
	s.ledger.reset()
	s.drains++
}

// alive counts the parents that have not been collected.
func alive(parents []weak.Pointer[parent]) (n int) {
	for _, p := range parents {
		if p.Value() != nil {
			n++
		}
	}
	return n
}
