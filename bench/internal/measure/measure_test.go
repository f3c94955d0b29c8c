package measure

import (
	"math"
	"runtime"
	"slices"
	"sync/atomic"
	"testing"
	"time"
)

func TestSummarize(t *testing.T) {
	// Ensure medians are right, keep the caller's order, and small samples report their range.
	values := []float64{5, 1, 3}
	got := Summarize(values)
	if got != (Summary{3, 1, 5}) {
		t.Errorf("got %v", got)
	}
	if !slices.Equal(values, []float64{5, 1, 3}) {
		t.Errorf("the sample was reordered: %v", values)
	}
	if got := Median([]float64{4, 1, 2, 3}); got != 2.5 {
		t.Errorf("the median of four is %v", got)
	}
	if got := Summarize(nil); !math.IsNaN(got.Median) {
		t.Errorf("the median of nothing is %v", got)
	}
}

func TestSummarizeOutlier(t *testing.T) {
	// Ensure one wild round of fifteen moves neither the median nor the interval far.
	values := make([]float64, 15)
	for i := range values {
		values[i] = 100 + float64(i)
	}
	values[7] = 1e9
	if got := Summarize(values); got.Median > 110 || got.Hi > 115 {
		t.Errorf("got %v", got)
	}
}

func TestRatios(t *testing.T) {
	// Ensure ratios pair the rounds and a round without a divisor does not count.
	if got := Ratios([]float64{2, 5, 9, 0}, []float64{1, -1, 3, 0}); !slices.Equal(got, []float64{2, 3}) {
		t.Errorf("got %v", got)
	}
}

func TestInterleaveAlternates(t *testing.T) {
	// Ensure every contestant runs once a round and the order turns round.
	var order []int
	contestants := make([]func() float64, 3)
	for i := range contestants {
		contestants[i] = func() float64 { order = append(order, i); return float64(len(order)) }
	}
	values := Interleave(2, contestants, func(int) {})
	if !slices.Equal(order, []int{0, 1, 2, 2, 1, 0}) {
		t.Errorf("order %v", order)
	}
	if !slices.Equal(values[0], []float64{1, 6}) {
		t.Errorf("the first measured %v", values[0])
	}
}

func TestSliceCountsWorkerTime(t *testing.T) {
	// Ensure a slice reports a worker's time per operation, not wall time over all operations.
	var calls [2]atomic.Int64
	got := Slice(2, Wall, 0, 20*time.Millisecond, func(worker int) int {
		calls[worker].Add(1)
		time.Sleep(time.Millisecond)
		return 1
	})
	if calls[0].Load() == 0 || calls[1].Load() == 0 {
		t.Fatal("a worker did not work")
	}
	// A step sleeps at least a millisecond. Wall over all operations would be about half of it.
	if got < 1e6 {
		t.Errorf("%v ns an operation", got)
	}
}

func TestThreadClock(t *testing.T) {
	// Ensure the thread's clock runs while a thread works and, where the system has one, stands still while it sleeps.
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	before := Thread()
	for begin := time.Now(); time.Since(begin) < 5*time.Millisecond; {
	}
	if Thread() == before {
		t.Error("the clock did not run")
	}
	if runtime.GOOS == "linux" {
		before = Thread()
		time.Sleep(50 * time.Millisecond)
		if slept := Thread() - before; slept > 25*time.Millisecond {
			t.Errorf("sleeping cost %v", slept)
		}
	}
}

func TestParallelCoversAll(t *testing.T) {
	// Ensure the runs cover everything once, also when it does not divide.
	for _, n := range []int{0, 1, 2, 7, 10} {
		seen := make([]atomic.Int64, n)
		Parallel(3, n, func(_, from, to int) {
			for i := from; i < to; i++ {
				seen[i].Add(1)
			}
		})
		for i := range seen {
			if seen[i].Load() != 1 {
				t.Errorf("%d of %d was worked on %d times", i, n, seen[i].Load())
			}
		}
	}
}

func TestLatencyMergesWorkers(t *testing.T) {
	// Ensure a percentile is of all workers together, and absurd durations are clamped, not lost.
	l := NewLatency(2)
	for range 9999 {
		l.Record(0, 100)
	}
	l.Record(1, time.Hour)
	if got := l.Percentile(50); got != 100 {
		t.Errorf("p50 %v", got)
	}
	if got := l.Percentile(100); got < float64(longest)*0.99 || got > float64(longest)*1.01 {
		t.Errorf("max %v", got)
	}
	l.Record(0, -1)
}

