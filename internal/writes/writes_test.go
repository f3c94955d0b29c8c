//go:build explore && shadow_fullsize

package writes

import (
	"fmt"
	"math"
	"testing"

	"github.com/shadowvars/shadow"
)

// kindOf names the data as benchmark names have it.
func kindOf(pointers bool) string {
	if pointers {
		return "pointers"
	}
	return "plain"
}

func TestWrites(t *testing.T) {
	// Ensure that every operation writes exactly as many shared words as is said, that looking writes none at all, not even once in a
	// while, and that what it writes in common with the whole class is what is said.
	for _, lifetime := range lifetimes {
		for _, pointers := range []bool{false, true} {
			for _, o := range operations {
				tally := o.tally(t, lifetime, pointers)
				usual := o.usual[lifetime]
				if pointers {
					usual += o.single
				}
				name := fmt.Sprintf("%s, %v, %s data", o.name, lifetime, kindOf(pointers))
				if tally.Usual() != usual {
					t.Errorf("%s: %d writes instead of %d", name, tally.Usual(), usual)
				}
				if o.usual == none && tally.Most() != 0 {
					t.Errorf("%s: one of them wrote %d times", name, tally.Most())
				}
				// A sixteenth brings up to date each of two estimates; chunks and segments are begun and ended.
				if mean := tally.Mean(); mean > float64(usual)+0.3 {
					t.Errorf("%s: %.3f writes in the mean", name, mean)
				}
				common := tally.Shared(groupLines + 1)
				if math.Abs(common-float64(o.common)) > 0.25 {
					t.Errorf("%s: %.3f writes to lines that all have in common instead of %d", name, common, o.common)
				}
			}
		}
	}
}

func TestOtherHandlesWriteNothing(t *testing.T) {
	// Ensure that looking by interface values, and for data of any size, writes nothing either, in every lifetime.
	for _, lifetime := range lifetimes {
		drain(t)
		space := shadow.NewSpace(nil)
		anything := shadow.MustNewAny(1, &shadow.AnyOptions[plain]{Space: space, Lifetime: lifetime})
		bytes, err := shadow.NewBytes(2, &shadow.BytesOptions[parent]{Space: space, Lifetime: lifetime})
		if err != nil {
			t.Fatal(err)
		}
		obj, stranger := new(parent), new(parent)
		if _, err := anything.Alloc(obj, nil); err != nil {
			t.Fatal(err)
		}
		if _, err := bytes.Alloc(obj, nil, 9); err != nil {
			t.Fatal(err)
		}
		tally := Count(100, func(int) {
			must(anything.Get(obj) != nil && anything.Get(stranger) == nil && anything.Has(obj))
			must(bytes.Get(obj) != nil && bytes.Get(stranger) == nil && bytes.Has(obj))
			p, loaded, err := anything.GetOrAlloc(obj, nil)
			must(p != nil && loaded && err == nil)
			b, loaded, err := bytes.GetOrAlloc(obj, nil, 3)
			must(len(b) == 9 && loaded && err == nil)
			must(anything.Len() == 1 && bytes.Len() == 1)
		})
		if tally.Most() != 0 {
			t.Errorf("%v: %d writes", lifetime, tally.Most())
		}
		space.Close()
	}
}

// BenchmarkWrites reports the counts in the form that the baseline keeps; its times mean nothing.
func BenchmarkWrites(b *testing.B) {
	for _, lifetime := range lifetimes {
		for _, pointers := range []bool{false, true} {
			for _, o := range append([]operation{grow}, operations...) {
				b.Run(fmt.Sprintf("op=%s/life=%v/data=%s", o.name, lifetime, kindOf(pointers)), func(b *testing.B) {
					var tally *Tally
					for range b.N {
						tally = o.tally(b, lifetime, pointers)
					}
					if o.name == grow.name {
						// When a table grows depends on a sample of its slots, so this count varies by a few percent.
						b.ReportMetric(tally.Mean(), "growing-writes/op")
						return
					}
					b.ReportMetric(tally.Mean(), "writes/op")
					b.ReportMetric(tally.Shared(groupLines+1), "common-writes/op")
				})
			}
		}
	}
}
