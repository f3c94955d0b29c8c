package main

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"time"
)

// verdict is what became of a mutant.
type verdict string

const (
	killed   verdict = "killed"
	passed   verdict = "passed" // of the unchanged code
	survived verdict = "SURVIVED"
	broken   verdict = "DOES NOT COMPILE"
	moved    verdict = "DOES NOT APPLY"
	late     verdict = "TOO LATE"
	failed   verdict = "FAILED" // of the unchanged code
	untested verdict = "NO TEST RAN"
)

func (v verdict) good() bool { return v == killed || v == passed }

// limit is how long a test may take to kill a mutant.
const limit = time.Minute

// job is a mutant, or a test without one.
type job struct {
	mutant *mutant
	by     killer
}

type result struct {
	verdict verdict
	elapsed time.Duration
	output  string // what the test said, where the verdict is no good
	said    string // the line of the failure
}

// runner runs jobs on the repository at root, with overlays in directory.
type runner struct{ root, directory string }

func (r runner) run(number int, j job) result {
	arguments := []string{"test", "-vet=off", "-c", "-o", filepath.Join(r.directory, fmt.Sprintf("%d.test", number))}
	if j.by.tags != "" {
		arguments = append(arguments, "-tags", j.by.tags)
	}
	if j.mutant != nil {
		overlay, err := r.overlay(number, *j.mutant)
		if err != nil {
			return result{verdict: moved, output: err.Error()}
		}
		arguments = append(arguments, "-overlay", overlay)
	}
	build := exec.Command("go", append(arguments, j.by.pkg)...)
	build.Dir = r.root
	if output, err := build.CombinedOutput(); err != nil {
		return result{verdict: broken, output: string(output)}
	}
	binary := arguments[4]
	defer os.Remove(binary)
	// The timeout is the limit: the program ends itself when it is over.
	test := exec.Command(binary, "-test.run=^"+j.by.test+"$", "-test.v", "-test.failfast", "-test.timeout="+limit.String())
	test.Dir = filepath.Join(r.root, filepath.FromSlash(j.by.pkg))
	began := time.Now()
	output, err := test.CombinedOutput()
	return judge(j, string(output), err, time.Since(began))
}

// judge decides what the output of a test means.
func judge(j job, output string, err error, elapsed time.Duration) result {
	res := result{elapsed: elapsed, output: output, said: complaint(output)}
	switch {
	case !strings.Contains(output, "=== RUN   "+j.by.test):
		res.verdict = untested
	case j.mutant == nil && err == nil:
		res.verdict = passed
	case j.mutant == nil:
		res.verdict = failed
	case err == nil:
		res.verdict = survived
	case strings.Contains(output, "panic: test timed out after"):
		res.verdict = late
	default:
		res.verdict = killed
	}
	return res
}

var (
	where  = regexp.MustCompile(`^ +\w+_test\.go:\d+: `)
	panics = regexp.MustCompile(`^(panic: |fatal error: |unexpected fault |SIG)`)
)

// complaint is the last thing that a failing test says before it is called failed.
func complaint(output string) (said string) {
	for line := range strings.Lines(output) {
		switch {
		case panics.MatchString(line):
			return strings.TrimSpace(line)
		case where.MatchString(line):
			said = strings.TrimSpace(where.ReplaceAllString(line, ""))
		case strings.Contains(line, "--- FAIL"):
			return said
		}
	}
	return said
}

// overlay writes the changed file and the description that go test -overlay wants.
func (r runner) overlay(number int, m mutant) (string, error) {
	text, err := m.source(r.root)
	if err != nil {
		return "", err
	}
	changed := filepath.Join(r.directory, fmt.Sprintf("%d.go", number))
	if err := os.WriteFile(changed, []byte(text), 0o666); err != nil {
		return "", err
	}
	original := filepath.Join(r.root, filepath.FromSlash(m.file))
	description, err := json.Marshal(map[string]any{"Replace": map[string]string{original: changed}})
	if err != nil {
		return "", err
	}
	name := filepath.Join(r.directory, fmt.Sprintf("%d.json", number))
	return name, os.WriteFile(name, description, 0o666)
}
