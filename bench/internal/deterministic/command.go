package deterministic

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/perf/benchfmt"

	"github.com/shadowvars/shadow"
)

// module is the library's, whose directory is where the commands run.
const module = "github.com/shadowvars/shadow"

// Root is the directory of the library's module, as the module of the benchmark sees it.
func Root() (string, error) {
	text, err := run("", nil, "go", "list", "-m", "-f", "{{.Dir}}", module)
	if err != nil {
		return "", err
	}
	return strings.TrimSpace(text), nil
}

// run runs a command in a directory and returns what it printed.
func run(directory string, environment []string, name string, arguments ...string) (string, error) {
	command := exec.Command(name, arguments...)
	command.Dir = directory
	command.Env = append(os.Environ(), environment...)
	var out, complaint bytes.Buffer
	command.Stdout, command.Stderr = &out, &complaint
	if err := command.Run(); err != nil {
		return "", fmt.Errorf("%s %s: %w: %s%s", name, strings.Join(arguments, " "), err, out.String(), complaint.String())
	}
	return out.String(), nil
}

// Writes measures the writes of shared words, which only the instrumented build can count: see package internal/writes.
func Writes(root string) ([]Measure, error) {
	text, err := run(root, nil, "go", "test", "-tags", "explore,shadow_fullsize", "-run", "^$", "-bench", "Writes", "-benchtime", "1x", "./internal/writes")
	if err != nil {
		return nil, err
	}
	return parseWrites(strings.NewReader(text))
}

// parseWrites takes the counts out of the benchmark's output, and leaves its times.
func parseWrites(from io.Reader) (measures []Measure, err error) {
	reader := benchfmt.NewReader(from, "the benchmark of internal/writes")
	for reader.Scan() {
		switch record := reader.Result().(type) {
		case *benchfmt.SyntaxError:
			return nil, record
		case *benchfmt.Result:
			for _, value := range record.Values {
				if strings.HasSuffix(value.Unit, "writes/op") {
					measures = append(measures, Measure{withoutProcessors(record.Name), value.Unit, value.Value})
				}
			}
		}
	}
	if len(measures) == 0 {
		return nil, errors.New("the benchmark of internal/writes counted nothing")
	}
	return measures, reader.Err()
}

// withoutProcessors is a benchmark's name without GOMAXPROCS, which makes no difference here.
func withoutProcessors(name benchfmt.Name) string {
	base, parts := name.Parts()
	text := string(base)
	for _, part := range parts {
		if part[0] != '-' {
			text += string(part)
		}
	}
	return text
}

// errNoValgrind is what Instructions returns where they cannot be counted.
var errNoValgrind = errors.New("there is no valgrind")

// operations are those of the program gets, and how many of each are counted.
var operations = []struct {
	operation, function string
	n                   int
}{
	{"get-hit", "getHit", looked}, {"get-miss", "getMiss", looked}, {"get-batch", "getBatch", looked}, {"has", "has", looked}, {"getoralloc-hit", "getOrAllocHit", looked},
	{"alloc", "attach", attached}, {"free-and-getoralloc", "churn", looked},
}

const (
	looked   = 1 << 16
	attached = 1 << 12 // of the program's parents as many have no variable
)

// Instructions measures the instructions of one operation by callgrind, the loop around it taken off. The heap begins at another address in every process, so
// paths in the table differ a little: each count is the median of several.
func Instructions(root string, lifetimes ...shadow.Lifetime) (measures []Measure, err error) {
	valgrind, err := exec.LookPath("valgrind")
	if err != nil {
		return nil, errNoValgrind
	}
	directory, err := os.MkdirTemp("", "gets")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(directory)
	gets := filepath.Join(directory, "gets")
	if _, err := run(filepath.Join(root, "bench"), nil, "go", "build", "-o", gets, "./internal/deterministic/gets"); err != nil {
		return nil, err
	}
	loop, err := instructionsOf(valgrind, gets, "none", "none", "Manual", looked)
	if err != nil {
		return nil, err
	}
	for _, lifetime := range lifetimes {
		for _, o := range operations {
			count, err := instructionsOf(valgrind, gets, o.operation, o.function, lifetime.String(), o.n)
			if err != nil {
				return nil, err
			}
			measures = append(measures, Measure{fmt.Sprintf("Instructions/op=%s/life=%v", o.operation, lifetime), "instructions/op", count - loop})
		}
	}
	return measures, nil
}

// instructionsOf counts the instructions in one function of the program and in all that it calls, for one of n operations.
func instructionsOf(valgrind, gets, operation, function, life string, n int) (float64, error) {
	const repeats = 3
	counts := make([]float64, repeats)
	for i := range counts {
		// Callgrind does not survive signals that arrive while a thread is made, which is what asynchronous preemption sends.
		text, err := run("", []string{"GODEBUG=asyncpreemptoff=1,cpu.rdtscp=off"}, valgrind, "--tool=callgrind", "--callgrind-out-file=/dev/null",
			"--log-fd=1", "--toggle-collect=main."+function, gets, "-op", operation, "-life", life, "-n", strconv.Itoa(n))
		if err != nil {
			return 0, err
		}
		if counts[i], err = parseCount(text); err != nil {
			return 0, err
		}
	}
	slices.Sort(counts)
	return counts[repeats/2] / float64(n), nil
}

var refs = regexp.MustCompile(`I +refs: +([0-9,]+)`)

// parseCount finds the count in what callgrind says.
func parseCount(text string) (float64, error) {
	found := refs.FindStringSubmatch(text)
	if found == nil {
		return 0, fmt.Errorf("callgrind counted nothing: %s", text)
	}
	count, err := strconv.ParseFloat(strings.ReplaceAll(found[1], ",", ""), 64)
	if err == nil && count == 0 {
		err = errors.New("callgrind did not meet the function")
	}
	return count, err
}
