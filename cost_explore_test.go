//go:build explore

package shadow_test

import (
	"testing"

	"github.com/shadowvars/shadow"
	"github.com/shadowvars/shadow/internal/atomic"
)

// accesses counts the accesses to shared words that f makes, in this goroutine: the classes are Manual, so no other runs.
func accesses(f func()) (n int) {
	atomic.Step = func(uintptr, bool) { n++ }
	defer func() { atomic.Step = nil }()
	f()
	return n
}

func TestCostOfEnds(t *testing.T) {
	// Ensure that freeing a class takes time in proportion to its own variables, and freeing an object in proportion to the open classes, however many
	// variables there are besides.
	cost := func(others, classes int) (freeAll, freeObject int) {
		s := shadow.NewSpace(&shadow.SpaceOptions{Presize: 4000})
		var keep []*conn
		open := func(id int) *shadow.Var[conn, int] {
			return shadow.MustNew(shadow.ID(id), &shadow.Options[conn, int]{Space: s, Lifetime: shadow.Manual})
		}
		fill := func(v *shadow.Var[conn, int], n int) {
			objs := parents(n)
			keep = append(keep, objs...)
			for _, obj := range objs {
				if _, err := v.Alloc(obj, nil); err != nil {
					t.Fatal(err)
				}
			}
		}
		mine, crowd := open(1), open(2)
		for id := range classes {
			open(3 + id)
		}
		fill(crowd, others)
		fill(mine, 20)
		freeObject = accesses(func() { s.FreeObject(keep[len(keep)-1]) })
		freeAll = accesses(func() { mine.FreeAll() })
		if mine.Len() != 0 || crowd.Len() != others {
			t.Fatal("freed the wrong ones")
		}
		return freeAll, freeObject
	}
	allAlone, objectAlone := cost(0, 0)
	allAmong, objectAmong := cost(3000, 0)
	// Probe runs are a little longer in a fuller table.
	if allAlone == 0 || allAmong > 2*allAlone || objectAmong > 2*objectAlone {
		t.Errorf("alone %d and %d accesses, among 3000 others %d and %d", allAlone, objectAlone, allAmong, objectAmong)
	}
	allMany, objectMany := cost(3000, 200)
	if allMany > 2*allAlone || objectMany < 2*objectAmong {
		t.Errorf("with 200 more classes %d and %d accesses; before, %d and %d", allMany, objectMany, allAmong, objectAmong)
	}
	t.Logf("FreeAll of 20 variables: %d, %d, %d accesses; FreeObject: %d, %d, %d", allAlone, allAmong, allMany, objectAlone, objectAmong, objectMany)
}
