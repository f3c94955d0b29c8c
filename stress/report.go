package main

import (
	"fmt"
	"io"
	"os"
	"time"
)

// progressTo returns what shows a line of progress: over the last one on a terminal, now and then elsewhere.
func progressTo(w io.Writer) func(string) {
	f, ok := w.(*os.File)
	if !ok {
		return func(string) {}
	}
	if info, err := f.Stat(); err == nil && info.Mode()&os.ModeCharDevice != 0 {
		return func(line string) { fmt.Fprintf(w, "\r%s\x1b[K", line) }
	}
	last := time.Now()
	return func(line string) {
		if time.Since(last) >= 10*time.Second {
			last = time.Now()
			fmt.Fprintln(w, line)
		}
	}
}

func (s *stress) operations() (n int64) {
	for _, w := range s.workers {
		n += w.count
	}
	return n
}

// line is the line of progress.
func (s *stress) line() string {
	elapsed := time.Since(s.started)
	return fmt.Sprintf("%6.1fs  round %d  %.0fk operations/s  %d collections  %d drains  %d parked",
		elapsed.Seconds(), s.rounds, float64(s.operations())/elapsed.Seconds()/1000, s.cycle.Load(), s.drains, s.lot.total.Load())
}

// summarize prints what was done and what was wrong.
func (s *stress) summarize(w io.Writer) {
	elapsed := time.Since(s.started)
	fmt.Fprintf(w, "\n%d operations in %.1fs, %.0f a second, by %d goroutines; %d rounds, %d drains, %d walks over all slots, %d collections (%d forced)\n",
		s.operations(), elapsed.Seconds(), float64(s.operations())/elapsed.Seconds(), len(s.workers), s.rounds, s.drains, s.walks, s.cycle.Load(), s.forced.Load())
	fmt.Fprintf(w, "\n%-26s %12s %12s %12s %9s %8s\n", "class", "attached", "destroyed", "taken", "sweeps", "live")
	for _, c := range s.subjects {
		fmt.Fprintf(w, "%-26s %12d %12d %12d %9d %8d\n", c.name, c.attached.Load(), c.destroyed.Load(), c.taken.Load(), c.begun.Load(), c.api().len())
	}
	st := s.space.Stats()
	fmt.Fprintf(w, "\nfreed by calls %d, collected %d, overtaken %d; table: %d slots, %d migrations\n",
		s.results.Load(), st.Collected, s.lost, st.TableSlots, st.TableMigrations)
	s.ages.print(w)
	s.lot.print(w)
	fmt.Fprintln(w)
	for _, v := range s.violations() {
		fmt.Fprintln(w, "VIOLATION", v)
	}
}
