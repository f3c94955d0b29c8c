package main

import (
	"fmt"
	"io"
	"sort"
	"sync"
	"sync/atomic"
	"time"
)

// lot is where goroutines are parked: stopped at a fault point while all others go on. That a parked one holds up nobody is seen by
// the others' checks, and by the run's doing its work at all.
type lot struct {
	seed   uint64
	limit  int32
	rarity uint64 // of stops in the library's own steps: one in so many
	exit   atomic.Pointer[chan struct{}]
	drawn  atomic.Uint64
	parked atomic.Int32
	total  atomic.Int64

	mu     sync.Mutex
	points map[string]int
}

// callbackRarity says how often a goroutine is parked in a callback: one time in so many.
const callbackRarity = 512

func newLot(seed uint64, goroutines int) *lot {
	return &lot{seed: seed, limit: int32(goroutines / 4), rarity: 1 << 12, points: map[string]int{}}
}

// open lets goroutines be parked, close lets them all go.
func (l *lot) open() {
	exit := make(chan struct{})
	l.exit.Store(&exit)
}

func (l *lot) close() {
	if exit := l.exit.Swap(nil); exit != nil {
		close(*exit)
	}
}

// at is a fault point in a callback.
func (l *lot) at(point string) {
	if n := l.draw(); n%callbackRarity == 0 {
		l.park(point, n)
	}
}

// brieflyAt is a fault point in a constructor, for which others may wait: to the end of the round they soon would all do so.
func (l *lot) brieflyAt(point string) {
	if n := l.draw(); n%callbackRarity == 0 {
		l.park(point, n|1<<32)
	}
}

// draw returns the next of the numbers that decide who is parked. Which goroutine gets which is the scheduler's choice, not the seed's.
func (l *lot) draw() uint64 {
	n := (l.drawn.Add(1) ^ l.seed) * 0x9e3779b97f4a7c15
	n = (n ^ n>>32) * 0xd6e8feb86659fd93
	return n ^ n>>32
}

// park stops the calling goroutine: one in two to the end of the round, the others for some milliseconds.
func (l *lot) park(point string, n uint64) {
	exit := l.exit.Load()
	if exit == nil {
		return
	}
	if l.parked.Add(1) > l.limit {
		l.parked.Add(-1)
		return
	}
	l.total.Add(1)
	l.mu.Lock()
	l.points[point]++
	l.mu.Unlock()
	until := time.Duration(n>>40%50) * time.Millisecond
	if n>>32%2 == 0 {
		until = time.Hour
	}
	timer := time.NewTimer(until)
	select {
	case <-*exit:
	case <-timer.C:
	}
	timer.Stop()
	l.parked.Add(-1)
}

// print lists the fault points and how often somebody was parked there.
func (l *lot) print(w io.Writer) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.points) == 0 {
		return
	}
	fmt.Fprintln(w, "parked goroutines by fault point:")
	names := make([]string, 0, len(l.points))
	for point := range l.points {
		names = append(names, point)
	}
	sort.Strings(names)
	for _, point := range names {
		fmt.Fprintf(w, "  %8d  %s\n", l.points[point], point)
	}
}
