package job

import (
	"go/ast"
	"unsafe"
)

// This is the one file of the package that uses unsafe.

// pair is the rivals' key: the node's pointer word, kept as a real pointer, and which kind of note. It is
// two thirds of the size of {ast.Node, id} and hashes faster, so it is what one would write who cares.
type pair struct {
	node unsafe.Pointer
	id   uint64
}

const id = 7

func pairOf(node ast.Node) pair {
	// Safety: an interface value is a type word and a data word, and every ast.Node holds a pointer, so the
	// data word is that pointer.
	return pair{(*[2]unsafe.Pointer)(unsafe.Pointer(&node))[1], id}
}
