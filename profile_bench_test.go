package shadow_test

import (
	"fmt"
	"testing"

	"github.com/shadowvars/shadow"
)

// BenchmarkAttachProfiled is what Options.Profile costs an attachment and its end: nothing at rate 0 (a branch), a random number at any rate, a look at the
// stack where one is recorded.
func BenchmarkAttachProfiled(b *testing.B) {
	for _, rate := range []int{0, 1000, 100, 1} {
		b.Run(fmt.Sprintf("rate=%d", rate), func(b *testing.B) {
			v := shadow.MustNew(1, &shadow.Options[conn, int]{Space: shadow.NewSpace(nil), Lifetime: shadow.Manual, Profile: rate})
			objs := parents(1000)
			for i := 0; b.Loop(); i++ {
				obj := objs[i%len(objs)]
				v.Alloc(obj, nil)
				v.Free(obj)
			}
		})
	}
}
