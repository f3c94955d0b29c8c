package main

import (
	"bytes"
	"os"
	"strings"
	"testing"

	"github.com/shadowvars/shadow/bench/internal/httpload"
)

func TestMain(m *testing.M) {
	httpload.ClientMain() // the test's own binary is the client
	os.Exit(m.Run())
}

func TestWrongArgumentsOfCommands(t *testing.T) {
	// Ensure each wrong argument of a command is named on stderr, nothing is measured, and the status is 2.
	for _, c := range []struct {
		arguments string
		says      string
	}{
		{"trace -g 0", "-g 0"},
		{"trace -rounds 0", "-rounds 0"},
		{"trace -gogc 1", "-gogc 1"},
		{"trace -only hashmap", `"hashmap"`},
		{"trace now", `"now"`},
		{"http -requests 0", "-requests 0"},
		{"http -connections 5000", "-connections 5000"},
		{"http -limit 1h", "-limit 1h"},
		{"http -only nobody", `"nobody"`},
		{"http fast", `"fast"`},
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

func TestCommandsRun(t *testing.T) {
	// Ensure the commands measure and print when they are called as a user calls them.
	for arguments, says := range map[string]string{
		"trace -rounds 1 -g 1 -only field": "a field of the object",
		"http -rounds 1 -requests 50":      "context of the connection",
	} {
		var stdout, stderr bytes.Buffer
		if status := run(strings.Fields(arguments), &stdout, &stderr); status != 0 || !strings.Contains(stdout.String(), says) {
			t.Errorf("%s: status %d, %s%s", arguments, status, stdout.String(), stderr.String())
		}
	}
}
