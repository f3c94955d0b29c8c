// Leakhunt finds a leak in three steps.
//
// A chat server attaches a session to each connection. The session is collected with its connection, so nobody thought of freeing it. But the session
// has a room, the room has members, and a member has its connection: data that leads back to its own parent, over two other
// objects. Go has no ephemerons, so neither is ever collected. The program runs the server, has it leak, and asks
//
//  1. the debug page, which class holds the memory;
//  2. the profile, by go tool pprof, which line attached it;
//  3. package shadowtest, what keeps it alive, and over which path.
//
// Then it runs the server without the mistake: its rooms hold their members by weak pointers.
package main

import (
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/shadowvars/shadow/shadowtest"
)

// visit makes some connections, says something on each, and closes them.
func visit(address string, connections int) error {
	for range connections {
		var transport http.Transport
		answer, err := (&http.Client{Transport: &transport}).Get("http://" + address + "/say?text=hello")
		if err != nil {
			return err
		}
		_, err = io.Copy(io.Discard, answer.Body)
		answer.Body.Close()
		transport.CloseIdleConnections()
		if err != nil || answer.StatusCode != http.StatusOK {
			return fmt.Errorf("answered %s, %v", answer.Status, err)
		}
	}
	return nil
}

// printer is the testing.TB of a program that is no test: it prints what would fail one.
type printer struct {
	testing.TB
	to io.Writer
}

func (printer) Helper()                             {}
func (p printer) Errorf(format string, args ...any) { fmt.Fprintf(p.to, "  "+format+"\n", args...) }

// fetch asks the server for one of its debug pages.
func fetch(address, page string) ([]byte, error) {
	answer, err := http.Get("http://" + address + page)
	if err != nil {
		return nil, err
	}
	defer answer.Body.Close()
	if answer.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("%s: %s", page, answer.Status)
	}
	return io.ReadAll(answer.Body)
}

// page prints what the debug page has in its table: its head and the first classes, those that hold most.
func page(w io.Writer, address string) error {
	text, err := fetch(address, "/debug/shadow/?format=text")
	if err != nil {
		return err
	}
	_, table, found := strings.Cut(string(text), "\n\nHELD ")
	if !found {
		return fmt.Errorf("no table in %s", text)
	}
	for _, line := range strings.SplitN("HELD "+table, "\n", 4)[:3] {
		fmt.Fprintf(w, "  %s\n", strings.TrimSpace(line))
	}
	return nil
}

// place is a line of what pprof prints: the value, the function and the line.
var place = regexp.MustCompile(`(?m)^ *(\S+) +\S+% .* \S*?\.((?:\(\*\w+\)\.)?\w+) (\S.*:\d+)$`)

// top prints the line that attached most of what is there, as go tool pprof finds it in the server's profile.
func top(w io.Writer, address string) error {
	content, err := fetch(address, "/debug/shadow/profile")
	if err != nil {
		return err
	}
	directory, err := os.MkdirTemp("", "leakhunt")
	if err != nil {
		return err
	}
	defer os.RemoveAll(directory)
	file := filepath.Join(directory, "profile")
	if err := os.WriteFile(file, content, 0o600); err != nil {
		return err
	}
	out, err := exec.Command("go", "tool", "pprof", "-top", "-lines", "-sample_index=space", file).CombinedOutput()
	if err != nil {
		return fmt.Errorf("%w: %s", err, out)
	}
	found := place.FindSubmatch(out)
	if found == nil {
		return fmt.Errorf("nothing was found in %s", out)
	}
	fmt.Fprintf(w, "  %s attached by %s in %s\n", found[1], found[2], filepath.Base(string(found[3])))
	return nil
}

// hunt runs a server, has it visited, and takes the three steps.
func hunt(w io.Writer, leaky bool) error {
	const connections = 100
	c := newChat(leaky)
	address, stop, err := c.serve()
	if err != nil {
		return err
	}
	defer stop()
	if err := visit(address, connections); err != nil {
		return err
	}
	t := printer{to: w}
	shadowtest.Collect(t, c.space)
	// A connection that has just been closed may still be on the server's way to its end.
	for tries := 0; !leaky && c.sessions.Len() > 0 && tries < 50; tries++ {
		shadowtest.Collect(t, c.space)
	}
	fmt.Fprintf(w, "%d connections came and went\n", connections)

	fmt.Fprintln(w, "step 1, which class holds the memory:")
	if err := page(w, address); err != nil {
		return err
	}

	if c.sessions.Len() > 0 {
		fmt.Fprintln(w, "step 2, which line attached it:")
		if err := top(w, address); err != nil {
			return err
		}
	}
	fmt.Fprintln(w, "step 3, what keeps a connection alive:")
	kept := shadowtest.KeptAlive(t, func() *net.TCPConn {
		conn := new(net.TCPConn)
		c.count(conn)
		if _, err := c.join(conn); err != nil {
			fmt.Fprintln(w, err)
		}
		return conn
	}, c.requests, c.sessions)
	if !kept {
		fmt.Fprintln(w, "  nothing")
	}
	return nil
}

func main() {
	for _, leaky := range []bool{true, false} {
		if err := hunt(os.Stdout, leaky); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		if leaky {
			fmt.Println("\nwith weak pointers instead:")
		}
	}
}
