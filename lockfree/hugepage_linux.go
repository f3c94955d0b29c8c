package lockfree

import "syscall"

// adviseHuge asks the kernel to back memory by huge pages: a random access to a
// big array otherwise misses the translation cache as well as the data cache.
// It is only advice, so a failure changes nothing.
func adviseHuge(memory []byte) {
	_ = syscall.Madvise(memory, syscall.MADV_HUGEPAGE)
}
