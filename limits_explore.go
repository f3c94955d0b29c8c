//go:build explore && !shadow_fullsize

package shadow

// Under exploration all constructions of a class are in one list.
const siteLists = 1
