package main

import (
	"bytes"
	"strings"
	"testing"
)

func TestWrongArguments(t *testing.T) {
	// Ensure each wrong argument is named on stderr, nothing is measured, and the status is 2.
	for _, c := range []struct {
		arguments string
		says      string
	}{
		{"-nonsense", "-nonsense"},
		{"-rounds -1", "-rounds -1"},
		{"-rounds many", "many"},
		{"-quick=maybe", "maybe"},
		{"job", `"job"`},
		{"-quick bars", `"bars"`},
		{"bars -n 1k,2x", `"2x"`},
		{"bars -n 0", `"0"`},
		{"bars -n 128M", `"128M"`},
		{"bars -only get,speed", `"speed"`},
		{"bars -rounds 0", "-rounds 0"},
		{"bars -slice 1ns", "-slice 1ns"},
		{"bars -g 0", "-g 0"},
		{"bars -clock sun", `"sun"`},
		{"bars get", `"get"`},
	} {
		var stdout, stderr bytes.Buffer
		if status := run(strings.Fields(c.arguments), &stdout, &stderr); status != 2 {
			t.Errorf("%s: status %d", c.arguments, status)
		}
		if !strings.Contains(stderr.String(), c.says) || stdout.Len() > 0 {
			t.Errorf("%s: stderr %q, stdout %q", c.arguments, stderr.String(), stdout.String())
		}
	}
}

func TestHelp(t *testing.T) {
	// Ensure asking for help is no error and tells the flags.
	for _, arguments := range []string{"-help", "bars -h"} {
		var stdout, stderr bytes.Buffer
		if status := run(strings.Fields(arguments), &stdout, &stderr); status != 0 {
			t.Errorf("%s: status %d", arguments, status)
		}
		if !strings.Contains(stderr.String(), "-rounds") {
			t.Errorf("%s: %q", arguments, stderr.String())
		}
	}
}
