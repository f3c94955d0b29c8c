package main

import (
	"bytes"
	"fmt"
	"runtime"
	"strings"
	"testing"
	"time"
)

// short are options for runs of a test's length.
func short(length time.Duration) options {
	o := defaults()
	o.length, o.goroutines, o.ledger = length, 16*runtime.NumCPU(), 1<<18
	return o
}

func TestStress(t *testing.T) {
	// Ensure (G2, G4, G6, G7, G10, G15) that twenty seconds of everything at once show nobody data that is not his, and lose and double no variable.
	o := short(20 * time.Second)
	if testing.Short() {
		o.length = 2 * time.Second
	}
	s := newStress(o)
	s.run()
	var b bytes.Buffer
	s.summarize(&b)
	t.Logf("seed %d\n%s", o.seed, &b)
	if len(s.violations()) > 0 {
		t.Errorf("again with: go run ./stress -seed %d", o.seed)
	}
	if s.drains == 0 || s.operations() == 0 || s.endings == 0 {
		t.Errorf("%d drains, %d operations, %d endings: nothing was checked", s.drains, s.operations(), s.endings)
	}
}

// broken is an api with a fault, which shows now and then only.
type broken struct {
	api
	fault string
	other *parent
	count *int
}

func (b broken) rarely() bool { *b.count++; return *b.count%5 == 0 }

func (b broken) get(o *parent) held {
	switch {
	case b.fault == "data of another parent" && b.rarely():
		return b.api.get(b.other)
	case b.fault == "lost data" && b.rarely():
		return nil
	}
	return b.api.get(o)
}

func (b broken) free(o *parent) bool {
	switch {
	case b.fault == "Free that frees nothing" && b.rarely():
		return true
	case b.fault == "Free that denies" && b.rarely():
		return b.api.free(o) && false
	}
	return b.api.free(o)
}

func (b broken) freeAll() int {
	if b.fault == "FreeAll that frees nothing" {
		return 0
	}
	return b.api.freeAll()
}

func (b broken) takeOff(o *parent) held {
	if b.fault == "Take that leaves the data" {
		return b.api.get(o)
	}
	return b.api.takeOff(o)
}

func TestFaults(t *testing.T) {
	// Ensure that the checks bite: each of these faults, put between the workers and one class, is reported.
	for _, fault := range []string{
		"data of another parent", "lost data", "Free that frees nothing", "Free that denies", "FreeAll that frees nothing", "Take that leaves the data",
	} {
		t.Run(fault, func(t *testing.T) {
			o := short(20 * time.Second) // it ends with the first report
			o.goroutines = 1
			s := newStress(o)
			c := s.subjects[6] // manual: nothing ends by itself
			other := &parent{family: 1 << 40}
			n, _ := s.ledger.draw()
			if _, err := c.api().alloc(other, newRecord(other.family, n)); err != nil {
				t.Fatal(err)
			}
			s.ledger.attach(n, 0)
			c.attached.Add(1)
			a := api(broken{c.api(), fault, other, new(int)})
			c.handle.Store(&a)
			s.run()
			if len(s.violations()) == 0 {
				t.Error("nobody noticed")
			} else {
				t.Log(s.violations()[0])
			}
			runtime.KeepAlive(other)
		})
	}
}

func TestChangingMemory(t *testing.T) {
	// Ensure that a held pointer behind which the tag changes is reported, and that its age is counted.
	s := newStress(short(time.Second))
	var k holder
	p := &plain{newRecord(1, 2)}
	k.keep(p, p.tag(), 1, s)
	k.look(s)
	if len(s.violations()) != 0 {
		t.Fatal(s.violations())
	}
	p.record = newRecord(3, 4)
	k.look(s)
	s.cycle.Store(5)
	k.releaseAll(s)
	if len(s.violations()) != 2 || s.ages.bins[3].Load() != 1 {
		t.Error(s.violations(), s.ages.bins[3].Load())
	}
	far := &linked{}
	far.fill(newRecord(1, 2))
	far.far.family++
	if far.tag().valid() {
		t.Error("data whose pointer leads elsewhere is valid")
	}
}

func TestLedger(t *testing.T) {
	// Ensure that every second fate is reported, and data seen after a sweep that must have ended it.
	for _, test := range []struct {
		steps string
		bad   bool
	}{
		{"a", false}, {"ad", false}, {"da", false}, {"at", false}, {"ta", false}, {"r", false},
		{"add", true}, {"adt", true}, {"att", true}, {"atd", true}, {"rd", true}, {"dr", true}, {"ra", true}, {"aa", true}, {"tr", true},
		{"as", false}, {"aS", true}, {"rs", true}, {"S", false},
	} {
		l := newLedger(1)
		n, _ := l.draw()
		wrong := ""
		for _, step := range test.steps {
			if wrong != "" {
				t.Errorf("%s: %s before the end", test.steps, wrong)
			}
			switch step {
			case 'a':
				wrong = l.attach(n, 7)
			case 'r':
				wrong = l.refuse(n)
			case 'd':
				wrong = l.destroy(n)
			case 't':
				wrong = l.take(n)
			case 's':
				wrong = l.see(n, 7)
			case 'S':
				wrong = l.see(n, 8)
			}
		}
		if (wrong != "") != test.bad {
			t.Errorf("%s: %q", test.steps, wrong)
		}
	}
}

func TestArguments(t *testing.T) {
	// Ensure that wrong flags say what is wrong and exit with 2, that help exits with 0, and that a run names its seed.
	for _, test := range []struct {
		arguments, says string
		status          int
	}{
		{"-for 0s", "want more than 0s", 2}, {"-for soon", "soon", 2}, {"-goroutines 0", "want 1 to", 2}, {"-seed -1", "seed", 2},
		{"-parents 0", "want 1 to", 2}, {"now", `unexpected argument "now"`, 2}, {"-fast", "-fast", 2}, {"-help", "usage:", 0},
		{"-for 100ms -seed 42 -goroutines 4", "seed 42", 0},
	} {
		var stdout, stderr bytes.Buffer
		status := run(strings.Fields(test.arguments), &stdout, &stderr)
		if said := fmt.Sprint(&stdout, &stderr); status != test.status || !strings.Contains(said, test.says) {
			t.Errorf("%s: exit status %d, %s", test.arguments, status, said)
		}
	}
}
