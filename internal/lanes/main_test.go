package main

import (
	"bytes"
	"strings"
	"testing"
)

func TestArguments(t *testing.T) {
	// Ensure that wrong arguments exit with 2 and say how it is done.
	for _, arguments := range []string{"", "medium", "short long", "-for -1s long", "-processes 0 short", "-fast short"} {
		var stdout, stderr bytes.Buffer
		if status := run(strings.Fields(arguments), &stdout, &stderr); status != 2 || stderr.Len() == 0 {
			t.Errorf("%q: exit status %d, %s", arguments, status, &stderr)
		}
	}
}

func TestParse(t *testing.T) {
	// Ensure that what a test reports is read, and that a missing report and a short lane that was not exhausted are failures.
	const line = "    explore_lane_test.go:1: lane short: table: 12 programs, 12 exhausted, 3456 schedules, 7 steps\n"
	if r, err := parse(line, "short"); err != nil || r != (result{programs: 12, exhausted: 12, schedules: 3456, steps: 7}) {
		t.Error(r, err)
	}
	for _, bad := range []string{"", strings.Replace(line, "short", "sample", 1), strings.Replace(line, "12 exhausted", "11 exhausted", 1)} {
		if r, err := parse(bad, "short"); err == nil {
			t.Error(r, "of", bad)
		}
	}
}
