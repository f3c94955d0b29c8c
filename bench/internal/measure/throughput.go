package measure

import (
	"runtime"
	"sync"
	"time"
)

// Blocks does about limit operations for a worker and returns how many they were.
type Blocks func(worker, limit int) int

// blockTime is how long a block of operations should take: long enough that neither the dynamic call nor the look at the
// clock after it shows, short enough that a slice ends on time and many goroutines take turns.
const blockTime = 50 * time.Microsecond

// MostBlock is the longest block that is asked for.
const MostBlock = 4096

// Throughput lets goroutines workers repeat step for about length and returns the wall time of one operation over
// all goroutines in nanoseconds, as go test -bench counts it, and the number of operations. The warm-up before is not counted.
//
// Each worker's rate is taken over its own time, and the rates are added: at the end of a slice some are
// done before others, and what one does while the others are done already would be too fast.
func Throughput(goroutines int, warmUp, length time.Duration, step Blocks) (ns float64, ops int) {
	type tally struct {
		ops   int
		spent time.Duration
		_     [64]byte
	}
	tallies := make([]tally, goroutines)
	crowd := goroutines > runtime.GOMAXPROCS(0)
	var begun time.Time
	var ready, warm, finished sync.WaitGroup
	ready.Add(goroutines)
	warm.Add(goroutines)
	for worker := range goroutines {
		finished.Go(func() {
			ready.Done()
			ready.Wait()
			limit := blockOf(warmUp, func(limit int) int { return step(worker, limit) })
			warm.Done()
			warm.Wait()
			t := &tallies[worker]
			for begin := time.Now(); t.ops == 0 || t.spent < length; t.spent = time.Since(begin) {
				t.ops += step(worker, limit)
				if crowd {
					runtime.Gosched() // or one would have a processor to itself for ten milliseconds
				}
			}
		})
	}
	warm.Wait()
	begun = time.Now()
	finished.Wait()
	wall := time.Since(begun)
	rate := 0.0
	for i := range tallies {
		ops += tallies[i].ops
		rate += float64(tallies[i].ops) / float64(max(tallies[i].spent.Nanoseconds(), 1))
	}
	if crowd {
		// Who waited for a processor at the beginning has a time that does not begin with the others'.
		return float64(wall.Nanoseconds()) / float64(ops), ops
	}
	return 1 / rate, ops
}

// blockOf warms up and returns how many operations take about the time of a block.
func blockOf(warmUp time.Duration, step func(limit int) int) int {
	limit := 16
	for begin := time.Now(); ; {
		before := time.Now()
		step(limit)
		if time.Since(before) < blockTime/2 {
			limit = min(2*limit, MostBlock)
		} else if time.Since(before) > 4*blockTime {
			limit = max(limit/2, 1)
		}
		if time.Since(begin) >= warmUp {
			return limit
		}
	}
}
