//go:build explore

package explore

import (
	"flag"
	"fmt"
	"strings"
	"time"
)

// A lane is how much of an enumeration of programs a test explores:
//
//	sample   every so-many-th program: for go test without flags
//	short    all programs of the short enumeration, to the end
//	long     that with one preemption more, then larger programs until the time is over
//
// Command internal/lanes runs short and long in several processes, each with a share of the programs, and adds up what they print.
var (
	laneName  = flag.String("lane", "sample", "which programs TestLane explores: sample, short or long")
	laneShare = flag.String("lane.share", "0/1", "i/n: the i-th of n shares of the programs")
	laneTime  = flag.Duration("lane.for", 0, "how long the long lane may take")

	laneProgram  = flag.String("lane.program", "", "only this program of the lane, as a failure prints it")
	laneSchedule = flag.String("lane.schedule", "", "of that program only this schedule")
)

// Lane deals out the programs of an enumeration and adds up what their explorations report.
type Lane struct {
	Name             string // sample, short or long
	Programs         int    // explored
	Exhausted        int    // of them, all schedules within the bounds
	Schedules, Steps int

	share, of int
	dealt     int
	every     int
	until     time.Time
}

// NewLane returns the lane that the flags name. A sample takes one program in every.
func NewLane(t TB, every int) *Lane {
	t.Helper()
	l := &Lane{Name: *laneName, every: every, until: time.Now().Add(*laneTime)}
	if _, err := fmt.Sscanf(*laneShare, "%d/%d", &l.share, &l.of); err != nil || l.of < 1 || l.share < 0 || l.share >= l.of {
		t.Fatal("-lane.share " + *laneShare + ": want i/n")
	}
	switch l.Name {
	case "short", "long":
		l.every = 1
	case "sample":
	default:
		t.Fatal("-lane " + l.Name + ": want sample, short or long")
	}
	return l
}

// takes tells whether the next program of the enumeration is one of ours.
func (l *Lane) takes(program fmt.Stringer) bool {
	if *laneProgram != "" {
		return program.String() == *laneProgram
	}
	n := l.dealt
	l.dealt++
	return n%l.every == 0 && n/l.every%l.of == l.share
}

// Left is the time that the long lane has left; others have none.
func (l *Lane) Left() time.Duration {
	if l.Name != "long" {
		return 0
	}
	return time.Until(l.until)
}

// Share is which share of the programs this is: it makes random programs of different shares differ.
func (l *Lane) Share() uint64 { return uint64(l.share) }

// Explore explores a program, if it is ours, with an exploration as Exhaust is one. A failure ends the test and says how to see it again.
func (l *Lane) Explore(t TB, program fmt.Stringer, o Options, s Scenario, exploration func(Options, Scenario) Report) {
	t.Helper()
	if !l.takes(program) || l.Name == "long" && l.Left() <= 0 {
		return
	}
	var r Report
	if *laneSchedule != "" {
		r = Replay(o, *laneSchedule, s)
	} else {
		r = exploration(o, s)
	}
	if r.Err != nil {
		t.Fatal(fmt.Sprintf("%v\n%v\nagain with: -run '^TestLane$' -lane %s -lane.for 1h -lane.program '%v' -lane.schedule '%s'", program, r, l.Name, program, r.Schedule))
	}
	l.Programs++
	l.Schedules += r.Schedules
	l.Steps += r.Steps
	if r.Exhausted {
		l.Exhausted++
	}
}

// Log prints what the command reads.
func (l *Lane) Log(t TB, what string) {
	t.Helper()
	t.Log(fmt.Sprintf("lane %s: %s: %d programs, %d exhausted, %d schedules, %d steps", l.Name, what, l.Programs, l.Exhausted, l.Schedules, l.Steps))
}

// Sequences returns all programs of one thread with length of the words, and how often each word stands in one is free.
func Sequences(words []string, length int) []string {
	all := []string{""}
	for range length {
		var longer []string
		for _, s := range all {
			for _, w := range words {
				longer = append(longer, strings.TrimSpace(s+" "+w))
			}
		}
		all = longer
	}
	return all
}

// Pairings calls visit for every unordered pair of sequences, and leaves out those that swap makes of one visited before: swap
// exchanges what is alike in a program, as two pairs that share everything. A nil swap exchanges nothing.
func Pairings(sequences []string, swap func(string) string, visit func(a, b string)) {
	for i, a := range sequences {
		for _, b := range sequences[i:] {
			if swap != nil {
				c, d := swap(a), swap(b)
				if d < c {
					c, d = d, c
				}
				first, second := a, b
				if second < first {
					first, second = second, first
				}
				if c < first || c == first && d < second {
					continue
				}
			}
			visit(a, b)
		}
	}
}
