package trace

import (
	"fmt"
	"runtime"
	"time"

	"github.com/shadowvars/shadow/bench/internal/measure"
)

// figures are what one replay took.
type figures struct {
	event     float64 // ns of a worker's wall time per operation
	processor float64 // ns of the process's processor time per operation, the collector's included
	collector float64 // ms of the collector's processor time
	cycles    float64
	live      float64 // MB that the fullest collection found live
	left      int     // variables after the end
}

// replay lets every worker replay the whole program with objects of its own in one store, the collector on as always.
func replay(c contestant, p *Program, workers int) (f figures, err error) {
	s := c.new()
	defer s.Close()
	runtime.GC()
	errs, live := make([]error, workers), make([]uint64, workers)
	collected, processor := measure.Collected(), measure.ProcessCPU()
	wall := measure.Parallel(workers, workers, func(worker, _, _ int) {
		live[worker], errs[worker] = p.run(s)
	})
	processor = measure.ProcessCPU() - processor
	cycles := measure.Collected().Cycles - collected.Cycles
	// The account of a cycle is written at its end.
	runtime.GC()
	operations := float64(len(p.operations) * workers)
	for worker := range workers {
		if errs[worker] != nil {
			return f, fmt.Errorf("%s: %w", c.name, errs[worker])
		}
		f.live = max(f.live, float64(live[worker])/1e6)
	}
	f.event = float64(wall.Nanoseconds()) * float64(workers) / operations
	f.processor = float64(processor.Nanoseconds()) / operations
	f.collector = float64((measure.Collected().CPU - collected.CPU).Nanoseconds()) / 1e6
	f.cycles = float64(cycles)
	f.left = leftIn(s)
	return f, nil
}

// run replays the program once and returns the bytes of the fullest heap that a collection found.
func (p *Program) run(s store) (live uint64, err error) {
	parents := make([]*Parent, len(p.sizes))
	for i, o := range p.operations {
		n := o.number()
		switch o.kind() {
		case birth:
			parent := makers[(p.sizes[n]+7)/8]()
			parents[n] = parent
			s.Attach(parent, uint64(n))
		case lookup:
			data := s.Get(parents[n])
			if data == nil || data.Number != uint64(n) {
				return live, fmt.Errorf("lookup %d, of parent %d, found %v", i, n, data)
			}
			data.Visits++
		case death:
			s.Drop(parents[n])
			parents[n] = nil
		}
		if i%(1<<14) == 0 {
			live = max(live, measure.MarkedHeap())
		}
	}
	return live, nil
}

// leftIn is how many variables are there after the program's end and the two collections that are promised to be enough for those that go by
// themselves. Cleanups and reapers run in the background, so they get time.
func leftIn(s store) int {
	for range 2 {
		runtime.GC()
	}
	for deadline := time.Now().Add(30 * time.Second); s.Len() > 0 && time.Now().Before(deadline); {
		time.Sleep(5 * time.Millisecond)
	}
	return s.Len()
}
