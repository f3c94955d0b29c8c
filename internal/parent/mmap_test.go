//go:build unix

package parent

import (
	"syscall"
	"testing"
	"unsafe"
)

func TestMappedMemory(t *testing.T) {
	// Ensure that mapped memory, unreadable memory included, is foreign, and
	// asking again after it is unmapped and mapped anew stays harmless.
	for _, protection := range []int{syscall.PROT_READ | syscall.PROT_WRITE, syscall.PROT_NONE} {
		for range 3 {
			memory, err := syscall.Mmap(-1, 0, 8<<20, protection, syscall.MAP_ANON|syscall.MAP_PRIVATE)
			if err != nil {
				t.Fatal(err)
			}
			for offset := 0; offset < len(memory); offset += 1 << 20 {
				// Safety: inside the mapping, and only classified.
				if kind := Classify(unsafe.Pointer(&memory[offset])); kind != Foreign {
					t.Fatalf("offset %d: %v", offset, kind)
				}
			}
			if err := syscall.Munmap(memory); err != nil {
				t.Fatal(err)
			}
		}
	}
}
