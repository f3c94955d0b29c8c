// Command record makes the trace that package trace replays: the births and deaths of heap objects of a real program, the
// Go compiler, as its own runtime reports them.
//
//	go run ./bench/internal/trace/record -package encoding/json -o bench/internal/trace/compile.trace.gz
//
// The compiler is not changed. GODEBUG=traceallocfree=1 makes the runtime write an event for every object that it allocates and for every
// one that its sweep frees, and -traceprofile makes the compiler write its execution trace. GOGC decides how long after
// its last use an object is found dead; see the package's description of what is kept of all that.
package main

import (
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
)

func main() {
	compiled := flag.String("package", "encoding/json", "the package whose compilation is recorded")
	percent := flag.Int("gogc", 25, "the compiler's GOGC: the smaller, the closer are recorded deaths to real ones")
	most := flag.Int("most", 0, "how many parents to keep, 0: all; the trace ends after the last one's birth")
	output := flag.String("o", "compile.trace.gz", "the file to write")
	flag.Parse()
	if err := record(*compiled, *percent, *most, *output); err != nil {
		fmt.Fprintln(os.Stderr, "record:", err)
		os.Exit(1)
	}
}

// record compiles the package, reads the compiler's trace, and writes what is kept of it.
func record(compiled string, percent, most int, output string) error {
	directory, err := os.MkdirTemp("", "record")
	if err != nil {
		return err
	}
	defer os.RemoveAll(directory)
	raw := filepath.Join(directory, "raw.trace")
	// The name of the raw trace differs each time, so the build cache never has the package. One backend goroutine, for one order of events.
	build := exec.Command("go", "build", "-gcflags=-traceprofile="+raw+" -c=1", compiled)
	build.Env = append(os.Environ(), "GODEBUG=traceallocfree=1", fmt.Sprint("GOGC=", percent))
	if said, err := build.CombinedOutput(); err != nil {
		return fmt.Errorf("%w: %s", err, said)
	}
	file, err := os.Open(raw)
	if err != nil {
		return err
	}
	defer file.Close()
	recording, err := read(file, most)
	if err != nil {
		return err
	}
	recording.Source = fmt.Sprintf("%s %s/%s, compile -c=1 %s, GOGC=%d", runtime.Version(), runtime.GOOS, runtime.GOARCH, compiled, percent)
	written, err := os.Create(output)
	if err != nil {
		return err
	}
	if err := recording.Write(written); err != nil {
		return err
	}
	if err := written.Close(); err != nil {
		return err
	}
	information, err := os.Stat(output)
	if err != nil {
		return err
	}
	fmt.Printf("%s: %s; %d bytes\n", output, recording.Describe(), information.Size())
	return nil
}
