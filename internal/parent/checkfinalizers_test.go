package parent

import (
	"os"
	"os/exec"
	"runtime"
	"strings"
	"testing"
)

const childVariable = "PARENT_TEST_CHILD"

func TestCheckFinalizers(t *testing.T) {
	// Ensure that the runtime's own diagnosis of cleanups finds nothing to say
	// of classified and handled parents, those in shared blocks included.
	if os.Getenv(childVariable) != "" {
		t.Skip("in the child")
	}
	for _, run := range []string{"TestProbesLeaveNothing", "TestKinds|TestDeath|TestResurrection"} {
		child := exec.Command(os.Args[0], "-test.run", "^("+run+")$", "-test.v")
		child.Env = append(os.Environ(), "GODEBUG=checkfinalizers=1", childVariable+"=1")
		out, err := child.CombinedOutput()
		// A finding ends the child. The line on each collection's queue shows that the diagnosis is on.
		if err != nil || !strings.Contains(string(out), "checkfinalizers: queue") || !strings.Contains(string(out), "--- PASS") {
			t.Errorf("%s: %v\n%s", run, err, out)
		}
	}
}

func TestProbesLeaveNothing(t *testing.T) {
	// Ensure that asking the runtime leaves no cleanup behind on the object.
	if os.Getenv(childVariable) == "" {
		t.Skip("runs under GODEBUG=checkfinalizers=1, started by TestCheckFinalizers")
	}
	var living []*byte
	for range 1000 {
		p := new(byte)
		if classifySlow(pointer(p)) != Heap {
			t.Fatal("a tiny object is not on the heap")
		}
		Make(pointer(p))
		living = append(living, p)
	}
	for range 3 {
		runtime.GC()
	}
	runtime.KeepAlive(living)
}
