package main

import (
	"bytes"
	"strings"
	"testing"
	"time"
)

func TestLot(t *testing.T) {
	// Ensure that goroutines are parked while the lot is open, no more than it has room for, and are let go when it closes.
	l := newLot(1, 8)
	for range 10 * callbackRarity {
		l.at("nowhere")
	}
	if l.total.Load() != 0 {
		t.Fatal("parked while the lot was closed")
	}
	l.open()
	done := make(chan bool)
	for range 4 {
		go func() { l.park("here", 0); done <- true }()
	}
	// There is room for two; the others go on.
	<-done
	<-done
	for l.total.Load() < 2 {
		time.Sleep(time.Millisecond)
	}
	l.close()
	<-done
	<-done
	var b bytes.Buffer
	l.print(&b)
	if !strings.Contains(b.String(), "2  here") || l.parked.Load() != 0 {
		t.Error(l.parked.Load(), &b)
	}
}

func TestFaultPoints(t *testing.T) {
	// Ensure (G14) that a run parks goroutines in callbacks and, where writes are fault points, in the table, the slabs and the classes, and walks over all slots.
	o := short(3 * time.Second)
	s := newStress(o)
	s.lot.rarity = 1 << 10
	s.run()
	if len(s.violations()) > 0 {
		t.Fatal(s.violations())
	}
	if s.walks == 0 {
		t.Error("nobody looked at the slots")
	}
	where := map[string]bool{}
	for point := range s.lot.points {
		name, _, inLibrary := strings.Cut(point, ".")
		if !inLibrary {
			name = "a callback"
		}
		where[name] = true
	}
	want := []string{"a callback"}
	if accesses {
		want = append(want, "lockfree", "alloc", "shadow")
	}
	for _, name := range want {
		if !where[name] {
			t.Errorf("nobody was parked in %s: %v", name, s.lot.points)
		}
	}
}
