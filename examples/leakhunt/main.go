// Leakhunt finds a leak in three steps.
//
// A chat server attaches a session to each connection. The session is collected with its connection, so nobody thought of freeing it. But the session
// has a room, the room has members, and a member has its connection: data that leads back to its own parent, over two other
// objects. Go has no ephemerons, so neither is ever collected. The program runs the server, has it leak, and asks
//
//  1. the figures of the classes, which one holds the memory;
//  2. the profile, by go tool pprof, which line attached it;
//  3. package shadowtest, what keeps it alive, and over which path.
//
// Then it runs the server without the mistake: its rooms hold their members by weak pointers.
package main

import (
	"cmp"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"testing"

	"github.com/shadowvars/shadow"
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

// biggest prints the two classes that take most, if they take anything.
func biggest(w io.Writer, s *shadow.Space) {
	classes := slices.SortedFunc(s.Classes(), func(a, b shadow.ClassStats) int { return cmp.Compare(b.BytesLive, a.BytesLive) })
	for _, c := range classes[:2] {
		if c.Live > 0 {
			fmt.Fprintf(w, "  %q %s %v: %d variables, %d KiB\n", c.Name, c.Type, c.Lifetime, c.Live, c.BytesLive>>10)
		}
	}
	fmt.Fprintf(w, "  of %d classes\n", len(classes))
}

// place is a line of what pprof prints: the value, the function and the line.
var place = regexp.MustCompile(`(?m)^ *(\S+) +\S+% .* \S*?\.((?:\(\*\w+\)\.)?\w+) (\S.*:\d+)$`)

// top prints the line that attached most of what is there, as go tool pprof finds it in the server's profile.
func top(w io.Writer, address string) error {
	answer, err := http.Get("http://" + address + "/debug/shadow/profile")
	if err != nil {
		return err
	}
	defer answer.Body.Close()
	directory, err := os.MkdirTemp("", "leakhunt")
	if err != nil {
		return err
	}
	defer os.RemoveAll(directory)
	file := filepath.Join(directory, "profile")
	content, err := io.ReadAll(answer.Body)
	if err != nil {
		return err
	}
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
	biggest(w, c.space)

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
