//go:build 386 || arm || mips || mipsle

package alloc

// fixedPad and countedPad make the header 120 bytes; see the other platforms.
const (
	fixedPad   = 20
	countedPad = 52
)
