package shadow

import (
	"github.com/shadowvars/shadow/internal/hooks"
	"github.com/shadowvars/shadow/lockfree"
)

// NewHashedSpace makes a space on a table whose hash leads to so many homes, 0 for all, and which has so many slots at first.
func NewHashedSpace(homes, slots uintptr) *Space {
	return newSpace(new(SpaceOptions), hooks.NewTable(slots, homes).(*lockfree.Table), lockfree.MaxClass+1)
}

// NewNumberedSpace makes a space that has only so many class numbers.
func NewNumberedSpace(limit uint32) *Space {
	return newSpace(new(SpaceOptions), lockfree.New(nil), limit)
}

// Purge makes the space's table migrate.
func (s *Space) Purge() { s.table.Purge() }

// TableOrder lists the addresses in the table in the order of its slots.
func (s *Space) TableOrder() (order []uintptr) {
	s.table.Range(func(key uint64, _ lockfree.Word) bool {
		order = append(order, uintptr(key))
		return true
	})
	return order
}

// Format formats data of the variable of obj as debugging would.
func (v *Var[O, T]) Format(data *T) string { return (*v.handle.of.format.Load())(erase(data)) }

// ClosedKept is how many closed classes the space still knows one by one.
func (s *Space) ClosedKept() int { return s.classes.Load().closed.count }

// EpochsKept is how many epochs the class of v still knows one by one.
func (v *Var[O, T]) EpochsKept() int { return v.handle.of.ledger.page.Load().count }

// get is Get without a handle.
func (c *class) get(obj pointer) pointer {
	p, sure := c.getFast(obj)
	if !sure {
		p = c.getSlow(obj)
	}
	return p
}
