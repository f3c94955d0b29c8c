//go:build explore && !shadow_fullsize

package lockfree

// Under exploration all limits are so low that a handful of pairs meets every
// rare path. See limits_normal.go for what they mean.
const (
	chunkSlots   = 2
	leastSlots   = 2
	farSlots     = 1 << 30 // loads that change nothing would be steps
	homeSlots    = 1
	exactSlots   = 4
	sampledSlots = 2
	checked      = true
)
