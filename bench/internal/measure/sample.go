// Package measure holds what every measurement of the bench module shares: interleaved time
// slices, medians with their confidence, latency histograms, the collector's time, the live heap.
package measure

import (
	"math"
	"slices"

	"golang.org/x/perf/benchmath"
)

// Summary is the median of a sample and the interval that holds the true median with 95 %
// confidence. No distribution is assumed. A sample too small for such an interval (fewer than six)
// reports its whole range instead, because an infinite interval tells a reader nothing.
type Summary struct {
	Median, Lo, Hi float64
}

// Summarize sums up one sample. An empty sample has no median: all three are NaN.
func Summarize(values []float64) Summary {
	if len(values) == 0 {
		return Summary{math.NaN(), math.NaN(), math.NaN()}
	}
	// NewSample sorts in place; the caller's order is the order of the rounds, which pairs depend on.
	sorted := slices.Clone(values)
	found := benchmath.AssumeNothing.Summary(benchmath.NewSample(sorted, &benchmath.DefaultThresholds), 0.95)
	sum := Summary{Median: found.Center, Lo: found.Lo, Hi: found.Hi}
	if math.IsInf(sum.Lo, 0) || math.IsInf(sum.Hi, 0) {
		sum.Lo, sum.Hi = sorted[0], sorted[len(sorted)-1]
	}
	return sum
}

// Median is the median alone.
func Median(values []float64) float64 { return Summarize(values).Median }

// Ratios divides over by under, round by round. What two contestants did next to each other in time
// is what may be compared: a machine that slows down for a second slows down both. A round whose
// divisor noise took to nothing or below tells nothing and is left out.
func Ratios(over, under []float64) []float64 {
	var ratios []float64
	for i := range min(len(over), len(under)) {
		if under[i] > 0 {
			ratios = append(ratios, over[i]/under[i])
		}
	}
	return ratios
}
