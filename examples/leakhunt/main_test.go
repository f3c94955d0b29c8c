package main

import (
	"fmt"
	"os"
	"regexp"
	"strings"
	"testing"
)

// lineOf is the number of the line of chat.go that has the words.
func lineOf(t *testing.T, words string) int {
	t.Helper()
	text, err := os.ReadFile("chat.go")
	if err != nil {
		t.Fatal(err)
	}
	before, _, found := strings.Cut(string(text), words)
	if !found {
		t.Fatalf("chat.go has no line with %q", words)
	}
	return strings.Count(before, "\n") + 1
}

func TestLeak(t *testing.T) {
	// Ensure that the three steps find the class among fifty, the line that attaches and the path that holds.
	var out strings.Builder
	if err := hunt(&out, true); err != nil {
		t.Fatal(err)
	}
	want := fmt.Sprintf(`^100 connections came and went
step 1, which class holds the memory:
  HELD +LIVE-BYTES +LIVE .*
  4\d{5} +4\d{5} +100 +100 +0 +Collected +0x[0-9a-f]+ +chat sessions +Var\[net\.TCPConn, main\.session\]
  \d{4} +\d{4} +100 +100 +0 +Collected +0x[0-9a-f]+ +request counters +Var\[net\.TCPConn, atomic\.Int64\]
step 2, which line attached it:
  \d+(?:\.\d+)?kB attached by \(\*chat\)\.join in chat\.go:%d
step 3, what keeps a connection alive:
  shadowtest: class "chat sessions" id 0x[0-9a-f]+ keeps its parent alive: main\.session\.room\.members\[0\]\.conn
$`, lineOf(t, "here it is attached"))
	if !regexp.MustCompile(want).MatchString(out.String()) {
		t.Errorf("got\n%s\nwant\n%s", out.String(), want)
	}
}

func TestNoLeak(t *testing.T) {
	// Ensure that the server whose rooms hold their members weakly leaves nothing, and that the steps raise no false alarm.
	var out strings.Builder
	if err := hunt(&out, false); err != nil {
		t.Fatal(err)
	}
	const want = `^100 connections came and went
step 1, which class holds the memory:
  HELD .*
  \d{1,3} +0 +0 +100 +100 +Collected .*
  \d{1,3} +0 +0 +100 +100 +Collected .*
step 3, what keeps a connection alive:
  nothing
$`
	if !regexp.MustCompile(want).MatchString(out.String()) {
		t.Errorf("got\n%s", out.String())
	}
}
