//go:build !wasm

package parent

// regionBits is the size of a region, 4 MiB: the smallest heap arena of all
// ports but wasm, so that no region mixes heap with other memory.
const regionBits = 22
