//go:build 386 || arm || mips || mipsle

package alloc

// segmentPad makes the header 56 bytes; see the other platforms.
const segmentPad = 24
