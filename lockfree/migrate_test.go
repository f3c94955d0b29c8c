package lockfree

import "testing"

func TestChunksAreScattered(t *testing.T) {
	// Ensure that every chunk of a migration is handed out once, and that of many chunks those of eight turns in a row lie apart.
	for chunks := uint32(1); chunks <= 1<<12; chunks *= 2 {
		a := &array{chunks: chunks}
		var turn [1 << 12]uint32 // from 1
		for n := range chunks {
			c := a.scattered(n)
			if c >= chunks || turn[c] != 0 {
				t.Fatalf("of %d chunks, turn %d gets chunk %d, which turn %d had", chunks, n, c, turn[c]-1)
			}
			turn[c] = n + 1
		}
		if chunks < 64 {
			continue
		}
		for c := range chunks - 1 {
			if d := int(turn[c]) - int(turn[c+1]); -8 < d && d < 8 {
				t.Errorf("of %d chunks, %d and %d come within %d turns", chunks, c, c+1, d)
			}
		}
	}
}
