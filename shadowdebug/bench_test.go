package shadowdebug_test

import (
	"fmt"
	"testing"

	"github.com/shadowvars/shadow"
	"github.com/shadowvars/shadow/shadowdebug"
)

func BenchmarkOverview(b *testing.B) {
	for _, n := range []int{50, 3000} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			s := newSpace(b, "bench")
			objs := make([]conn, 1000)
			for i := range n {
				v := shadow.MustNew(shadow.ID(i+1), &shadow.Options[conn, note]{Space: s, Lifetime: shadow.Manual, Name: fmt.Sprint("class ", i)})
				for j := range objs[:i%len(objs)] {
					v.Alloc(&objs[j], nil)
				}
			}
			h := shadowdebug.Handler(s)
			for _, format := range []string{"html", "json"} {
				b.Run(format, func(b *testing.B) {
					b.ReportAllocs()
					for b.Loop() {
						get(b, h, "format", format)
					}
				})
			}
			b.Run("stats", func(b *testing.B) {
				b.ReportAllocs()
				for b.Loop() {
					s.Stats()
				}
			})
		})
	}
}
