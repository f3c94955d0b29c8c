package measure

import (
	"time"

	"github.com/HdrHistogram/hdrhistogram-go"
)

// Latency collects how long single operations took, one histogram for each worker so that workers
// do not disturb each other.
type Latency struct {
	workers []*hdrhistogram.Histogram
}

// longest is the longest duration told apart: longer ones count as this long.
const longest = 10 * time.Second

// NewLatency returns an empty collection for the given number of workers.
func NewLatency(workers int) *Latency {
	l := &Latency{workers: make([]*hdrhistogram.Histogram, workers)}
	for i := range l.workers {
		l.workers[i] = newHistogram()
	}
	return l
}

func newHistogram() *hdrhistogram.Histogram {
	return hdrhistogram.New(1, longest.Nanoseconds(), 3)
}

// Record adds one operation's duration for a worker.
func (l *Latency) Record(worker int, took time.Duration) {
	if err := l.workers[worker].RecordValue(min(max(took, 1), longest).Nanoseconds()); err != nil {
		panic("measure: " + err.Error()) // the value was clamped into the histogram's range
	}
}

// Percentile returns the duration in nanoseconds that percent of all operations did not exceed.
func (l *Latency) Percentile(percent float64) float64 {
	all := newHistogram()
	for _, histogram := range l.workers {
		all.Merge(histogram)
	}
	return float64(all.ValueAtPercentile(percent))
}

// Percentiles are the ones that tables and curves show, 100 the longest of all.
var Percentiles = []float64{50, 90, 99, 99.9, 99.99, 99.999, 100}

// All returns the Percentiles in nanoseconds, and how many operations were recorded.
func (l *Latency) All() (ns []float64, count int64) {
	all := newHistogram()
	for _, histogram := range l.workers {
		all.Merge(histogram)
	}
	for _, percent := range Percentiles {
		ns = append(ns, float64(all.ValueAtPercentile(percent)))
	}
	return ns, all.TotalCount()
}
