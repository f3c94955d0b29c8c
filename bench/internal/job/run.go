package job

import (
	"fmt"
	"io"
	"math"
	"runtime"
	"time"

	"golang.org/x/perf/benchfmt"

	"github.com/shadowvars/shadow/bench/internal/measure"
	"github.com/shadowvars/shadow/bench/internal/report"
	"github.com/shadowvars/shadow/bench/internal/syntax"
)

// Options say how much to do.
type Options struct {
	Quick    bool          // a sixteenth of the files
	Budget   time.Duration // what rounds are fitted into; one is made whatever it takes, but not of all files where they would take much more
	Rounds   int           // 0: as many as fit into the time
	Command  string        // for the report
	Progress *report.Progress
	Record   func(*benchfmt.Result) error // takes what every contestant's turn gave
}

// mostRounds is how many rounds are enough if time allows.
const mostRounds = 5

// outcome is everything that was measured.
type outcome struct {
	files, nodes int
	step         int // of so many files one is taken
	rounds       int
	took         time.Duration
	figures      map[string][]figures
	remains      map[string]remains
}

// Run measures and prints one table.
func Run(o Options, out io.Writer) error {
	root, err := syntax.Root()
	if err != nil {
		return err
	}
	paths, err := syntax.List(root)
	if err != nil {
		return err
	}
	if o.Quick {
		paths = every(paths, 16)
	}
	result, err := o.measure(paths)
	o.Progress.Done()
	if err != nil {
		return err
	}
	return o.print(out, result)
}

// roundParses is how many times as long as parsing a round takes, about.
const roundParses = 35

// partOf returns of how many files one is to be taken, a power of two, where parsing all has taken so long: all if the first round of them will take no more than one and a half times the budget, or if so many rounds were asked for.
func (o Options) partOf(parsing time.Duration) (step int) {
	step = 1
	for o.Rounds == 0 && step < 16 && parsing*roundParses/time.Duration(step) > o.Budget*3/2 {
		step *= 2
	}
	return step
}

func every[T any](all []T, step int) (some []T) {
	for i := 0; i < len(all); i += step {
		some = append(some, all[i])
	}
	return some
}

// mostNote is more bytes than any contestant takes for a note.
const mostNote = 160

// fault has the system give the process so much memory: whoever came first would be the one to wait for it.
func fault(bytes int) {
	const page = 1 << 12
	memory := make([]byte, bytes)
	for i := 0; i < len(memory); i += page {
		memory[i] = 1
	}
	runtime.KeepAlive(memory)
}

func (o Options) measure(paths []string) (*outcome, error) {
	result := &outcome{step: 1, figures: map[string][]figures{}, remains: map[string]remains{}}
	begin := time.Now()
	for {
		roundBegin := time.Now()
		if err := o.round(paths, result); err != nil {
			return nil, err
		}
		result.rounds++
		result.took = time.Since(begin)
		if o.Rounds > 0 {
			if result.rounds == o.Rounds {
				return result, nil
			}
			continue
		}
		next := time.Since(roundBegin)
		if result.rounds == 1 {
			next /= 2 // only the first round weighs and lets go
		}
		if result.rounds == mostRounds || result.took+next > o.Budget {
			return result, nil
		}
	}
}

// round lets every contestant have a turn on a corpus parsed for this round: nodes that have once had a weak
// pointer to them keep its record, which would burden whoever comes after.
func (o Options) round(paths []string, result *outcome) error {
	o.stage(result, "parsing")
	if result.rounds == 0 {
		if err := syntax.Read(paths); err != nil { // the first to read a file waits for the disk
			return err
		}
	}
	begin := time.Now()
	corpus, err := syntax.Parse(every(paths, result.step))
	if err != nil {
		return err
	}
	if result.rounds == 0 {
		result.step = o.partOf(time.Since(begin))
		corpus = syntax.NewCorpus(every(corpus.Files, result.step))
		fault(corpus.Nodes * mostNote)
	}
	result.files, result.nodes = len(corpus.Files), corpus.Nodes
	list := contestants()
	last := len(list) - 1
	for i := range list {
		// Others change places from round to round; who drops files for good comes last.
		if i < last {
			i = (i + result.rounds) % last
		}
		if err := o.turn(list[i], corpus, result); err != nil {
			return err
		}
		runtime.GC()
	}
	return nil
}

