package shadow

import (
	"maps"

	"github.com/shadowvars/shadow/internal/atomic"
	"github.com/shadowvars/shadow/lockfree"
)

// Space is one table and the classes whose pairs stand in it. Programs need only the default one; tests and
// libraries that want their own ids have their own. A Space is safe for concurrent use. When it becomes
// unreachable, so do its classes, and no destructor is called.
type Space struct {
	table   *lockfree.Table
	numbers *numbers
	classes atomic.Pointer[registry]
	ripe    atomic.Int64 // closed ledgers that will not change and are not part of the registry's sum yet
	reaper  reaper
	graves  graveyard
	name    string
}

// registry is a space's classes. It is immutable: a class that is closed goes from the one list to the other in one step.
type registry struct {
	open   map[ID]*class
	closed page[*ledger]
}

// SpaceOptions are the options of a new space. The zero value is good.
type SpaceOptions struct {
	Name    string // for people
	Presize int    // how many variables the table has room for before it grows, at most 2^26; 0 for few
}

var defaultSpace = NewSpace(&SpaceOptions{Name: "default"})

// Default returns the space that classes are opened in if their options name none.
func Default() *Space { return defaultSpace }

// NewSpace makes a space. opts may be nil.
func NewSpace(opts *SpaceOptions) *Space {
	if opts == nil {
		opts = new(SpaceOptions)
	}
	return newSpace(opts, lockfree.New(&lockfree.Options{Presize: opts.Presize}), lockfree.MaxClass+1)
}

// newSpace makes a space on a given table, with numbers below limit: tests choose both.
func newSpace(opts *SpaceOptions, t *lockfree.Table, limit uint32) *Space {
	s := &Space{table: t, numbers: newNumbers(t, limit), name: opts.Name}
	s.classes.Store(&registry{open: map[ID]*class{}})
	return s
}

// open returns the class of the id with one more handle, made by build if it is not open.
func (s *Space) open(asked identity, build func() *class) (*class, error) {
	var made *class
	for {
		classes := s.classes.Load()
		if c := classes.open[asked.id]; c != nil {
			if c.handles.Load() == 0 {
				// Its last handle was closed just now. Whoever did that empties it and takes it off the map; so do we.
				c.seal()
				s.remove(c)
				continue
			}
			// A refused opening holds no handle, not even for a moment: a Close meanwhile must be the last if it is.
			if !c.rename(asked) {
				if made != nil {
					s.numbers.putBack(made.epoch.Load().number)
				}
				open := c.identity
				open.name = *c.name.Load()
				return nil, &Error{Op: "New", Class: asked.name, ID: asked.id, Err: ErrConflict, conflict: &conflict{open, asked}}
			}
			if !c.retain() {
				continue
			}
			if made != nil {
				s.numbers.putBack(made.epoch.Load().number)
			}
			s.arm()
			return c, nil
		}
		if made == nil {
			made = build()
		}
		next := &registry{maps.Clone(classes.open), classes.closed}
		next.open[asked.id] = made
		if s.classes.CompareAndSwap(classes, next) {
			s.arm()
			return made, nil
		}
	}
}

// remove takes a class without handles off the map.
func (s *Space) remove(c *class) {
	for {
		classes := s.classes.Load()
		if classes.open[c.identity.id] != c {
			return
		}
		next := &registry{maps.Clone(classes.open), classes.closed.with(c.ledger)}
		delete(next.open, c.identity.id)
		if s.classes.CompareAndSwap(classes, next) {
			return
		}
	}
}

// retain adds a handle, unless the last one is gone.
func (c *class) retain() bool {
	for {
		n := c.handles.Load()
		if n == 0 {
			return false
		}
		if c.handles.CompareAndSwap(n, n+1) {
			return true
		}
	}
}

// rename gives the class the name that it is opened under, if it has none, and says whether the opening is one of this class.
func (c *class) rename(asked identity) bool {
	for {
		name := c.name.Load()
		i := c.identity
		i.name = *name
		if !i.agrees(asked) {
			return false
		}
		if asked.name == "" || *name != "" || c.name.CompareAndSwap(name, &asked.name) {
			return true
		}
	}
}

// drop closes one handle; the last one ends the class. It returns how many variables that ended.
func (c *class) drop() int {
	for {
		n := c.handles.Load()
		if n == 0 {
			return 0 // Space.Close came first
		}
		if c.handles.CompareAndSwap(n, n-1) {
			if n > 1 {
				return 0
			}
			return c.shut()
		}
	}
}

// shut ends a class that has no handles any more: once per class, by who took the last.
func (c *class) shut() int {
	c.seal()
	c.space.remove(c)
	return c.close()
}

// Reap ends now, in this goroutine, the variables of parents that the collector has found dead, and returns how many
// there were. Without it they are found after the next collection. It takes time in proportion to the
// variables of the space's Collected classes.
func (s *Space) Reap() int {
	var w sweeper
	defer w.finish(nil)
	return s.reap(func(c *class, p pointer) { w.destroy(c, object{}, p) })
}

// FreeObject frees every variable of one object, whatever its class, and returns how many there were. obj is a pointer, map, channel or
// unsafe.Pointer, as for [Any]. It is done class by class and not atomic over them; it takes
// time in proportion to the number of open classes. For pointers it allocates nothing, but for the table as [Var.Free] says.
func (s *Space) FreeObject(obj any) (freed int) {
	o, err := objectOf(obj)
	if err != nil {
		return 0
	}
	var w sweeper
	rest := func() {
		for _, c := range s.classes.Load().open {
			if p, was := c.detach(o, nil, false); p != nil {
				freed++
				w.destroy(c, was, p)
			}
		}
	}
	defer w.finish(rest)
	rest()
	keepAlive(o.pointer)
	return freed
}

// Close ends all classes of the space, as if the last handle of each were closed, and returns how many variables that ended.
func (s *Space) Close() (ended int) {
	var w sweeper
	rest := func() {
		for _, c := range s.classes.Load().open {
			for n := c.handles.Load(); n != 0; n = c.handles.Load() {
				if c.handles.CompareAndSwap(n, 0) {
					w.run(func() { ended += c.shut() })
				}
			}
		}
	}
	defer w.finish(rest)
	rest()
	return ended
}
