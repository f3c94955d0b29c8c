//go:build !cgo

package main

import (
	"errors"
	"io"
)

// errNoCgo is why the demonstration does not run.
var errNoCgo = errors.New("this program was built without cgo")

func demo(io.Writer) error { return errNoCgo }

func main() { println(errNoCgo.Error()) }
