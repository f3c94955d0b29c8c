//go:build explore && shadow_fullsize

package writes

import (
	"testing"

	"github.com/shadowvars/shadow"
	"github.com/shadowvars/shadow/internal/atomic"
)

// visible is after how many accesses to shared words FreeAll of n variables is over for everybody who looks.
func visible(t *testing.T, n int) (accesses int) {
	v := shadow.MustNew(1, &shadow.Options[uint64, uint64]{Space: shadow.NewSpace(nil), Lifetime: shadow.Manual})
	objs := make([]uint64, n)
	for i := range objs {
		if _, err := v.Alloc(&objs[i], nil); err != nil {
			t.Fatal(err)
		}
	}
	count, looking := 0, false
	atomic.Step = func(uintptr, bool) {
		if looking || accesses > 0 {
			return
		}
		count++
		looking = true
		if v.Get(&objs[0]) == nil && v.Get(&objs[n-1]) == nil {
			accesses = count
		}
		looking = false
	}
	defer func() { atomic.Step = nil }()
	if ended := v.FreeAll(); ended != n {
		t.Fatalf("FreeAll = %d of %d", ended, n)
	}
	return accesses
}

func TestFreeAllIsVisibleAtOnce(t *testing.T) {
	// Ensure (G10) that what others see of FreeAll takes the same few accesses whatever the size: it is one store, of the epoch.
	small, large := visible(t, 1000), visible(t, 1_000_000)
	if small != large || small == 0 || small > 40 {
		t.Errorf("FreeAll is visible after %d accesses for a thousand variables, after %d for a million", small, large)
	}
	t.Logf("after %d accesses", small)
}
