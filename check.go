package shadow

import (
	"fmt"
	"runtime"

	"github.com/shadowvars/shadow/internal/hooks"
)

// The stress program looks at what no caller can see.
func init() {
	hooks.CheckSpace = func(space any) error { return space.(*Space).check() }
}

// check walks the table and the slabs of all open classes and returns an error if an invariant does not hold. Nobody may use the space meanwhile;
// the reaper, which comes when the collector does, is held off.
func (s *Space) check() error {
	for !s.reaper.walks.CompareAndSwap(0, 1) {
		runtime.Gosched()
	}
	defer s.walkOn()
	if err := s.table.Check(true); err != nil {
		return err
	}
	for id, c := range s.classes.Load().open {
		if err := c.epoch.Load().slab.Check(true); err != nil {
			return fmt.Errorf("class %d: %w", id, err)
		}
	}
	return nil
}
