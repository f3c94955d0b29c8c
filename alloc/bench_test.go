//go:build !explore

package alloc

import (
	"fmt"
	"math/rand/v2"
	"os/exec"
	"strings"
	"sync"
	"testing"
)

func TestInlining(t *testing.T) {
	// Ensure that what lies on the path of a reader is inlined.
	if testing.Short() {
		t.Skip("compiles the package")
	}
	out, err := exec.Command("go", "build", "-gcflags=-m", ".").CombinedOutput()
	if err != nil {
		t.Skipf("no compiler: %v", err)
	}
	readers := []string{"(*Slab).Hold", "Keep", "stackHint", "(*segment).cell", "(*Directory).In"}
	if cellSize == 8 {
		readers = append(readers, "(*Directory).Chunk") // On 32-bit platforms it is a little too big.
	}
	for _, f := range readers {
		if !strings.Contains(string(out), "can inline "+f+"\n") {
			t.Errorf("%s is not inlined", f)
		}
	}
	if strings.Contains(string(out), "inlining call to (*Slab).atSlow") {
		t.Error("atSlow is inlined")
	}
}

var benchKinds = []kind{
	plainKind[[1]uint64]("16", LayoutOptions{}),
	plainKind[[24]uint64]("200", LayoutOptions{}),
	kindOf("pointers", LayoutOptions{Single: true}, func(s *parented, tag uint64) { s.tag = tag }, nil),
}

func BenchmarkAt(b *testing.B) {
	for _, k := range benchKinds {
		for _, n := range []int{1 << 10, 1 << 16, 1 << 20} {
			b.Run(fmt.Sprintf("%s/%d", k.name, n), func(b *testing.B) {
				var s Slab
				s.Init(k.layout)
				indices := make([]uint32, n)
				for i := range indices {
					indices[i] = k.attach(&s, 1)
				}
				rand.Shuffle(n, func(i, j int) { indices[i], indices[j] = indices[j], indices[i] })
				missing, i := 0, 0
				for b.Loop() {
					d := s.Hold()
					p := d.find(indices[i&(n-1)])
					if p == nil {
						missing++
					}
					Keep(d)
					i++
				}
				if missing != 0 {
					b.Errorf("%d not found", missing)
				}
			})
		}
	}
}

// BenchmarkClaim claims and enlivens in as many goroutines as its name says; one operation is one slot.
func BenchmarkClaim(b *testing.B) {
	for _, k := range benchKinds {
		for _, workers := range []int{1, 2} {
			b.Run(fmt.Sprintf("%s/%d", k.name, workers), func(b *testing.B) {
				const batch = 1 << 20
				lanes := 0
				for done := 0; done < b.N; done += batch {
					var s Slab
					s.Init(k.layout)
					var all sync.WaitGroup
					for range workers {
						all.Go(func() {
							for range min(batch, b.N-done) / workers {
								d := s.Hold()
								index, _ := k.claim(&s)
								s.Enliven(index)
								Keep(d)
							}
						})
					}
					all.Wait()
					lanes = s.Stats().Lanes
				}
				b.ReportMetric(float64(lanes), "lanes")
			})
		}
	}
}

// BenchmarkChurn claims, enlivens and frees; one operation is all three.
func BenchmarkChurn(b *testing.B) {
	for _, k := range benchKinds {
		b.Run(k.name, func(b *testing.B) {
			var s Slab
			s.Init(k.layout)
			for b.Loop() {
				d := s.Hold()
				index, _ := k.claim(&s)
				s.Enliven(index)
				s.Free(index)
				Keep(d)
			}
		})
	}
}

func BenchmarkFree(b *testing.B) {
	for _, k := range benchKinds {
		b.Run(k.name, func(b *testing.B) {
			var s Slab
			s.Init(k.layout)
			const batch = 1 << 18
			indices := make([]uint32, 0, batch)
			for range b.N {
				if len(indices) == 0 {
					b.StopTimer()
					for range batch {
						indices = append(indices, k.attach(&s, 1))
					}
					rand.Shuffle(batch, func(i, j int) { indices[i], indices[j] = indices[j], indices[i] })
					b.StartTimer()
				}
				s.Free(indices[len(indices)-1])
				indices = indices[:len(indices)-1]
			}
		})
	}
}
