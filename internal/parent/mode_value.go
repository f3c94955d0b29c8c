//go:build shadow_weakvalue && !explore

package parent

// forceValue makes handles boxes around weak.Pointer even where their word
// could be read.
const forceValue = true
