package gctest

import (
	"math/rand/v2"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/shadowvars/shadow"
)

// tagged is data that knows whose it is: twice, and that nobody writes after it was attached.
type tagged interface {
	holds(tag uint64) bool
}

// plain is tagged data without pointers, of which a chunk holds many.
type plain struct{ tag, inverse uint64 }

func (p *plain) holds(tag uint64) bool { return p.tag == tag && p.inverse == ^tag }

// linked is tagged data that leads to more.
type linked struct {
	tag  uint64
	more *plain
}

func (p *linked) holds(tag uint64) bool { return p.tag == tag && p.more.holds(tag) }

// wide is tagged data that has an allocation of its own.
type wide struct {
	tag  uint64
	_    [25]uint64
	last uint64
}

func (p *wide) holds(tag uint64) bool { return p.tag == tag && p.last == ^tag }

// TestHeldPointers: with a freed slot of package alloc handed to the next Claim at once it failed in 20 of 20 runs, in each of its
// nine cases (November 2026, Go 1.26.8, 2 cores).
func TestHeldPointers(t *testing.T) {
	// Ensure (G4) that readers that hold on to data across its end, later attachments and many collections never see another variable's.
	inLifetimes(t, func(t *testing.T, l shadow.Lifetime) {
		t.Run("plain", func(t *testing.T) {
			holdPointers(t, l, func(tag uint64) *plain { return &plain{tag, ^tag} })
		})
		t.Run("linked", func(t *testing.T) {
			holdPointers(t, l, func(tag uint64) *linked { return &linked{tag, &plain{tag, ^tag}} })
		})
		t.Run("wide", func(t *testing.T) {
			holdPointers(t, l, func(tag uint64) *wide { return &wide{tag: tag, last: ^tag} })
		})
	})
}

// held is a pointer with what it must show.
type held struct {
	p   tagged
	tag uint64
}

func holdPointers[T any, P interface {
	*T
	tagged
}](t *testing.T, l shadow.Lifetime, make func(tag uint64) P,
) {
	v, s := open[object, T](t, l, nil)
	stop := collecting()
	var (
		deadline = time.Now().Add(lasting(250 * time.Millisecond))
		tags     atomic.Uint64
		board    [64]atomic.Pointer[object] // parents that the goroutines share
		workers  sync.WaitGroup
		looks    atomic.Int64
	)
	for w := range 3 {
		workers.Go(func() {
			random := rand.New(rand.NewPCG(uint64(w), 3))
			var hand [400]held
			n := int64(0)
			for ; !t.Failed() && (n%64 != 0 || time.Now().Before(deadline)); n++ {
				at := &board[random.IntN(len(board))]
				o := at.Load()
				if o == nil || l != shadow.Manual && random.IntN(8) == 0 {
					// Under Manual, parents live to the end: that is the caller's promise.
					o = new(object)
					at.Store(o)
				}
				switch random.IntN(16) {
				case 0, 1, 2:
					v.Free(o)
				case 3:
					v.Take(o)
				case 4:
					if other := board[random.IntN(len(board))].Load(); other != nil {
						v.Move(other, o)
					}
				case 5:
					if n%1024 == 5 {
						v.FreeAll()
					}
				case 6:
					v.FreeIf(o, v.Get(o))
				}
				tag := tags.Add(1)
				p, loaded, err := v.GetOrAlloc(o, (*T)(make(tag)))
				if err != nil {
					t.Error(err)
					return
				}
				h := &hand[random.IntN(len(hand))]
				if h.p != nil && !h.p.holds(h.tag) {
					t.Errorf("data %+v was attached with the tag %d", h.p, h.tag)
					return
				}
				if !loaded {
					// Only who attached knows the tag for certain.
					*h = held{P(p), tag}
				}
				for range 4 {
					if h := hand[random.IntN(len(hand))]; h.p != nil && !h.p.holds(h.tag) {
						t.Errorf("data %+v was attached with the tag %d", h.p, h.tag)
						return
					}
				}
				if q := v.Get(o); q != nil && n%8 == 0 {
					runtime.Gosched()
					if tag := tagOf(P(q)); !P(q).holds(tag) {
						t.Errorf("data %+v contradicts itself", q)
						return
					}
				}
			}
			looks.Add(5 * n)
			runtime.KeepAlive(&hand)
		})
	}
	workers.Wait()
	cycles := stop()
	t.Logf("%d looks during %d collections, %d variables", looks.Load(), cycles, tags.Load())
	runtime.KeepAlive(&board)
	runtime.KeepAlive(s)
}

func tagOf(p tagged) uint64 {
	switch p := p.(type) {
	case *plain:
		return p.tag
	case *linked:
		return p.tag
	case *wide:
		return p.tag
	}
	panic("unknown data")
}
