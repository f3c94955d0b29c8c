//go:build linux

package micro

import (
	"os"
	"syscall"
)

// adviseHuge asks for huge pages for the page-aligned middle of big arrays. It is best effort, as it is in the library.
func adviseHuge(slots []floorSlot) {
	const big = 4 << 20
	memory := bytesOf(slots)
	if len(memory) < big {
		return
	}
	// Large Go allocations begin on a page; the length is cut to whole pages.
	page := os.Getpagesize()
	_ = syscall.Madvise(memory[:len(memory)/page*page], syscall.MADV_HUGEPAGE)
}
