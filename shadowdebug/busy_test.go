package shadowdebug_test

import (
	"fmt"
	"sync"
	"testing"

	"github.com/shadowvars/shadow"
	"github.com/shadowvars/shadow/shadowdebug"
)

func TestLookingWhileOthersWork(t *testing.T) {
	// Ensure that all pages are whole while variables of all kinds come, move and go, classes are emptied and closed, and that nothing of it is a data race.
	s := newSpace(t, "busy")
	h := shadowdebug.Handler(s)
	objs := make([]*conn, 16)
	for i := range objs {
		objs[i] = new(conn)
	}
	rounds := 6
	if testing.Short() {
		rounds = 2
	}
	var workers, lookers sync.WaitGroup
	for i, l := range lifetimes {
		workers.Go(func() {
			for round := range rounds {
				v := shadow.MustNew(shadow.ID(i+1), &shadow.Options[conn, note]{Space: s, Lifetime: l, Format: func(*note) string { return "v" }})
				a := shadow.MustNewAny(shadow.ID(i+11), &shadow.AnyOptions[*conn]{Space: s, Lifetime: l, Format: func(**conn) string { return "a" }})
				b := shadow.MustNewBytes(shadow.ID(i+21), &shadow.BytesOptions[conn]{Space: s, Lifetime: l, Format: func(b []byte) string { return fmt.Sprint(len(b)) }})
				for n := range 400 {
					obj, other := objs[n%len(objs)], objs[(n*7+3)%len(objs)]
					v.Alloc(obj, nil)
					a.Alloc(obj, nil)
					b.Alloc(obj, nil, n)
					a.Move(other, obj)
					v.Copy(other, obj)
					if n%3 == 0 {
						v.Free(other)
						a.Take(obj)
						b.Free(other)
					}
					if n%100 == 99 {
						v.FreeAll()
					}
				}
				if round%2 == 0 {
					v.Close()
					a.Close()
					b.Close()
				}
			}
		})
	}
	stop := make(chan struct{})
	for i := range 2 {
		lookers.Go(func() {
			for n := i; ; n++ {
				select {
				case <-stop:
					return
				default:
				}
				for _, format := range []string{"html", "text", "json"} {
					ask(t, h, "format", format)
					ask(t, h, "class", fmt.Sprint(1+10*(n%3)), "format", format)
					if r := ask(t, h, "addr", fmt.Sprintf("%p", objs[n%len(objs)]), "format", format); r.StatusCode != 200 {
						t.Error(r.Status)
					}
				}
			}
		})
	}
	workers.Wait()
	close(stop)
	lookers.Wait()
	sane(t, get(t, h))
}
