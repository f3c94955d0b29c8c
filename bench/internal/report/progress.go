package report

import (
	"fmt"
	"io"
	"math"
	"os"
	"strings"
	"time"
	"unicode/utf8"

	"golang.org/x/term"
)

// Progress tells a waiting person what is going on. On a terminal it is one line that is written
// over; elsewhere, where nothing can be written over, it is a line for each new stage.
type Progress struct {
	out      io.Writer
	terminal bool
	begin    time.Time
	end      time.Time // zero: not known
	stage    string
	width    int
}

// NewProgress writes to out, which counts as a terminal if it is a file that is one.
func NewProgress(out io.Writer) *Progress {
	file, ok := out.(*os.File)
	return &Progress{out: out, terminal: ok && term.IsTerminal(int(file.Fd())), begin: time.Now()}
}

// Stage begins a stage.
func (p *Progress) Stage(format string, args ...any) {
	p.stage = fmt.Sprintf(format, args...)
	if p.terminal {
		p.draw(p.stage)
		return
	}
	fmt.Fprintf(p.out, "%4.0fs  %s%s\n", time.Since(p.begin).Seconds(), p.left(), p.stage)
}

// Step tells how far the stage is; only a terminal shows it.
func (p *Progress) Step(done, of int) {
	if p.terminal {
		p.draw(fmt.Sprintf("%s  %d/%d", p.stage, done, of))
	}
}

// Done removes the line.
func (p *Progress) Done() {
	if p.terminal {
		fmt.Fprintf(p.out, "\r%s\r", strings.Repeat(" ", p.width))
	}
}

func (p *Progress) draw(text string) {
	line := fmt.Sprintf("%4.0fs  %s%s", time.Since(p.begin).Seconds(), p.left(), text)
	width := utf8.RuneCountInString(line)
	// What is left of a longer line before is blanked.
	fmt.Fprintf(p.out, "\r%s%s", line, strings.Repeat(" ", max(0, p.width-width)))
	p.width = width
}

// Until tells when all will be over at the latest.
func (p *Progress) Until(end time.Time) { p.end = end }

// Round tells how many rounds of the stage are done and how far its widest interval still reaches from its median, as a part of
// it; only a terminal shows it.
func (p *Progress) Round(rounds int, width float64) {
	if !p.terminal {
		return
	}
	text := fmt.Sprintf("%s  round %d", p.stage, rounds)
	if !math.IsInf(width, 0) {
		text += fmt.Sprintf(", ±%.1f %%", 100*width)
	}
	p.draw(text)
}

// left is what is known of the time that remains.
func (p *Progress) left() string {
	if p.end.IsZero() {
		return ""
	}
	return fmt.Sprintf("%v left  ", max(0, time.Until(p.end)).Round(time.Second))
}
