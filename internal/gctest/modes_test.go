package gctest

import (
	"errors"
	"os"
	"os/exec"
	"runtime"
	"testing"
)

// inner marks the processes that TestDebugModes starts.
const inner = "SHADOW_INNER"

func TestDebugModes(t *testing.T) {
	// Ensure that the tests of this package pass while the runtime overwrites what it frees, while it checks each marking by a second one,
	// and while it looks for objects that their own cleanups keep.
	if os.Getenv(inner) != "" || testing.Short() || racing {
		t.Skip("not within itself, nor in short mode, nor together with the race detector")
	}
	for mode, run := range map[string]string{
		"clobberfree=1":     "HeldPointers|AddressReuse|Retention",
		"gccheckmark=1":     "HeldPointers|AddressReuse|Conservation",
		"checkfinalizers=1": "HeldPointers|Ends|Finalizer|Retention|PointerKinds|StackVariables|Self",
	} {
		t.Run(mode, func(t *testing.T) {
			power := "0.1"
			if p := os.Getenv("SHADOW_POWER"); p != "" {
				power = p
			}
			out, err := again(t, "-test.run="+run, "GODEBUG="+mode, "SHADOW_POWER="+power)
			if err != nil {
				t.Errorf("%v\n%s", err, out)
			}
		})
	}
}

// again runs this test binary with other tests and environment.
func again(t *testing.T, run string, env ...string) (string, error) {
	path, err := os.Executable()
	if err != nil {
		t.Skip(err)
	}
	c := exec.CommandContext(t.Context(), path, run)
	c.Env = append(os.Environ(), append(env, inner+"=1")...)
	out, err := c.CombinedOutput()
	if exit := (*exec.ExitError)(nil); err != nil && !errors.As(err, &exit) {
		t.Skip("this machine does not run its own test binary: ", err) // an emulator does
	}
	return string(out), err
}

func TestModesInForce(t *testing.T) {
	// Ensure that the runtime's look for objects that their own cleanups keep is in force in such a process: it must end one that has such an object.
	if testing.Short() || racing {
		t.Skip("not in short mode, nor together with the race detector")
	}
	if os.Getenv(inner) != "" {
		o := &box{new(object)}
		runtime.AddCleanup(o, func(*box) {}, &box{o.o})
		runtime.AddCleanup(o.o, func(*box) {}, o)
		runtime.GC()
		runtime.GC()
		runtime.KeepAlive(o)
		return
	}
	out, err := again(t, "-test.run=^TestModesInForce$", "GODEBUG=checkfinalizers=1")
	if err == nil {
		t.Errorf("checkfinalizers=1 lets it pass:\n%s", out)
	}
	if out, err := again(t, "-test.run=^TestModesInForce$"); err != nil {
		t.Errorf("the test itself fails: %v\n%s", err, out)
	}
}