func (o Options) turn(c contestant, corpus *syntax.Corpus, result *outcome) error {
	o.stage(result, c.name)
	t := &turn{contestant: c, corpus: corpus, workers: runtime.GOMAXPROCS(0), weigh: result.rounds == 0}
	found, err := t.work()
	if err != nil {
		return err
	}
	for name, others := range result.figures {
		if others[0].attached != found.attached {
			return fmt.Errorf("%s attached %d notes, %s %d", c.name, found.attached, name, others[0].attached)
		}
	}
	result.figures[c.name] = append(result.figures[c.name], found)
	if err := o.Record(found.line(c.impl, result.step)); err != nil {
		return err
	}
	// What is left behind is the same in every round.
	if result.rounds == 0 {
		o.stage(result, c.name+": letting half of the files go")
		remains, err := t.letGo()
		if err != nil {
			return err
		}
		result.remains[c.name] = remains
	}
	t.table.Close()
	return nil
}

func (o Options) stage(result *outcome, what string) {
	o.Progress.Stage("round %d: %s", result.rounds+1, what)
}

func (o Options) print(out io.Writer, result *outcome) error {
	workers := runtime.GOMAXPROCS(0)
	fmt.Fprintf(out, "%s\n%s\n", o.Command, report.Machine())
	fmt.Fprintf(out, "a note of 16 bytes on each of %s syntax nodes of %s files of the Go standard library and commands; %d goroutines, medians of %d rounds (bytes and collector: of the first), %.0f s\n\n",
		report.Count(int64(result.nodes)), report.Count(int64(result.files)), workers, result.rounds, result.took.Seconds())
	if result.step > 1 {
		fmt.Fprintf(out, "(of every %d of the files that were to be taken only one: all would take too long here; -rounds 1 takes them all the same)\n\n", result.step)
	}
	if _, err := tableOf(result).WriteTo(out); err != nil {
		return err
	}
	_, err := fmt.Fprintf(out, `
(×)        times %s
ns         of one goroutine's time for one operation, %d at work; attach: from an empty table; get: in random order
p99.99     of one attach while the table grows, one in %d timed
B/note     live heap after a collection, less the nodes'; the runtime's records of weak pointers lie outside the heap
GC +ms     wall time by which the notes make one forced collection longer
left       notes that remain of every second file, let go; Manual's caller detached them by hand; Collected's
           went by themselves, Len and All agree, and all notes of the other half are found
rivals     keyed {pointer word, id}, a real pointer: a bare address would be handed, notes and all, to the next object
`, base, workers, sampleEvery)
	return err
}

// column takes one figure of every round.
func column(rounds []figures, field func(figures) float64) float64 {
	var values []float64
	for _, round := range rounds {
		if value := field(round); !math.IsNaN(value) {
			values = append(values, value)
		}
	}
	return measure.Median(values)
}

// weighed leaves out the rounds that did not measure the field.
func weighed(field func(figures) float64) func(figures) float64 {
	return func(f figures) float64 {
		if !f.weighed {
			return math.NaN()
		}
		return field(f)
	}
}

func tableOf(result *outcome) *report.Table {
	table := report.NewTable("", "attach ns", "(×)", "get ns", "(×)", "p99.99 µs", "(×)", "re-attach ns", "(×)", "B/note", "(×)", "GC +ms", "(×)", "left of dropped half")
	fields := []func(figures) float64{
		func(f figures) float64 { return f.attach },
		func(f figures) float64 { return f.get },
		func(f figures) float64 { return f.tail },
		func(f figures) float64 { return f.reattach },
		weighed(func(f figures) float64 { return f.bytes }),
		weighed(func(f figures) float64 { return f.collector }),
	}
	for _, c := range contestants() {
		rounds := result.figures[c.name]
		if len(rounds) == 0 {
			continue
		}
		cells := []string{c.name}
		for _, field := range fields {
			value := column(rounds, field)
			cells = append(cells, report.Figure(value), ratio(value, column(result.figures[base], field)))
		}
		table.Row(append(cells, left(result.remains[c.name]))...)
	}
	return table
}

// ratio is empty-handed where a difference drowned in noise: below nothing there are no multiples.
func ratio(value, of float64) string {
	if value <= 0 || of <= 0 {
		return "-"
	}
	return report.Times(value / of)
}

func left(r remains) string {
	switch {
	case r.byHand:
		return fmt.Sprintf("%s (freed by hand)", report.Count(int64(r.notes)))
	case r.notes == 0:
		return fmt.Sprintf("0 of %s", report.Count(int64(r.dropped)))
	default:
		return fmt.Sprintf("%s of %s", report.Count(int64(r.notes)), report.Count(int64(r.dropped)))
	}
}
