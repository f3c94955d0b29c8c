package compare

import (
	"bytes"
	"fmt"
	"os/exec"
	"time"

	"github.com/shadowvars/shadow/bench/internal/report"
)

// Runs says how two test binaries are to run in turn.
type Runs struct {
	A, B      string // old and new
	Pattern   string // -test.bench
	Benchtime time.Duration
	Rounds    int
	CPU       int // -test.cpu
	Progress  *report.Progress
}

// Interleave runs both binaries once a round, first one and then the other first, and returns what each printed. Runs that lie
// side by side see the same machine: one that slows down for a minute slows down both.
func (r Runs) Interleave() (a, b *bytes.Buffer, err error) {
	a, b = new(bytes.Buffer), new(bytes.Buffer)
	for round := range r.Rounds {
		r.Progress.Stage("round %d of %d", round+1, r.Rounds)
		turns := []struct {
			binary string
			out    *bytes.Buffer
		}{{r.A, a}, {r.B, b}}
		if round%2 == 1 {
			turns[0], turns[1] = turns[1], turns[0]
		}
		for _, turn := range turns {
			if err := r.run(turn.binary, turn.out); err != nil {
				return nil, nil, err
			}
		}
	}
	r.Progress.Done()
	return a, b, nil
}

func (r Runs) run(binary string, out *bytes.Buffer) error {
	command := exec.Command(binary, "-test.run=^$", "-test.bench="+r.Pattern, "-test.benchtime="+r.Benchtime.String(),
		"-test.count=1", fmt.Sprint("-test.cpu=", r.CPU), "-test.timeout=10m")
	var complaint bytes.Buffer
	command.Stdout, command.Stderr = out, &complaint
	if err := command.Run(); err != nil {
		return fmt.Errorf("%s: %w: %s", binary, err, complaint.String())
	}
	return nil
}
