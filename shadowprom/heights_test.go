package shadowprom

import "testing"

func TestCountersDoNotFall(t *testing.T) {
	// Ensure that a counter never falls, though a figure may, and that a class which is gone leaves nothing to those that come after it.
	before := heights{"freed": 10, "gone": 7}
	now := heights{}
	if got := now.keep(before, "freed", 9); got != 10 {
		t.Errorf("9 after 10 is %v", got)
	}
	if got := now.keep(before, "attached", 3); got != 3 {
		t.Errorf("3 is %v", got)
	}
	if got := (heights{}).keep(now, "gone", 1); got != 1 {
		t.Errorf("1 of a new class is %v", got)
	}
}
