package shadow_test

import (
	"testing"

	"github.com/shadowvars/shadow"
)

func TestNumbersComeBack(t *testing.T) {
	// Ensure that class numbers are used again: a space with few of them opens, empties and closes classes without end, and finds nothing stale.
	s := shadow.NewNumberedSpace(6)
	objs := parents(20)
	for i := range 8 {
		v := shadow.MustNew(shadow.ID(i), &shadow.Options[conn, int]{Space: s, Lifetime: lifetimes[i%3]})
		for _, obj := range objs {
			if v.Has(obj) {
				t.Fatal("a variable of a former class")
			}
			if _, err := v.Alloc(obj, &i); err != nil {
				t.Fatal(err)
			}
		}
		v.FreeAll()
		v.Alloc(objs[0], nil)
		if _, err := shadow.New(shadow.ID(i), &shadow.Options[conn, string]{Space: s}); err == nil {
			t.Fatal("no conflict")
		}
		if v.Close() != 1 {
			t.Fatal("Close")
		}
	}
}
