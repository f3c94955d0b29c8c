//go:build !explore || shadow_fullsize

package lockfree

const (
	// chunkSlots is how many slots one unit of migration has, a power of two: one insert's share, some ten microseconds.
	chunkSlots = 256

	// homeSlots is the distance between homes: a line's, but where arrays are smaller than that.
	homeSlots = 4

	// farSlots is the size from which on an array's lines are not expected in the nearest caches.
	farSlots = 1 << 12

	// leastSlots is the size of the smallest array.
	leastSlots = 8

	// exactSlots is the size up to which every slot counts in an array's
	// estimates; in a bigger one every sampledSlots-th line does.
	exactSlots   = 1024
	sampledSlots = 16

	// checked turns on checks of invariants whose violation is survived.
	checked = false
)
