package measure

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"runtime/metrics"
	"time"
)

// Elsewhere runs this program again, with other arguments, and returns what it wrote: what it measures then is not
// changed by what this process has done before.
func Elsewhere(arguments ...string) ([]byte, error) {
	program, err := os.Executable()
	if err != nil {
		return nil, err
	}
	var out, complaint bytes.Buffer
	command := exec.Command(program, arguments...)
	command.Stdout, command.Stderr = &out, &complaint
	if err := command.Run(); err != nil {
		return nil, fmt.Errorf("%w: %s", err, complaint.String())
	}
	return out.Bytes(), nil
}

// Collections is what the collector has done so far.
type Collections struct {
	CPU    time.Duration // dedicated workers, assists and idle marking; up to date as of the last cycle's end
	Cycles uint64
}

// Collected reads the collector's account.
func Collected() Collections {
	samples := []metrics.Sample{{Name: "/cpu/classes/gc/total:cpu-seconds"}, {Name: "/gc/cycles/total:gc-cycles"}}
	metrics.Read(samples)
	return Collections{time.Duration(samples[0].Value.Float64() * float64(time.Second)), samples[1].Value.Uint64()}
}