func TestLiveHeapSeesWhatLives(t *testing.T) {
	// Ensure the live heap grows by what is kept and shrinks when it is let go.
	before := LiveHeap()
	kept := make([]byte, 8<<20)
	during := LiveHeap()
	runtime.KeepAlive(kept)
	after := LiveHeap()
	if during < before+8<<20 || after > before+1<<20 {
		t.Errorf("%d, %d, %d", before, during, after)
	}
}

func TestCollectorCost(t *testing.T) {
	// Ensure both measures of a collection are there: neither nothing nor negative.
	if wall := CollectorWall(3); wall <= 0 {
		t.Errorf("wall %v", wall)
	}
	if cpu := CollectorCPU(1); cpu < 0 {
		t.Errorf("cpu %v", cpu)
	}
}

func TestThroughputAddsWorkers(t *testing.T) {
	// Ensure that the time of an operation is over all goroutines, more of them than processors too: times all operations it is as long
	// as a worker worked, which is at least the slice and at most the whole call.
	for _, goroutines := range []int{1, 2, 64} {
		const length = 20 * time.Millisecond
		var calls [64]atomic.Int64
		begin := time.Now()
		ns, ops := Throughput(goroutines, time.Millisecond, length, func(worker, limit int) int {
			calls[worker].Add(1)
			time.Sleep(time.Millisecond)
			return limit
		})
		whole := time.Since(begin)
		if took := time.Duration(ns * float64(ops)); took < length || took > whole {
			t.Errorf("%d goroutines: %d operations of %v ns took %v, in a call of %v", goroutines, ops, ns, took, whole)
		}
		for worker := range goroutines {
			if calls[worker].Load() < 2 {
				t.Errorf("%d goroutines: worker %d was not warmed up or did not work", goroutines, worker)
			}
		}
	}
}

func TestBlockFitsItsTime(t *testing.T) {
	// Ensure that slow operations come in short blocks and fast ones in long ones.
	fast := blockOf(time.Millisecond, func(limit int) int { return limit })
	slow := blockOf(10*time.Millisecond, func(limit int) int { time.Sleep(time.Duration(limit) * 100 * time.Microsecond); return limit })
	if fast != MostBlock || slow > 4 {
		t.Errorf("blocks of %d and %d", fast, slow)
	}
}

func TestAllocations(t *testing.T) {
	// Ensure that what is allocated is counted, about.
	objects, bytes := Allocations()
	var kept []*[64]byte
	for range 10000 {
		kept = append(kept, new([64]byte))
	}
	runtime.KeepAlive(kept)
	moreObjects, moreBytes := Allocations()
	if moreObjects-objects < 9000 || moreBytes-bytes < 9000*64 {
		t.Errorf("%v objects, %v bytes", moreObjects-objects, moreBytes-bytes)
	}
}

func TestResident(t *testing.T) {
	// Ensure that memory in use is resident, and that what is let go is not.
	before := Resident()
	kept := make([]byte, 64<<20)
	for i := range kept {
		kept[i] = 1
	}
	during := Resident()
	runtime.KeepAlive(kept)
	kept = nil
	after := Resident()
	if during < before+60<<20 || after > before+16<<20 {
		t.Errorf("%d, %d, %d", before, during, after)
	}
}

func TestAvailable(t *testing.T) {
	// Ensure that the right line is read, and that a system without it is no error.
	if got := availableOf("MemTotal: 9 kB\nMemAvailable:    12345 kB\n"); got != 12345<<10 {
		t.Errorf("%d", got)
	}
	if got := availableOf("MemTotal: 9 kB\n"); got != 0 {
		t.Errorf("%d", got)
	}
}

func TestAllPercentiles(t *testing.T) {
	// Ensure that the percentiles rise to the longest of all, and that all operations are counted.
	l := NewLatency(2)
	for i := range 1000 {
		l.Record(i%2, time.Duration(i+1))
	}
	ns, count := l.All()
	if count != 1000 || len(ns) != len(Percentiles) || !slices.IsSorted(ns) || ns[0] != 500 || ns[len(ns)-1] != 1000 {
		t.Errorf("%v of %d", ns, count)
	}
}
