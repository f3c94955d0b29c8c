//go:build !386 && !arm && !mips && !mipsle

package alloc

// segmentPad makes the header 56 bytes: with the 8 bytes that Go puts before a big object with
// pointers, the cells start on a cache line of their own, which claims do not write.
const segmentPad = 12
