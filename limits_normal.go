//go:build !explore || shadow_fullsize

package shadow

// siteLists is how many lists of constructions a class has.
const siteLists = 512
