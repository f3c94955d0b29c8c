// Package report prints what was measured: tables, progress, and what they were measured on.
package report

import (
	"fmt"
	"io"
	"math"
	"strings"
	"unicode/utf8"
)

// Table is rows of cells under a header. The first column is aligned to the left, all others to the right.
type Table struct {
	header []string
	rows   [][]string
}

// NewTable returns a table with that header and no rows.
func NewTable(header ...string) *Table { return &Table{header: header} }

// Row adds a row; missing cells are empty, and more cells than the header has are a mistake.
func (t *Table) Row(cells ...string) {
	if len(cells) > len(t.header) {
		panic(fmt.Sprintf("report: %d cells under %d headings", len(cells), len(t.header)))
	}
	row := make([]string, len(t.header))
	copy(row, cells)
	t.rows = append(t.rows, row)
}

// WriteTo prints the table. Widths are counted in runes: every character used is one column wide.
func (t *Table) WriteTo(w io.Writer) (int64, error) {
	widths := make([]int, len(t.header))
	for _, row := range append([][]string{t.header}, t.rows...) {
		for i, cell := range row {
			widths[i] = max(widths[i], utf8.RuneCountInString(cell))
		}
	}
	var out strings.Builder
	t.line(&out, widths, t.header)
	rule := make([]string, len(widths))
	for i, width := range widths {
		rule[i] = strings.Repeat("-", width)
	}
	t.line(&out, widths, rule)
	for _, row := range t.rows {
		t.line(&out, widths, row)
	}
	n, err := io.WriteString(w, out.String())
	return int64(n), err
}

func (t *Table) line(out *strings.Builder, widths []int, cells []string) {
	var line strings.Builder
	for i, cell := range cells {
		padding := strings.Repeat(" ", widths[i]-utf8.RuneCountInString(cell))
		switch {
		case i == 0:
			line.WriteString(cell + padding)
		default:
			line.WriteString("  " + padding + cell)
		}
	}
	out.WriteString(strings.TrimRight(line.String(), " ") + "\n")
}

// Figure prints a number with three significant digits, but no digit after the point from 100 on, because more
// would be noise.
func Figure(value float64) string {
	size := math.Abs(value)
	switch {
	case math.IsNaN(value), math.IsInf(value, 0):
		return "-"
	case size >= 100:
		return Count(int64(math.Round(value)))
	case size >= 10:
		return fmt.Sprintf("%.1f", value)
	default:
		return fmt.Sprintf("%.2f", value)
	}
}

// Times prints a ratio: 3.2×. Where the divisor is nothing or noise below nothing there is no ratio.
func Times(ratio float64) string {
	if math.IsNaN(ratio) || math.IsInf(ratio, 0) || ratio < 0 {
		return "-"
	}
	return Figure(ratio) + "×"
}

// Count prints a whole number with its thousands apart.
func Count(n int64) string {
	if n < 0 {
		return "-" + Count(-n)
	}
	if n < 1000 {
		return fmt.Sprint(n)
	}
	return fmt.Sprintf("%s,%03d", Count(n/1000), n%1000)
}

// Size prints how many parents, as flags have it: 1k, 64k, 1M.
func Size(n int) string {
	switch {
	case n >= 1<<20 && n%(1<<20) == 0:
		return fmt.Sprintf("%dM", n>>20)
	case n >= 1<<10 && n%(1<<10) == 0:
		return fmt.Sprintf("%dk", n>>10)
	}
	return fmt.Sprint(n)
}

// ParseSize reads what Size prints.
func ParseSize(text string) (int, error) {
	var unit int
	digits := text
	switch {
	case strings.HasSuffix(text, "M"):
		digits, unit = strings.TrimSuffix(text, "M"), 1<<20
	case strings.HasSuffix(text, "k"):
		digits, unit = strings.TrimSuffix(text, "k"), 1<<10
	default:
		unit = 1
	}
	n := 0
	for _, digit := range digits {
		if digit < '0' || digit > '9' || n > 1<<20 {
			return 0, fmt.Errorf("%q is not a number of parents: write 1k, 64k, 1M or 4M", text)
		}
		n = 10*n + int(digit-'0')
	}
	if n == 0 || n*unit > 1<<26 {
		return 0, fmt.Errorf("%q is not between 1 and 64M parents", text)
	}
	return n * unit, nil
}
