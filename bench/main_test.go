package main

import (
	"bytes"
	"os"
	"path/filepath"
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
		{"-quick -for 10s", "-for 10s"},
		{"-for 1s", "-for 1s"},
		{"-for soon", "soon"},
		{"-for 48h", "-for 48h"},
		{"-op get-hit,fly", `"fly"`},
		{"-impl xsync5", `"xsync5"`},
		{"-n 1k,lots", `"lots"`},
		{"-g 0", `"0"`},
		{"-op freeall -n 4M", "go together"},
		{"-op churn -impl floor-array", "go together"},
		{"-g 1,65", `"65"`},
		{"report", "one folder"},
		{"report a b", "not 2"},
		{"report no-such-folder", "no-such-folder"},
		{"report -x", "-x"},
		{"weigh", `-impl ""`},
		{"weigh -impl floor-array", `"floor-array"`},
		{"weigh -impl xsync4 -n 0", "-n 0"},
		{"weigh -impl xsync4 extra", `"extra"`},
		{"collector -n 0", "-n 0"},
		{"collector -g 0", "-g 0"},
		{"collector extra", `"extra"`},
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
	for arguments, says := range map[string]string{"-help": "-rounds", "bars -h": "-rounds", "report -h": "bench.txt", "weigh -h": "-impl"} {
		var stdout, stderr bytes.Buffer
		if status := run(strings.Fields(arguments), &stdout, &stderr); status != 0 {
			t.Errorf("%s: status %d", arguments, status)
		}
		if !strings.Contains(stderr.String(), says) {
			t.Errorf("%s: %q", arguments, stderr.String())
		}
	}
}

func TestSelectedRun(t *testing.T) {
	// Ensure that a run of what was selected writes its folder and tells where, that its command leaves the folder out, and that the report can be
	// made again of it.
	path := filepath.Join(t.TempDir(), "folder")
	var stdout, stderr bytes.Buffer
	arguments := []string{"-for", "5s", "-op", "get-hit,attach", "-impl", "shadow-manual,xsync4", "-n", "64", "-g", "1", "-o", path}
	if status := run(arguments, &stdout, &stderr); status != 0 {
		t.Fatalf("status %d: %s", status, stderr.String())
	}
	if !strings.Contains(stdout.String(), path+": bench.txt, summary.md, report.html") || !strings.Contains(stdout.String(), "get-hit n=64 g=1") {
		t.Error(stdout.String())
	}
	raw, err := os.ReadFile(filepath.Join(path, "bench.txt"))
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"command: go run ./bench -for 5s -g 1 -impl shadow-manual,xsync4 -n 64 -op get-hit,attach\n", "impl=xsync4/op=attach/n=64/g=1"} {
		if !strings.Contains(string(raw), want) {
			t.Errorf("no %q in bench.txt", want)
		}
	}
	if strings.Contains(string(raw), "Syntax") {
		t.Error("the main comparison ran unasked")
	}
	if status := run([]string{"report", path}, &stdout, &stderr); status != 0 {
		t.Errorf("status %d: %s", status, stderr.String())
	}
	if status := run(arguments, &stdout, &stderr); status != 1 || !strings.Contains(stderr.String(), "not empty") {
		t.Errorf("into the same folder again: status %d, %s", status, stderr.String())
	}
}

func TestListRun(t *testing.T) {
	// Ensure that a list measures nothing and writes no folder.
	var stdout, stderr bytes.Buffer
	if status := run([]string{"-list", "-for", "1h"}, &stdout, &stderr); status != 0 {
		t.Fatalf("status %d: %s", status, stderr.String())
	}
	if !strings.Contains(stdout.String(), "lifetimes") || strings.Contains(stdout.String(), "bench.txt") {
		t.Error(stdout.String())
	}
}
