//go:build unix

package shadow_test

import (
	"syscall"
	"testing"
	"unsafe"
)

// foreignConn is a conn in memory that Go's collector knows nothing of.
func foreignConn(t testing.TB) *conn {
	t.Helper()
	b, err := syscall.Mmap(-1, 0, 4096, syscall.PROT_READ|syscall.PROT_WRITE, syscall.MAP_ANON|syscall.MAP_PRIVATE)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { syscall.Munmap(b) })
	// Safety: the page is zero, aligned, and big enough; a zero conn holds no pointers.
	return (*conn)(unsafe.Pointer(&b[0]))
}
