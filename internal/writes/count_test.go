//go:build explore

package writes

import (
	"testing"

	"github.com/shadowvars/shadow/internal/atomic"
)

func TestCount(t *testing.T) {
	// Ensure that all kinds of writes are counted, failed ones too, and loads are not, and that lines are told apart by who writes them.
	var common struct {
		word atomic.Uint64
		_    [lineBytes]byte
	}
	own := make([]struct {
		word atomic.Uint64
		_    [lineBytes - 8]byte
	}, 100)
	tally := Count(100, func(i int) {
		own[i].word.Store(1)
		own[i].word.CompareAndSwap(7, 8)
		common.word.Load()
		if i%4 == 0 {
			common.word.Add(1)
			common.word.Or(4)
		}
	})
	if atomic.Step != nil {
		t.Error("counting goes on")
	}
	if tally.Usual() != 2 || tally.Most() != 4 || tally.Mean() != 2.5 {
		t.Errorf("usual %d, most %d, mean %v", tally.Usual(), tally.Most(), tally.Mean())
	}
	if tally.Shared(3) != 0.5 || tally.Shared(26) != 0 || tally.Busiest() != 0.25 {
		t.Errorf("shared by three %v, by 26 %v, busiest %v", tally.Shared(3), tally.Shared(26), tally.Busiest())
	}
}
