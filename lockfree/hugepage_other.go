//go:build !linux

package lockfree

// adviseHuge does nothing: only Linux takes this advice.
func adviseHuge([]byte) {}
