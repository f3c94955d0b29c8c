// Package shadowexpvar shows the figures of shadow variables to package expvar.
//
// It publishes nothing by itself: the program chooses the name and the moment.
//
//	expvar.Publish("shadow", shadowexpvar.Func(nil))
//
// It is a package of its own because expvar brings net/http with it, and registers a handler there.
package shadowexpvar

import (
	"expvar"
	"fmt"

	"github.com/shadowvars/shadow"
)

// Options are the options of [Func]. The zero value is good.
type Options struct {
	Space   *shadow.Space // nil: the default one
	Classes bool          // whether there are figures for each class, too
}

// Figures are what [Func] shows of a space. They are those of [shadow.Stats], under the names that package shadowprom uses.
type Figures struct {
	Space           string  `json:"space"`
	Classes         int     `json:"classes"`
	Variables       int     `json:"variables"`
	Attached        int64   `json:"attached_total"`
	Freed           int64   `json:"freed_total"`
	Taken           int64   `json:"taken_total"`
	Collected       int64   `json:"collected_total"`
	Bytes           uintptr `json:"bytes"`
	HeldBytes       uintptr `json:"held_bytes"`
	TableSlots      int     `json:"table_slots"`
	TableUsedSlots  int     `json:"table_used_slots"`
	TableBytes      int     `json:"table_bytes"`
	TableMigrations uint64  `json:"table_migrations_total"`
	Migrating       bool    `json:"table_migrating"`

	Class []ClassFigures `json:"class,omitempty"` // with Options.Classes
}

// ClassFigures are the figures of one class, those of [shadow.ClassStats].
type ClassFigures struct {
	ID        string  `json:"id"` // as "0x1f": JavaScript's numbers end at 53 bits
	Name      string  `json:"name"`
	Lifetime  string  `json:"lifetime"`
	Type      string  `json:"type"`
	Variables int     `json:"variables"`
	Attached  int64   `json:"attached_total"`
	Freed     int64   `json:"freed_total"`
	Taken     int64   `json:"taken_total"`
	Collected int64   `json:"collected_total"`
	Bytes     uintptr `json:"bytes"`
	HeldBytes uintptr `json:"held_bytes"`
}

// Func returns a variable for [expvar.Publish] whose value is the [Figures] of a space at the moment of asking. opts may be nil.
//
// Asking costs what [shadow.Space.Stats] costs, time in proportion to the variables, and stops nobody. The
// variable keeps its space, and no parent.
func Func(opts *Options) expvar.Func {
	if opts == nil {
		opts = new(Options)
	}
	s, classes := opts.Space, opts.Classes
	if s == nil {
		s = shadow.Default()
	}
	return func() any { return figuresOf(s, classes) }
}

func figuresOf(s *shadow.Space, classes bool) Figures {
	st := s.Stats()
	f := Figures{
		Space: st.Name, Classes: st.Classes, Variables: st.Live,
		Attached: st.Attached, Freed: st.Freed, Taken: st.Taken, Collected: st.Collected,
		Bytes: st.BytesLive, HeldBytes: st.BytesHeld,
		TableSlots: st.TableSlots, TableUsedSlots: st.TableUsed, TableBytes: st.TableBytes,
		TableMigrations: st.TableMigrations, Migrating: st.Migrating,
	}
	if !classes {
		return f
	}
	for c := range s.Classes() {
		f.Class = append(f.Class, ClassFigures{
			ID: fmt.Sprintf("%#x", uint64(c.ID)), Name: c.Name, Lifetime: c.Lifetime.String(), Type: c.Type, Variables: c.Live,
			Attached: c.Attached, Freed: c.Freed, Taken: c.Taken, Collected: c.Collected, Bytes: c.BytesLive, HeldBytes: c.BytesHeld,
		})
	}
	return f
}
