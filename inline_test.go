//go:build amd64 || arm64

package shadow_test

import (
	"os"
	"os/exec"
	"regexp"
	"testing"
)

func TestGetIsInlined(t *testing.T) {
	// Ensure that Get is inlined where it is called, and what it needs of the table and the slab into it.
	if testing.Short() || instrumented {
		t.Skip("compiles two packages, as they are without instrumentation")
	}
	said := func(arguments ...string) string {
		out, err := exec.Command("go", append([]string{"build", "-gcflags=-m", "-o", os.DevNull}, arguments...)...).CombinedOutput()
		if err != nil {
			t.Fatalf("%v\n%s", err, out)
		}
		return string(out)
	}
	if !regexp.MustCompile(`main\.go:.*inlining call to shadow\.\(\*Var\[.*\]\)\.Get\n`).MatchString(said("./examples/livepatch")) {
		t.Error("Get is not inlined into its caller")
	}
	out := said(".")
	for _, f := range []string{`lockfree\.\(\*Table\)\.Line`, `lockfree\.\(\*Line\)\.Keys`, `lockfree\.Keys\.Probe`, `lockfree\.\(\*Line\)\.Load`, `lockfree\.Keys\.Broken`,
		`alloc\.\(\*Slab\)\.Hold`, `alloc\.\(\*Directory\)\.Chunk`, `alloc\.\(\*Directory\)\.In`} {
		if !regexp.MustCompile(`class\.go:.*inlining call to ` + f + `\n`).MatchString(out) {
			t.Errorf("%s is not inlined into get", f)
		}
	}
}
