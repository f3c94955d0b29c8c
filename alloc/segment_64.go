//go:build !386 && !arm && !mips && !mipsle

package alloc

// With the 8 bytes that Go puts before a big object with pointers, fixedPad ends the cache line of what never changes, and countedPad that of what
// claims write: neither who frees a slot of the segment nor who finds one waits for a claim.
const (
	fixedPad   = 8
	countedPad = 52
)
