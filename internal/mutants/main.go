package main

import (
	"flag"
	"fmt"
	"os"
	"os/exec"
	"regexp"
	"strings"
	"sync"
	"text/tabwriter"
)

var (
	only  = flag.String("only", "", "run those whose name, file or test matches this regular expression")
	list  = flag.Bool("list", false, "say what the mutants are, and run nothing")
	plain = flag.Bool("unchanged", true, "run the tests without any mutant, too: they must pass")
	at    = flag.Int("p", 2, "how many to run at a time")
	loud  = flag.Bool("v", false, "show what the tests of surviving mutants print")
)

func main() {
	flag.Parse()
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, "mutants:", err)
		os.Exit(1)
	}
}

func run() error {
	chosen, err := choose(*only)
	if err != nil {
		return err
	}
	if *list {
		return describe(chosen)
	}
	root, err := exec.Command("go", "list", "-m", "-f", "{{.Dir}}", "github.com/shadowvars/shadow").Output()
	if err != nil {
		return fmt.Errorf("where the repository is: %w", err)
	}
	directory, err := os.MkdirTemp("", "mutants")
	if err != nil {
		return err
	}
	defer os.RemoveAll(directory)
	jobs := jobsOf(chosen)
	results := runAll(runner{strings.TrimSpace(string(root)), directory}, jobs)
	return report(jobs, results)
}

// choose returns the mutants that the expression matches.
func choose(expression string) (chosen []mutant, err error) {
	matches, err := regexp.Compile(expression)
	if err != nil {
		return nil, err
	}
	for _, m := range mutants() {
		if matches.MatchString(m.name + "\n" + m.file + "\n" + m.by.String()) {
			chosen = append(chosen, m)
		}
	}
	if len(chosen) == 0 {
		return nil, fmt.Errorf("no mutant matches %q", expression)
	}
	return chosen, nil
}

// jobsOf are the mutants, and each test that is to kill one without any.
func jobsOf(chosen []mutant) (jobs []job) {
	seen := map[killer]bool{}
	for i, m := range chosen {
		if *plain && !seen[m.by] {
			seen[m.by] = true
			jobs = append(jobs, job{by: m.by})
		}
		jobs = append(jobs, job{&chosen[i], m.by})
	}
	return jobs
}

// runAll runs the jobs, a few at a time, and says on the way how it goes.
func runAll(r runner, jobs []job) []result {
	results := make([]result, len(jobs))
	next := make(chan int)
	var workers sync.WaitGroup
	var line sync.Mutex
	for range max(1, *at) {
		workers.Go(func() {
			for i := range next {
				results[i] = r.run(i, jobs[i])
				line.Lock()
				fmt.Fprintf(os.Stderr, "%s: %s, %.1f s %s\n", jobs[i].name(), results[i].verdict, results[i].elapsed.Seconds(), results[i].said)
				line.Unlock()
			}
		})
	}
	for i := range jobs {
		next <- i
	}
	close(next)
	workers.Wait()
	return results
}

func (j job) name() string {
	if j.mutant == nil {
		return "unchanged, " + j.by.test
	}
	return j.mutant.name
}

// report prints the table and returns an error if a verdict is no good.
func report(jobs []job, results []result) error {
	w := tabwriter.NewWriter(os.Stdout, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "mutant\tfile\tverdict\tby\tseconds")
	killedOf, mutated, bad := 0, 0, 0
	for i, j := range jobs {
		r := results[i]
		if !r.verdict.good() {
			bad++
		}
		if j.mutant == nil {
			if r.verdict != passed {
				fmt.Fprintf(w, "(none)\t\t%s\t%v\t%.1f\n", r.verdict, j.by, r.elapsed.Seconds())
			}
			continue
		}
		mutated++
		if r.verdict == killed {
			killedOf++
		}
		fmt.Fprintf(w, "%s\t%s\t%s\t%v\t%.1f\n", j.mutant.name, j.mutant.file, r.verdict, j.by, r.elapsed.Seconds())
	}
	if err := w.Flush(); err != nil {
		return err
	}
	for i, j := range jobs {
		if r := results[i]; !r.verdict.good() && (*loud || r.verdict == broken || r.verdict == moved) {
			fmt.Printf("\n%s: %s\n%s\n", j.name(), r.verdict, r.output)
		}
	}
	fmt.Printf("%d of %d mutants killed\n", killedOf, mutated)
	if bad > 0 {
		return fmt.Errorf("%d of %d runs did not go as they must", bad, len(jobs))
	}
	return nil
}

// describe prints what the mutants are.
func describe(chosen []mutant) error {
	for _, m := range chosen {
		fmt.Printf("%s\n\t%s, %s: %q becomes %q\n\tkilled by %v\n\t%s\n", m.name, m.file, m.in, m.old, m.new, m.by, m.why)
	}
	return nil
}
