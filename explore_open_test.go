//go:build explore

package shadow

import (
	"errors"
	"fmt"
	"testing"

	"github.com/shadowvars/shadow/internal/explore"
)

func TestExploreOpenAndClose(t *testing.T) {
	// Ensure that who opens an id gets a class that is open, whoever closes its last handle meanwhile, that what was attached before the
	// close is not found in it, and that each Close ends what is its own.
	for _, kill := range []bool{false, true} {
		o := explore.Options{Preemptions: 2, Kill: kill, MaxSchedules: 30_000}
		if kill {
			o.Preemptions = 1
		}
		explore.Run(t, o, func(w *explore.World) {
			s := NewSpace(nil)
			old := exploredIn(w, s, Manual)
			tag, ended := uint64(1), 0
			attach := func(c *class, n uint8) error {
				_, _, err := attachCopy(c, c, "explored", fakeObject(n), &tag, false)
				return err
			}
			if err := attach(old, 0); err != nil {
				w.Fail(err)
			}
			for range 2 {
				w.Go(func() {
					o := exploredOpening(s, Manual)
					c, err := s.open(o.identity, o.build)
					if err != nil {
						w.Fail(err)
					}
					if err := attach(c, 1); errors.Is(err, ErrClosed) {
						w.Fail(fmt.Errorf("a class that has just been opened: %w", err))
					}
					if c != old && c.get(fakeObject(0).pointer) != nil {
						w.Fail(errors.New("a variable of the closed class in the new one"))
					}
					n := c.drop()
					w.Touch()
					ended += n
				})
			}
			w.Go(func() {
				n := old.drop()
				w.Touch()
				ended += n
			})
			w.Check(func() error {
				if n := len(s.classes.Load().open); !kill && n != 0 {
					return fmt.Errorf("%d classes are open", n)
				}
				if !kill && ended < 2 {
					return fmt.Errorf("%d variables were ended by Close", ended)
				}
				return nil
			})
		})
	}
}
