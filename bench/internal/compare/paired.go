package compare

import (
	"math"
	"slices"
)

// paired compares the runs of one measure round by round: the two of a round lay side by side, and what the machine did meanwhile it did to both. It returns by how much
// the new one is more, as the median of the rounds' ratios less one, and the p of the sign test: how likely it would be, were each of the two as often the
// slower one, that one is so in as many rounds. (A test that weighs the differences, as Wilcoxon's, finds less where single runs are disturbed a lot.)
func paired(old, new []float64) (delta, p float64) {
	ratios := make([]float64, len(old))
	more, less := 0, 0
	for i := range old {
		switch {
		case new[i] > old[i]:
			more++
		case new[i] < old[i]:
			less++
		}
		ratios[i] = new[i] / old[i]
	}
	slices.Sort(ratios)
	return (ratios[(len(ratios)-1)/2]+ratios[len(ratios)/2])/2 - 1, signs(more, less)
}

// canPair tells whether there are as many of both, and a ratio of each two.
func canPair(old, new []float64) bool {
	none := func(v float64) bool { return !(v > 0) || math.IsInf(v, 1) }
	return len(old) == len(new) && !slices.ContainsFunc(old, none) && !slices.ContainsFunc(new, none)
}

// signs is the chance that of so many throws of a coin as many or more come out alike.
func signs(heads, tails int) float64 {
	n, rare := heads+tails, min(heads, tails)
	p := 0.0
	for term, k := 1.0, 0; k <= rare; k++ {
		p += term
		term *= float64(n-k) / float64(k+1)
	}
	for range n - 1 {
		p /= 2
	}
	return min(1, p)
}
