package lockfree

import (
	"math/rand/v2"
	"os"
	"testing"
)

// sizeClasses are those of Go's allocator.
var sizeClasses = []uint64{8, 16, 24, 32, 48, 64, 80, 96, 112, 128, 144, 160, 176, 192, 208, 224, 240, 256, 288, 320, 352, 384, 416, 448, 480, 512, 576, 640, 704, 768, 896, 1024, 1152,
	1280, 1408, 1536, 1792, 2048, 2304, 2688, 3072, 3200, 3456, 4096, 4864, 5376, 6144, 6528, 6784, 6912, 8192, 9472, 9728, 10240, 10880, 12288, 13568, 14336, 16384, 18432, 19072, 20480, 21760, 24576,
	27264, 28672, 32768}

func TestMeasureSpread(t *testing.T) {
	// Ensure that each multiplier by itself, and more so the best of the first few, leaves fewer pairs behind full lines than chance does, on objects of all of Go's size classes: in a row, in spans and in spans at random places.
	if os.Getenv("SHADOW_MEASURE") == "" {
		t.Skip("a measurement, of half a minute: SHADOW_MEASURE=1 runs it")
	}
	rng := rand.New(rand.NewPCG(1, 2))
	var alone, best [len(multipliers)]float64
	var chance float64
	sets := 0
	for _, n := range []uint64{100, 345, 700, 1000, 1430, 3000, 10_000, 30_000, 64_000} {
		for _, size := range sizeClasses {
			per := max(8192/size, 1)
			span := (size*per + 8191) &^ 8191
			base := 0xc000000000 + rng.Uint64N(1<<30)&^8191
			var row, spans, scattered, random []uint64
			for at, i := uint64(0), uint64(0); i < n; i++ {
				if i%per == 0 {
					at = 0xc000000000 + rng.Uint64N(1<<30)&^8191
				}
				row, spans = append(row, base+i*size), append(spans, base+i/per*span+i%per*size)
				scattered, random = append(scattered, at+i%per*size), append(random, rng.Uint64())
			}
			for _, keys := range [][]uint64{row, spans, scattered} {
				sets++
				chance += beyond(random, 0)
				least := 1.0
				for m := range multipliers {
					b := beyond(keys, uint8(m))
					least = min(least, b)
					alone[m] += b
					best[m] += least
				}
			}
		}
	}
	t.Logf("%d sets; behind the first line, in the mean: random keys %.4f", sets, chance/float64(sets))
	for m := range multipliers {
		t.Logf("multiplier %d: %.4f, the best up to it %.4f", m, alone[m]/float64(sets), best[m]/float64(sets))
		if alone[m] > chance || m > 0 && best[m] > chance/2 {
			t.Error("no better than chance")
		}
	}
}

// beyond is which part of keys stands behind the first line in an array of the size that a table would have for them, with the n-th multiplier.
func beyond(keys []uint64, n uint8) float64 {
	a, found := newArray(slotsWith(len(keys)), 0, 1, n), 0
	for _, k := range keys {
		home := a.home(k, 1)
		d, _, _ := a.find(k, 1, home, 0)
		a.slot((home + d) & a.mask).key.Store(k)
		a.slot((home + d) & a.mask).val.Store(uint64(MakeWord(1, 0, Value)))
		if d >= lineSlots {
			found++
		}
	}
	return float64(found) / float64(len(keys))
}

// slotsWith is the size of a table that has grown to so many pairs.
func slotsWith(pairs int) uintptr {
	slots := uintptr(leastSlots)
	for int(slots)*7/10 < pairs {
		slots *= 2
	}
	return slots
}
