package alloc

import (
	"fmt"
	"testing"

	"github.com/shadowvars/shadow/internal/atomic"
)

func ExampleSlab_Check() {
	var s Slab
	s.Init(LayoutOf[int](LayoutOptions{}))
	index, _ := s.Claim()
	s.Enliven(index)
	fmt.Println(s.Check(true))
	// Output: <nil>
}

func TestCheckBites(t *testing.T) {
	// Ensure that Check reports each kind of damage to a slab that was sound.
	for name, damage := range map[string]func(s *Slab, d *Directory, g *segment){
		"claimed only":         func(s *Slab, _ *Directory, _ *segment) { s.Claim() },
		"live twice":           func(_ *Slab, _ *Directory, g *segment) { g.group(0).Or(1 << groupSlots) },
		"never claimed":        func(_ *Slab, _ *Directory, g *segment) { g.claimed.Store(0) },
		"no memory":            func(_ *Slab, _ *Directory, g *segment) { atomic.StorePointer(g.cell(0), nil) },
		"wrong count":          func(_ *Slab, _ *Directory, g *segment) { g.done.Add(1) },
		"wrong base":           func(_ *Slab, _ *Directory, g *segment) { g.base++ },
		"lost lane":            func(_ *Slab, d *Directory, _ *segment) { d.lanes[0] = new(segment) },
		"number free, in use":  func(s *Slab, _ *Directory, g *segment) { s.free.push(g.base) },
		"number never used":    func(s *Slab, d *Directory, _ *segment) { s.free.push(d.fresh) },
		"directory not newest": func(_ *Slab, d *Directory, _ *segment) { d.next.Store(newDirectory(single64)) },
	} {
		var s Slab
		s.Init(single64)
		index, _ := s.Claim()
		s.Enliven(index)
		if err := s.Check(true); err != nil {
			t.Fatal(err)
		}
		d := s.dir.Load()
		damage(&s, d, d.segmentOf(index))
		if err := s.Check(true); err == nil {
			t.Errorf("%s: nothing is reported", name)
		}
	}
}

var single64 = LayoutOf[uint64](LayoutOptions{Single: true})
