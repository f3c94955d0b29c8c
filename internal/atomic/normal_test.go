//go:build !explore && !faults

package atomic

import (
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
)

// The types are not like those of sync/atomic, they are those.
var (
	_ *Bool          = (*atomic.Bool)(nil)
	_ *Int32         = (*atomic.Int32)(nil)
	_ *Int64         = (*atomic.Int64)(nil)
	_ *Uint32        = (*atomic.Uint32)(nil)
	_ *Uint64        = (*atomic.Uint64)(nil)
	_ *Uintptr       = (*atomic.Uintptr)(nil)
	_ *Pointer[byte] = (*atomic.Pointer[byte])(nil)
	_ *Mutex         = (*sync.Mutex)(nil)
)

type node[T any] struct {
	next Pointer[node[T]]
	data T
}

// heldData is how generic code uses Hold, Keep and PlainWrite.
//
//go:noinline
func (n *node[T]) heldData() *T {
	next := Hold(n.next.Load())
	data := &next.data
	PlainWrite(data)
	Keep(next)
	return data
}

func TestHoldKeepAndPlainWriteAreFree(t *testing.T) {
	// Ensure Hold, Keep and PlainWrite leave no call and no allocation in generic code, and no use of its dictionary.
	n := &node[int]{}
	n.next.Store(&node[int]{data: 7})
	if got := testing.AllocsPerRun(100, func() {
		if *n.heldData() != 7 {
			t.Error("wrong node")
		}
	}); got != 0 {
		t.Errorf("%v allocations", got)
	}
	if testing.Short() {
		t.Skip("needs a build")
	}
	tool, err := exec.LookPath("go")
	if err != nil {
		t.Skip(err)
	}
	binary := filepath.Join(t.TempDir(), "atomic.test")
	if out, err := exec.Command(tool, "test", "-c", "-o", binary, ".").CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	out, err := exec.Command(tool, "tool", "objdump", "-s", `heldData`, binary).Output()
	if err != nil {
		t.Skip(err)
	}
	instructions, loads := 0, 0
	for line := range strings.Lines(string(out)) {
		fields := strings.Fields(line)
		if len(fields) < 4 || !strings.Contains(fields[0], ".go:") {
			continue
		}
		instructions++
		if strings.Contains(line, "atomic.Hold") || strings.Contains(line, "atomic.Keep") || strings.Contains(line, "KeepAlive") || strings.Contains(line, "atomic.PlainWrite") {
			t.Errorf("calls Hold, Keep or PlainWrite:\n%s", out)
		}
		if strings.HasPrefix(fields[0], "atomic.go") {
			loads++
		}
	}
	if instructions == 0 {
		t.Fatal("nothing disassembled")
	}
	if loads != 0 {
		t.Errorf("%d instructions come from Hold, Keep and PlainWrite:\n%s", loads, out)
	}
}
