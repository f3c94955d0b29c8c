package shadowdebug

import (
	"fmt"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

// visible makes any text fit for a line of a page: what is not printed, or would turn the direction of what follows, is escaped as in a Go string.
func visible(s string) string {
	q := strconv.Quote(s)
	return strings.ReplaceAll(q[1:len(q)-1], `\"`, `"`)
}

// lines makes any text fit for a block of lines, in which line ends are such and backslashes stay as they are.
func lines(s string) string {
	var b strings.Builder
	for len(s) > 0 {
		r, n := utf8.DecodeRuneInString(s)
		switch {
		case r == '\n' || strconv.IsPrint(r) && (r != utf8.RuneError || n > 1):
			b.WriteRune(r)
		case r == '\t':
			b.WriteString("    ")
		default:
			b.WriteString(visible(s[:n]))
		}
		s = s[n:]
	}
	return b.String()
}

// shortened is at most n runes of a text.
func shortened(s string, n int) string {
	if utf8.RuneCountInString(s) <= n {
		return s
	}
	return string([]rune(s)[:n-1]) + "…"
}

// group separates what stands between groups of three digits: a space that is narrow and does not break.
const group = "\u202f"

// count writes a number for people.
func count[N int | int64 | uintptr](n N) string {
	s := strconv.FormatInt(int64(n), 10)
	sign := ""
	if s[0] == '-' {
		sign, s = "−", s[1:]
	}
	var b strings.Builder
	for i, r := range s {
		if i > 0 && (len(s)-i)%3 == 0 {
			b.WriteString(group)
		}
		b.WriteRune(r)
	}
	return sign + b.String()
}

// size writes a number of bytes with three digits and a binary unit.
func size[N int | int64 | uintptr](n N) string {
	sign, f := "", float64(n)
	if f < 0 {
		sign, f = "−", -f
	}
	if f < 1024 {
		return sign + strconv.Itoa(int(f)) + group + "B"
	}
	unit := 0
	for f /= 1024; f >= 999.5 && unit < 3; unit++ {
		f /= 1024
	}
	digits := 0
	switch {
	case f < 9.995:
		digits = 2
	case f < 99.95:
		digits = 1
	}
	return sign + strconv.FormatFloat(f, 'f', digits, 64) + group + [...]string{"KiB", "MiB", "GiB", "TiB"}[unit]
}

// signed puts a plus before what has grown.
func signed(n int64, text string) string {
	switch {
	case n > 0:
		return "+" + text
	case n == 0:
		return "±0"
	}
	return text
}

// ago writes how long ago something was.
func ago(then, now time.Time) string {
	d := now.Sub(then)
	switch {
	case then.IsZero():
		return "never"
	case d < time.Second:
		return "just now"
	case d < 2*time.Minute:
		return fmt.Sprintf("%d s ago", int(d.Seconds()))
	case d < 2*time.Hour:
		return fmt.Sprintf("%d min ago", int(d.Minutes()))
	}
	return fmt.Sprintf("%d h ago", int(d.Hours()))
}

// round writes a time that is a whole number of days, hours, minutes or seconds.
func round(d time.Duration) string {
	switch {
	case d%(24*time.Hour) == 0:
		return fmt.Sprintf("%d d", d/(24*time.Hour))
	case d%time.Hour == 0:
		return fmt.Sprintf("%d h", d/time.Hour)
	case d%time.Minute == 0:
		return fmt.Sprintf("%d min", d/time.Minute)
	}
	return fmt.Sprintf("%d s", d/time.Second)
}

// percent is a part of a whole in percent, 0 of nothing.
func percent[N int | int64 | uintptr](part, whole N) float64 {
	if whole <= 0 {
		return 0
	}
	return 100 * float64(part) / float64(whole)
}
