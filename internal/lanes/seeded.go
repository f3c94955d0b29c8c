package main

import (
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"time"
)

// seed is an error as a change of the code. Those of the table are the ones that its protocol was designed against, each a mistake that
// some other lock-free table has made; the others are what FreeAll, constructors, Move, returning numbers and returning addresses make possible.
type seed struct {
	name, file string
	old, new   string
	unit, test string // where it must be caught
}

var seeds = []seed{
	{"a reader takes a frozen value for the current one", "lockfree/table.go",
		"			v, found = w&^frozenBit, true\n",
		"			return w &^ frozenBit, true\n", "./lockfree", "^TestLane$"},
	{"a writer begins in the new array without its old one", "lockfree/write.go",
		"	a := from.root\n",
		"	a := from.root\n	for n := a.next.Load(); n != nil; n = a.next.Load() {\n		a = n\n	}\n", "./lockfree", "^TestLane$"},
	{"a writer passes an undecided slot that changed under it", "lockfree/write.go",
		"					return w, true\n				}\n				continue\n			}\n\n		case atEnd:",
		"					return w, true\n				}\n				if at == atUndecided {\n					d++\n				}\n				continue\n			}\n\n		case atEnd:", "./lockfree", "^TestLane$"},
	{"a delete makes the slot undecided again", "lockfree/write.go",
		"			if !a.slot(i).val.CompareAndSwap(v, uint64(new)) { // LP(replace)\n",
		"			w := uint64(new)\n			if !isLive(w) {\n				w = undecided\n			}\n			if !a.slot(i).val.CompareAndSwap(v, w) {\n", "./lockfree", "^TestLane$"},
	{"a second migration starts before the first has ended", "lockfree/purge.go",
		"	t.begin(a, a.slots())\n",
		"	for n := a.next.Load(); n != nil; n = a.next.Load() {\n		a = n\n	}\n	t.begin(a, a.slots())\n", "./lockfree", "^TestLane$"},
	{"a dead slot is used again for another class", "lockfree/array.go",
		"		case Word(v).Class() != class:\n",
		"		case Word(v).Class() != class && (isLive(v) || isFrozen(v)):\n", "./lockfree", "^TestLane$"},
	{"a reader takes not copied yet for absent", "lockfree/table.go",
		"			return v, found\n		}\n	}\n	return v, found\n",
		"			return 0, found\n		}\n	}\n	return v, found\n", "./lockfree", "^TestLane$"},
	{"Free does not ask whether its replace won", "free.go",
		"|| !c.table.Replace(o.key(), w, g.e.dead()) {\n",
		"|| !c.table.Replace(o.key(), w, g.e.dead()) && false {\n", ".", "^TestLane$"},
	{"FreeAll leaves no seals", "freeall.go",
		"c.end(e, index, p, c.address(p), e.sealed())",
		"c.end(e, index, p, c.address(p), e.dead())", ".", "^TestLane$"},
	{"FreeAll sweeps and keeps the epoch", "freeall.go",
		"	return c.replaceEpoch(e, c.newEpoch())\n",
		"	return c.sweep(e)\n", ".", "^TestLane$"},
	{"All and FreeFunc name the parent that a variable is being moved to", "iterate.go",
		"o.pointer != nil && o.address() == addr\n",
		"(o.pointer != nil || addr == 0)\n", ".", "^TestExplore$"},
	{"Move takes the reservation for granted", "move.go",
		"	if err := a.reserveFree(s); err != nil {\n",
		"	if err := a.reserveFree(s); err != nil && false {\n", ".", "^TestExplore$"},
	{"Move forgets to give the reservation back", "move.go",
		"		a.mustReplace(s.word, e.dead())\n		c.sites.finish(s)\n",
		"		c.sites.finish(s)\n", ".", "^TestExplore$"},
	{"a constructor's site goes before its word", "build.go",
		"	a.mustReplace(s.word, a.guard.e.word(a.index, lockfree.Value))\n	c.sites.finish(s)\n",
		"	c.sites.finish(s)\n	a.mustReplace(s.word, a.guard.e.word(a.index, lockfree.Value))\n", ".", "^TestExplore$"},
	{"a segment's number is used again at once", "alloc/slab.go",
		"		if s.append(d, d.without(g)) {\n",
		"		if s.append(d, d.without(g)) {\n			giveBack(retired{s.free, g.base >> s.layout.segShift})\n			return\n", "./alloc", "^TestLane$"},
	{"who buries a dead entry does not ask whether he won", "free.go",
		"	if !c.win(e, index, c.address(p), e.dead()) {\n		return false\n	}\n",
		"	c.win(e, index, c.address(p), e.dead())\n", ".", "^TestExplore$"},
	{"a dead entry is buried by its word alone", "free.go",
		"!h.Dead() || !c.casHandle(p, h, condemned) {\n",
		"!h.Dead() && false {\n", ".", "^TestExplore$"},
}

// explored is what a failing exploration says of itself.
var explored = regexp.MustCompile(`(\d+) schedules, .*\n\s*schedule "([^"]*)" fails`)

// trySeeds plants each error, alone, and explores until that fails. It returns how many survived.
func trySeeds(stdout io.Writer) (survivors int, err error) {
	directory, err := os.MkdirTemp("", "seeded")
	if err != nil {
		return 0, err
	}
	defer os.RemoveAll(directory)
	for _, s := range seeds {
		overlay, err := s.plant(directory)
		if err != nil {
			return 0, err
		}
		begun := time.Now()
		binary := filepath.Join(directory, "table")
		if output, err := exec.Command("go", "test", "-tags", "explore", "-overlay", overlay, "-c", "-o", binary, s.unit).CombinedOutput(); err != nil {
			return 0, fmt.Errorf("%s: %w\n%s", s.name, err, output)
		}
		output, err := exec.Command(binary, "-test.run", s.test, "-lane", "short").CombinedOutput()
		verdict := "SURVIVED"
		if m := explored.FindSubmatch(output); m != nil {
			verdict = fmt.Sprintf("schedule %s of its program", m[1])
		} else if err != nil {
			verdict = "caught: " + firstLine(string(output))
		} else {
			survivors++
		}
		fmt.Fprintf(stdout, "%6.1fs  %-66s %s\n", time.Since(begun).Seconds(), s.name, verdict)
	}
	return survivors, nil
}

func firstLine(text string) string {
	line, _, _ := strings.Cut(strings.TrimSpace(text), "\n")
	return line
}

// plant writes the changed file and the overlay that puts it in the place of the original.
func (s seed) plant(directory string) (overlay string, err error) {
	text, err := os.ReadFile(s.file)
	if err != nil {
		return "", err
	}
	if n := strings.Count(string(text), s.old); n != 1 {
		return "", fmt.Errorf("%s: what is to be changed stands in %s %d times", s.name, s.file, n)
	}
	original, err := filepath.Abs(s.file)
	if err != nil {
		return "", err
	}
	changed := filepath.Join(directory, "changed.go")
	if err := os.WriteFile(changed, []byte(strings.Replace(string(text), s.old, s.new, 1)), 0o666); err != nil {
		return "", err
	}
	list, err := json.Marshal(map[string]map[string]string{"Replace": {original: changed}})
	if err != nil {
		return "", err
	}
	overlay = filepath.Join(directory, "overlay.json")
	return overlay, os.WriteFile(overlay, list, 0o666)
}
