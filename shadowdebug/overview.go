package shadowdebug

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/shadowvars/shadow"
)

// overview is all spaces and their classes. In JSON, Look is what to give as since next time.
type overview struct {
	Time   time.Time
	Since  *time.Time `json:",omitempty"`
	Look   string
	Spaces []spaceRow
}

// spaceRow is a space as it is shown: its statistics, and its classes in the order that was asked for.
type spaceRow struct {
	Index int
	shadow.Stats
	Change *change `json:",omitempty"`
	Rows   []*classRow

	Others others `json:"-"` // the classes that the page leaves out
	lone   bool
}

// others sums up classes that are not shown.
type others struct {
	Classes, Live int
	Held          uintptr
}

// classRow is a class as it is shown.
type classRow struct {
	shadow.ClassStats
	Lifetime string  // by name
	Key      string  // the id as parameters of a page have it
	Ended    int64   // freed, taken or collected
	Change   *change `json:",omitempty"`

	Space int     `json:"-"`
	Share float64 `json:"-"` // of the space's bytes, in percent
}

// Waste is what a class holds beyond its live variables.
func (c *classRow) Waste() uintptr { return c.BytesHeld - min(c.BytesLive, c.BytesHeld) }

// Used is the part of what a class holds that is live, in percent.
func (c *classRow) Used() int { return int(percent(min(c.BytesLive, c.BytesHeld), c.BytesHeld) + 0.5) }

func (c *classRow) growth() int64 {
	if c.Change == nil {
		return 0
	}
	return c.Change.Held
}

func (c *classRow) figures() figures {
	return figures{int64(c.Live), c.Attached, int64(c.BytesHeld)}
}

func (s spaceRow) figures() figures {
	return figures{int64(s.Live), s.Attached, int64(s.BytesHeld)}
}

// Title is the space's name, or what to call it.
func (s spaceRow) Title() string {
	switch {
	case s.Name != "":
		return s.Name
	case s.lone:
		return "space without a name"
	}
	return fmt.Sprintf("space %d, without a name", s.Index)
}

// Load is how full the table is, in percent.
func (s spaceRow) Load() int { return int(100*s.TableLoad + 0.5) }

// mostShown is how many classes a page shows if not asked for all.
const mostShown = 100

func rowOf(index int, c shadow.ClassStats, whole uintptr, since *former) *classRow {
	r := &classRow{
		ClassStats: c, Lifetime: c.Lifetime.String(), Key: fmt.Sprintf("%#x", uint64(c.ID)), Ended: c.Freed + c.Taken + c.Collected,
		Space: index, Share: percent(c.BytesHeld, whole),
	}
	r.Change = since.ofClass(index, uint64(c.ID), r.figures())
	return r
}

func (h *handler) overview(q *query) *overview {
	o := &overview{Time: now(), Since: q.sinceTime()}
	var all [][]*classRow
	for i, s := range h.spaces {
		row := spaceRow{Index: i, Stats: s.Stats(), lone: len(h.spaces) == 1}
		row.Change = q.since.ofSpace(i, row.figures())
		var rows []*classRow
		for c := range s.Classes() {
			rows = append(rows, rowOf(i, c, row.BytesHeld, q.since))
		}
		all = append(all, rows)
		row.Rows = q.choose(rows)
		o.Spaces = append(o.Spaces, row)
	}
	o.Look = remember(o.Time, o.Spaces, all).encode()
	for i := range o.Spaces {
		o.Spaces[i].cut(q)
	}
	return o
}

// choose filters and sorts classes. Whatever the order is by, equals stand in the order of their names and ids.
func (q *query) choose(rows []*classRow) []*classRow {
	chosen := make([]*classRow, 0, len(rows))
	want := strings.ToLower(q.Filter)
	for _, r := range rows {
		if strings.Contains(strings.ToLower(r.Name), want) || strings.Contains(strings.ToLower(r.Type), want) || strings.Contains(r.Key, want) {
			chosen = append(chosen, r)
		}
	}
	order := sortings[q.sort]
	slices.SortFunc(chosen, func(a, b *classRow) int {
		for _, n := range []int{order(a, b), sortings["name"](a, b)} {
			if n != 0 {
				return n
			}
		}
		if a.ID < b.ID {
			return -1
		}
		return 1
	})
	return chosen
}

// cut leaves out of a page what nobody would read.
func (s *spaceRow) cut(q *query) {
	if q.all || q.format == "json" || q.format == "text" || len(s.Rows) <= mostShown {
		return
	}
	for _, r := range s.Rows[mostShown:] {
		s.Others.Classes++
		s.Others.Live += r.Live
		s.Others.Held += r.BytesHeld
	}
	s.Rows = s.Rows[:mostShown]
}

func (q *query) sinceTime() *time.Time {
	if q.since == nil {
		return nil
	}
	return &q.since.Time
}

func (o *overview) page() string { return "overview" }
