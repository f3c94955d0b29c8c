package measure

import (
	"runtime"
	"runtime/metrics"
	"time"
)

// CollectorWall returns the median wall time, in nanoseconds, of a forced collection of the heap as
// it is. The first collection is not counted: it sweeps what came before.
func CollectorWall(cycles int) float64 {
	runtime.GC()
	walls := make([]float64, cycles)
	for i := range walls {
		begin := time.Now()
		runtime.GC()
		walls[i] = float64(time.Since(begin).Nanoseconds())
	}
	return Median(walls)
}

// CollectorCPU returns the median processor time, in nanoseconds, that the whole process spends on
// one forced collection and on what it sets off: cleanups, finalizers, a library's reaper. It waits
// until the process is at rest before it looks at the account.
func CollectorCPU(cycles int) float64 {
	runtime.GC()
	rest()
	spent := make([]float64, cycles)
	for i := range spent {
		before := ProcessCPU()
		runtime.GC()
		rest()
		spent[i] = float64((ProcessCPU() - before).Nanoseconds())
	}
	return Median(spent)
}

// rest waits until the process has used next to no processor time for a while.
func rest() {
	const (
		look  = 5 * time.Millisecond
		quiet = 200 * time.Microsecond
		most  = 400 // looks: a process that never rests must not hang the run
	)
	before := ProcessCPU()
	calm := 0
	for range most {
		time.Sleep(look)
		now := ProcessCPU()
		if now-before < quiet {
			calm++
		} else {
			calm = 0
		}
		if calm == 2 {
			return
		}
		before = now
	}
}

// LiveHeap returns the bytes of live heap objects. It collects twice: what a finalizer or a cleanup
// held in the first collection is gone only after the second. What the runtime keeps outside the
// heap (records of weak pointers and cleanups) is not in it.
func LiveHeap() uint64 {
	runtime.GC()
	runtime.GC()
	return MarkedHeap()
}

// MarkedHeap returns the bytes the last collection found live.
func MarkedHeap() uint64 {
	live := []metrics.Sample{{Name: "/gc/heap/live:bytes"}}
	metrics.Read(live)
	return live[0].Value.Uint64()
}
