// Livepatch is the kernel's three samples of shadow variables as one run: a program that leaks memory, a fix that is loaded while it
// runs and attaches the leaked pointers to new objects, and a second fix on top that counts checks on objects
// that exist already. Neither changes the type that the program works with.
//
// Time is a fake clock, so that every run does the same: a dummy is made each second and lives for 12; every 3 seconds the
// expired ones are cleaned up.
package main

import (
	"fmt"
	"io"
	"os"

	"github.com/shadowvars/shadow"
)

// Dummy is the program's object. It has no field for what the fixes need.
type Dummy struct {
	Number  int
	Expires int
}

// program is the buggy one. The patch points are what a live patch would replace: functions.
type program struct {
	out  io.Writer
	now  int
	made int
	list []*Dummy

	alloc func(p *program) *Dummy
	free  func(p *program, d *Dummy)
	check func(p *program, d *Dummy) bool

	leaks int // allocations made and lost
}

const (
	allocPeriod   = 1
	cleanupPeriod = 3
	lifetime      = 12
)

func newProgram(out io.Writer) *program {
	return &program{out: out, alloc: dummyAlloc, free: dummyFree, check: dummyCheck}
}

func (p *program) printf(format string, args ...any) {
	fmt.Fprintf(p.out, "%3d s  "+format+"\n", append([]any{p.now}, args...)...)
}

func (p *program) newDummy() *Dummy {
	p.made++
	return &Dummy{Number: p.made, Expires: p.now + lifetime}
}

// newLeak is the allocation whose pointer the program loses.
func (p *program) newLeak() *int {
	p.leaks++
	return new(int)
}

func dummyAlloc(p *program) *Dummy {
	d := p.newDummy()
	p.newLeak()
	return d
}

func dummyFree(*program, *Dummy) {}

func dummyCheck(p *program, d *Dummy) bool { return p.now > d.Expires }

// run lets time pass. On a tick of both jobs the allocation goes first.
func (p *program) run(seconds int) {
	for range seconds {
		p.now++
		if p.now%allocPeriod == 0 {
			p.list = append(p.list, p.alloc(p))
		}
		if p.now%cleanupPeriod == 0 {
			p.cleanup()
		}
	}
}

func (p *program) cleanup() {
	kept := p.list[:0]
	for _, d := range p.list {
		if p.check(p, d) {
			p.free(p, d)
		} else {
			kept = append(kept, d)
		}
	}
	clear(p.list[len(kept):])
	p.list = kept
}

func (p *program) exit() {
	for _, d := range p.list {
		p.free(p, d)
	}
	p.list = nil
}

// fix1 keeps the leaked pointer with the dummy from its birth on, and frees it with the dummy.
type fix1 struct {
	leaks     *shadow.Var[Dummy, *int]
	below     program
	prevented int // leaks of dummies born under the fix
	leaked    int // of dummies born before
	collected int // freed by unloading
	unloading bool
}

const svLeak, svCounter shadow.ID = 1, 2

func loadFix1(p *program) *fix1 {
	f := &fix1{below: *p}
	f.leaks = shadow.MustNew(svLeak, &shadow.Options[Dummy, *int]{
		Name:     "leak",
		Lifetime: shadow.Manual, // as in the kernel; the program says when a dummy ends
		Destroy: func(d *Dummy, leak **int) {
			*leak = nil // this frees it
			if f.unloading {
				f.collected++
				return
			}
			f.prevented++
		},
	})
	p.alloc, p.free = f.alloc, f.free
	p.printf("fix1 loaded, %d dummies in flight", len(p.list))
	return f
}

func (f *fix1) alloc(p *program) *Dummy {
	d, leak := p.newDummy(), p.newLeak()
	if _, err := f.leaks.Alloc(d, &leak); err != nil {
		return nil
	}
	return d
}

func (f *fix1) free(p *program, d *Dummy) {
	if !f.leaks.Free(d) {
		f.leaked++
		p.printf("dummy %d: leaked, it is older than fix1", d.Number)
	}
}

func (f *fix1) unload(p *program) {
	p.alloc, p.free = f.below.alloc, f.below.free
	f.unloading = true
	left := f.leaks.Close()
	p.printf("fix1 unloaded: prevented %d, leaked %d, freed by unloading %d", f.prevented, f.leaked, left)
}

// fix2 counts the checks of every dummy, also of those that are in flight when it is loaded.
type fix2 struct {
	checks *shadow.Var[Dummy, int]
	below  program
	counts map[int]int // by the dummy's number
}

func loadFix2(p *program) *fix2 {
	f := &fix2{below: *p, counts: make(map[int]int)}
	f.checks = shadow.MustNew(svCounter, &shadow.Options[Dummy, int]{Name: "checks", Lifetime: shadow.Manual})
	p.check, p.free = f.check, f.free
	p.printf("fix2 loaded, %d dummies in flight", len(p.list))
	return f
}

func (f *fix2) check(p *program, d *Dummy) bool {
	if n, _, err := f.checks.GetOrAlloc(d, nil); err == nil {
		*n++
	}
	return f.below.check(p, d)
}

func (f *fix2) free(p *program, d *Dummy) {
	f.below.free(p, d)
	if n := f.checks.Get(d); n != nil {
		f.counts[d.Number] = *n
		p.printf("dummy %d: checked %d times", d.Number, *n)
		f.checks.Free(d)
	}
}

func (f *fix2) unload(p *program) {
	p.check, p.free = f.below.check, f.below.free
	p.printf("fix2 unloaded: %d counters left", f.checks.Close())
}

// demo is the script of the kernel's samples. It returns what there is to check.
func demo(out io.Writer) (*program, *fix1, *fix2) {
	p := newProgram(out)
	p.run(5)
	one := loadFix1(p)
	p.run(14)
	two := loadFix2(p)
	p.run(36)
	two.unload(p)
	p.run(2)
	one.unload(p)
	p.exit()
	p.printf("%d dummies and as many leaks made", p.made)
	return p, one, two
}

func main() { demo(os.Stdout) }
