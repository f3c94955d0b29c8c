//go:build !unix

package gctest

// platformRows is empty where this package knows no way to ask the operating system for memory.
var platformRows []row
