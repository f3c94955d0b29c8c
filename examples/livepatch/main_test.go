package main

import (
	"strings"
	"testing"

	"github.com/shadowvars/shadow"
)

func TestDemo(t *testing.T) {
	// Ensure the five things that the kernel's samples show.
	var out strings.Builder
	p, one, two := demo(&out)
	t.Log("\n" + out.String())

	// Dummies that were in flight when fix1 was loaded are reported once each; later ones are prevented; and no leak is lost count of.
	if one.leaked != 5 {
		t.Errorf("%d leaked, 5 were in flight", one.leaked)
	}
	for n := range 5 {
		if strings.Count(out.String(), "dummy "+string(rune('1'+n))+": leaked") != 1 {
			t.Errorf("dummy %d is not reported once", n+1)
		}
	}
	if one.prevented == 0 || one.prevented+one.leaked+one.collected != p.leaks || p.leaks != p.made {
		t.Errorf("prevented %d + leaked %d + unloaded %d of %d", one.prevented, one.leaked, one.collected, p.leaks)
	}

	// Who lives under fix2 alone is checked 5 times, or 6 if born on a tick before its check; who was in flight, fewer times or as often.
	const loaded, unloaded = 19, 55
	fives, sixes, flights := 0, 0, 0
	for number, n := range two.counts {
		born, want := number, 5 // one dummy a second
		if born%cleanupPeriod == 0 {
			want = 6
		}
		switch {
		case born <= loaded:
			flights++
			if n > want {
				t.Errorf("dummy %d, in flight: %d checks", number, n)
			}
			if ended := (born+lifetime)/cleanupPeriod*cleanupPeriod + cleanupPeriod; n != ended/cleanupPeriod-loaded/cleanupPeriod {
				t.Errorf("dummy %d, in flight, ended at %d: %d checks", number, ended, n)
			}
		case n != want:
			t.Errorf("dummy %d: %d checks, want %d", number, n, want)
		case n == 5:
			fives++
		default:
			sixes++
		}
	}
	if fives == 0 || sixes == 0 || flights == 0 {
		t.Errorf("%d with 5 checks, %d with 6, %d in flight", fives, sixes, flights)
	}

	// Unloading fix2 leaves what fix1 has attached, and after both nothing is left.
	if !strings.Contains(out.String(), "55 s  fix2 unloaded: 13 counters left") {
		t.Error("fix2's counters at unloading")
	}
	if one.collected == 0 {
		t.Error("nothing was left to fix1's unloading")
	}
	if live := shadow.Default().Stats().Live; live != 0 {
		t.Errorf("%d variables left", live)
	}
}

func TestIndependentIDs(t *testing.T) {
	// Ensure that the two fixes' variables on one dummy are freed independently of each other.
	p := newProgram(new(strings.Builder))
	one := loadFix1(p)
	two := loadFix2(p)
	p.run(3)
	d := p.list[0]
	if !one.leaks.Has(d) || !two.checks.Has(d) || !two.checks.Free(d) || !one.leaks.Has(d) {
		t.Error("freeing one id touched the other")
	}
	two.unload(p)
	if one.leaks.Len() != 3 {
		t.Error("fix2's unloading touched fix1's variables")
	}
	one.unload(p)
}
