package parent

// regionBits is the size of a region, 512 KiB: the heap arena of wasm, so that
// no region mixes heap with other memory.
const regionBits = 19
