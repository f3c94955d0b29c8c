package compare

import (
	"math"
	"slices"
	"strings"

	"golang.org/x/perf/benchmath"
)

// Verdict is what a comparison of one measure comes to.
type Verdict string

const (
	Same   Verdict = "same"   // no difference that is more than chance and more than what is let pass
	Better Verdict = "better" // significantly, by more than that
	Worse  Verdict = "WORSE"
	Few    Verdict = "too few runs"
)

// Tolerance is what is let pass.
type Tolerance struct {
	Relative float64 // 0.05 lets pass five percent
	Absolute float64 // and this much besides, but nothing where the old value was 0
}

// Rules are how differences are judged.
type Rules struct {
	Alpha    float64 // the chance, over all comparisons together, of calling one worse or better that is not
	Tolerate func(unit string) Tolerance
	Paired   bool // the n-th run of the one lay beside the n-th of the other
}

// Row is one measure.
type Row struct {
	Key
	Old, New benchmath.Summary
	Delta    float64 // new over old, less one; the median of the rounds' if they are paired
	P        float64 // corrected for the number of comparisons; 0 for exact measures
	Verdict  Verdict

	paired bool // delta and p are of pairs
}

// Result is what a comparison has found.
type Result struct {
	Rows    []Row
	OnlyOld []Key
	OnlyNew []Key
}

const confidence = 0.95

// Compare compares what both sets have. Whether higher or lower values of a unit are better, and whether they are exact, is what the old
// set's unit lines say; otherwise what comes per second is better if higher, everything else if lower, and nothing is assumed of its distribution.
func Compare(before, after *Set, rules Rules) (r Result) {
	thresholds := &benchmath.Thresholds{CompareAlpha: rules.Alpha}
	var certain []bool
	for _, key := range before.order {
		values, both := after.samples[key]
		if !both {
			r.OnlyOld = append(r.OnlyOld, key)
			continue
		}
		assume := before.units.GetAssumption(key.Unit)
		// A sample is sorted in place, and the set stays as it was.
		old := benchmath.NewSample(slices.Clone(before.samples[key]), thresholds)
		new := benchmath.NewSample(slices.Clone(values), thresholds)
		row := Row{Key: key, Old: assume.Summary(old, confidence), New: assume.Summary(new, confidence)}
		row.Delta = row.New.Center/row.Old.Center - 1
		if row.New.Center == row.Old.Center {
			row.Delta = 0
		}
		isExact := assume == benchmath.Assumption(benchmath.AssumeExact)
		least := 0.0
		if row.paired = rules.Paired && !isExact && canPair(before.samples[key], values); row.paired {
			row.Delta, row.P = paired(before.samples[key], values)
			least = signs(len(values), 0)
		} else {
			row.P = assume.Compare(old, new).P
			least = leastP(len(old.Values), len(new.Values))
		}
		if !isExact && least >= rules.Alpha {
			row.Verdict = Few
		}
		// What never varies leaves nothing to chance, and does not make it harder to see what does.
		certain = append(certain, isExact || constant(old, new))
		r.Rows = append(r.Rows, row)
	}
	for _, key := range after.order {
		if _, both := before.samples[key]; !both {
			r.OnlyNew = append(r.OnlyNew, key)
		}
	}
	correct(r.Rows, certain)
	for i := range r.Rows {
		if r.Rows[i].Verdict == "" {
			r.Rows[i].Verdict = judge(r.Rows[i], before.direction(r.Rows[i].Unit), rules)
		}
	}
	return r
}

// judge wants a difference to be both significant and of a size that matters.
func judge(row Row, better int, rules Rules) Verdict {
	tolerance := rules.Tolerate(row.Unit)
	allowed := math.Abs(row.Old.Center) * tolerance.Relative
	if row.Old.Center != 0 {
		allowed += tolerance.Absolute
	}
	difference := row.New.Center - row.Old.Center
	if row.paired {
		difference = row.Delta * row.Old.Center
	}
	if row.P >= rules.Alpha || math.Abs(difference) <= allowed {
		return Same
	}
	if difference*float64(better) > 0 {
		return Better
	}
	return Worse
}

// direction is 1 if higher values are better, -1 if lower ones are.
func (s *Set) direction(unit string) int {
	if better := s.units.GetBetter(unit); better != 0 {
		return better
	}
	if strings.HasSuffix(unit, "/s") || strings.HasSuffix(unit, "/sec") {
		return 1
	}
	return -1
}

// constant tells whether all values of both samples, which are sorted, are one.
func constant(a, b *benchmath.Sample) bool {
	first, last := a.Values[0], a.Values[len(a.Values)-1]
	return first == last && b.Values[0] == first && b.Values[len(b.Values)-1] == first
}

// correct is Holm's: the least of m values of p counts m times, the next one m-1 times, and none less than the one
// before it. Who looks at a hundred benchmarks would otherwise find five that differ by chance.
func correct(rows []Row, certain []bool) {
	var order []int
	for i := range rows {
		if !certain[i] {
			order = append(order, i)
		}
	}
	slices.SortStableFunc(order, func(a, b int) int {
		switch {
		case rows[a].P < rows[b].P:
			return -1
		case rows[a].P > rows[b].P:
			return 1
		}
		return 0
	})
	least := 0.0
	for rank, i := range order {
		least = max(least, min(1, rows[i].P*float64(len(order)-rank)))
		rows[i].P = least
	}
}

// leastP is the least p that samples of these sizes can come to, all of one above all of the other: two in the number of ways to
// choose n of n+m.
func leastP(n, m int) float64 {
	ways := 1.0
	for i := 1; i <= n; i++ {
		ways = ways * float64(m+i) / float64(i)
	}
	return 2 / ways
}

// Worse are the rows that are.
func (r Result) Worse() (rows []Row) {
	for _, row := range r.Rows {
		if row.Verdict == Worse {
			rows = append(rows, row)
		}
	}
	return rows
}

// Undecided tells whether nothing could be decided, for want of runs.
func (r Result) Undecided() bool {
	return !slices.ContainsFunc(r.Rows, func(row Row) bool { return row.Verdict != Few })
}
