package main

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
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
		{"compare old.txt", "1 files"},
		{"compare -a x.test", "-a and -b"},
		{"compare -a x.test -b y.test old.txt", `"old.txt"`},
		{"compare -alpha 2 a b", "-alpha 2"},
		{"compare -threshold -1 a b", "-threshold -1"},
		{"compare -rounds 0 a b", "-rounds 0"},
		{"compare -cpu 0 a b", "-cpu 0"},
		{"compare -benchtime 1ns a b", "-benchtime 1ns"},
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

func TestCompareExits(t *testing.T) {
	// Ensure the exit status is 0 for the same, 1 for worse, for too few runs and for nothing in common, and that it says so.
	file := func(name string, ns int, runs int) string {
		path := filepath.Join(t.TempDir(), "results.txt")
		text := strings.Repeat(fmt.Sprintf("Benchmark%s 1 %d ns/op\n", name, ns), runs)
		if err := os.WriteFile(path, []byte(text), 0o666); err != nil {
			t.Fatal(err)
		}
		return path
	}
	old := file("Get", 100, 10)
	for _, c := range []struct {
		flags, old, new string
		status          int
		says            string
	}{
		{"", old, file("Get", 100, 10), 0, ""},
		{"", old, file("Get", 110, 10), 1, "1 measures are significantly worse"},
		{"-threshold 15", old, file("Get", 110, 10), 0, ""},
		{"", file("Get", 100, 2), file("Get", 110, 2), 1, "so few runs"},
		{"", old, file("Put", 100, 10), 1, "no measure in common"},
		{"", old, "/no/such/file", 1, "no such file"},
	} {
		var stdout, stderr bytes.Buffer
		arguments := append(append([]string{"compare"}, strings.Fields(c.flags)...), c.old, c.new)
		if status := run(arguments, &stdout, &stderr); status != c.status || !strings.Contains(stderr.String(), c.says) {
			t.Errorf("%s: status %d instead of %d, %s%s", c.flags, status, c.status, stdout.String(), stderr.String())
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
