package measure

import (
	"runtime"
	"runtime/debug"
	"runtime/metrics"
	"sync"
	"time"
)

// Step does one block of operations for a worker and returns how many they were. A block is long
// enough that the dynamic call of the step and the look at the clock after it do not show.
type Step func(worker int) int

// Slice lets goroutines workers repeat step for about length and returns the nanoseconds one
// operation took on average, as a worker saw it: worker time by clock over operations. The warm-up
// before is not counted; it brings back into the caches what the contestant before has pushed out.
func Slice(goroutines int, clock Clock, warmUp, length time.Duration, step Step) float64 {
	type tally struct {
		ops   int
		spent time.Duration
		_     [64]byte
	}
	tallies := make([]tally, goroutines)
	// Workers that began at different times would measure each other's absence.
	var ready, finished sync.WaitGroup
	ready.Add(goroutines)
	for worker := range goroutines {
		finished.Go(func() {
			// A thread's clock is read by the thread.
			runtime.LockOSThread()
			defer runtime.UnlockOSThread()
			ready.Done()
			ready.Wait()
			for begin := time.Now(); time.Since(begin) < warmUp; {
				step(worker)
			}
			ops, started := 0, clock()
			for begin := time.Now(); ops == 0 || time.Since(begin) < length; {
				ops += step(worker)
			}
			tallies[worker].ops, tallies[worker].spent = ops, clock()-started
		})
	}
	finished.Wait()
	ops, spent := 0, time.Duration(0)
	for i := range tallies {
		ops += tallies[i].ops
		spent += tallies[i].spent
	}
	return float64(spent.Nanoseconds()) / float64(ops)
}

// Interleave runs every contestant once per round, forward and backward in turn, so that none of
// them always follows the same one, and returns what each measured, round by round.
func Interleave(rounds int, contestants []func() float64, afterRound func(round int)) [][]float64 {
	values := make([][]float64, len(contestants))
	for round := range rounds {
		for i := range contestants {
			if round%2 == 1 {
				i = len(contestants) - 1 - i
			}
			values[i] = append(values[i], contestants[i]())
		}
		afterRound(round)
	}
	return values
}

// WithoutCollector runs f with the collector off. Contestants that live side by side would
// otherwise pay for marking each other's memory. Call Breathe between slices, or garbage piles up.
func WithoutCollector(f func()) {
	before := debug.SetGCPercent(-1)
	defer debug.SetGCPercent(before)
	f()
}

// Breathe collects once the heap has grown by more than allowance since the last collection.
func Breathe(allowance uint64) {
	samples := []metrics.Sample{
		{Name: "/memory/classes/heap/objects:bytes"},
		{Name: "/gc/heap/live:bytes"},
	}
	metrics.Read(samples)
	if samples[0].Value.Uint64() > samples[1].Value.Uint64()+allowance {
		runtime.GC()
	}
}

// Parallel splits n things into goroutines runs of equal length, works on them at the same time and
// returns the wall time of the whole.
func Parallel(goroutines, n int, work func(worker, from, to int)) time.Duration {
	var finished sync.WaitGroup
	begin := time.Now()
	for worker := range goroutines {
		finished.Go(func() {
			work(worker, n*worker/goroutines, n*(worker+1)/goroutines)
		})
	}
	finished.Wait()
	return time.Since(begin)
}
