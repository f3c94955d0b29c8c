//go:build unix

package gctest

import (
	"syscall"
	"testing"
	"unsafe"

	"github.com/shadowvars/shadow"
)

// platformRows are memory that the operating system gave, and not Go.
var platformRows = []row{
	{"mapped memory", func(t *testing.T) unsafe.Pointer { return mapped(t) }, shadow.ErrForeign, lives},
	// Safety: inside the mapping.
	{"inside mapped memory", func(t *testing.T) unsafe.Pointer { return unsafe.Add(mapped(t), 4001) }, shadow.ErrForeign, lives},
}

func mapped(t *testing.T) unsafe.Pointer {
	b, err := syscall.Mmap(-1, 0, 1<<16, syscall.PROT_READ|syscall.PROT_WRITE, syscall.MAP_ANON|syscall.MAP_PRIVATE)
	if err != nil {
		t.Skip(err)
	}
	// Safety: the mapping's first byte, as long as it is mapped.
	return unsafe.Pointer(&b[0])
}
