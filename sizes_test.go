package shadow

import "testing"

func TestByteSizes(t *testing.T) {
	// Ensure that bytes of every size take the smallest slot with room for them, of which from 48 bytes on at most a sixth is to spare, and more than
	// any slot has room for the last one.
	for l := Collected; l <= Manual; l++ {
		s := bytesShape(l).sizes
		if s.rest%bytesAlign != 0 || s.most < 480 {
			t.Fatalf("%v: a head of %d bytes, at most %d behind it", l, s.rest, s.most)
		}
		for n := range s.most + 1 {
			slot := s.slot(n)
			size := s.sizes[slot]
			if size < s.rest+uintptr(max(n, 1)) || slot > 0 && s.sizes[slot-1] >= s.rest+uintptr(max(n, 1)) {
				t.Errorf("%v: %d bytes take a slot of %d", l, n, size)
			}
			if spare := size - s.rest - uintptr(n); size >= 48 && 6*spare > size {
				t.Errorf("%v: %d bytes leave %d of a slot of %d", l, n, spare, size)
			}
			if s.taken(n) != size {
				t.Errorf("%v: %d bytes count as %d, take %d", l, n, s.taken(n), size)
			}
		}
		if s.slot(s.most+1) != len(s.sizes) || s.taken(s.most+1) < s.rest+uintptr(s.most) {
			t.Errorf("%v: more than %d bytes take a slot of %d", l, s.most, s.taken(s.most+1))
		}
	}
}
