package report

import (
	"bytes"
	"math"
	"strings"
	"testing"
)

func TestTableAligns(t *testing.T) {
	// Ensure columns line up whatever the cells' lengths, characters of several bytes included.
	table := NewTable("what", "ns", "ratio")
	table.Row("sync.Map", "412", "3.2×")
	table.Row("shadow", "98.1", "1.00×")
	table.Row("short")
	var out bytes.Buffer
	if _, err := table.WriteTo(&out); err != nil {
		t.Fatal(err)
	}
	want := strings.Join([]string{
		"what        ns  ratio",
		"--------  ----  -----",
		"sync.Map   412   3.2×",
		"shadow    98.1  1.00×",
		"short",
		"",
	}, "\n")
	if out.String() != want {
		t.Errorf("got\n%s\nwant\n%s", out.String(), want)
	}
}

func TestFigures(t *testing.T) {
	// Ensure numbers show three significant digits, thousands apart, and no ratio where there is none.
	for _, c := range []struct{ got, want string }{
		{Figure(1.234), "1.23"},
		{Figure(12.34), "12.3"},
		{Figure(123.4), "123"},
		{Figure(-1234567), "-1,234,567"},
		{Figure(math.NaN()), "-"},
		{Times(2.5), "2.50×"},
		{Times(math.Inf(1)), "-"},
		{Times(-0.1), "-"},
		{Count(999), "999"},
		{Count(1000), "1,000"},
		{Count(1001002), "1,001,002"},
	} {
		if c.got != c.want {
			t.Errorf("got %q, want %q", c.got, c.want)
		}
	}
}

func TestSizes(t *testing.T) {
	// Ensure sizes read back as they are printed, and what is no size is refused.
	for _, n := range []int{1, 1000, 1 << 10, 64 << 10, 1 << 20, 4 << 20} {
		back, err := ParseSize(Size(n))
		if err != nil || back != n {
			t.Errorf("%d prints as %q and reads as %d, %v", n, Size(n), back, err)
		}
	}
	for _, text := range []string{"", "k", "0", "-1", "1K", "1.5M", "65M", "99999999999999999999", "two"} {
		if n, err := ParseSize(text); err == nil {
			t.Errorf("%q was read as %d", text, n)
		}
	}
}

func TestProgressElsewhere(t *testing.T) {
	// Ensure what is no terminal gets a line per stage, nothing for steps and no carriage return.
	var out bytes.Buffer
	progress := NewProgress(&out)
	progress.Stage("one of %d", 2)
	progress.Step(1, 10)
	progress.Stage("two")
	progress.Done()
	if got := out.String(); strings.Count(got, "\n") != 2 || strings.Contains(got, "\r") || !strings.Contains(got, "one of 2") {
		t.Errorf("got %q", got)
	}
}

func TestProgressOnTerminal(t *testing.T) {
	// Ensure a shorter line blanks what the longer one before it left.
	var out bytes.Buffer
	progress := NewProgress(&out)
	progress.terminal = true
	progress.Stage("a long stage")
	progress.Stage("short")
	progress.Done()
	if got := out.String(); !strings.Contains(got, "short       ") || strings.Contains(got, "\n") {
		t.Errorf("got %q", got)
	}
}
