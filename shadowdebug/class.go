package shadowdebug

import (
	"fmt"
	"net/http"
	"slices"
	"time"

	"github.com/shadowvars/shadow/internal/look"
)

// classView is one class, looked at closely.
type classView struct {
	Time   time.Time
	Since  *time.Time `json:",omitempty"`
	Look   string
	Space  string
	Class  *classRow
	Detail classDetail
}

type classDetail struct {
	Kind       string
	Parent     string
	Data       string
	DataSize   uintptr
	Handles    int64
	Destructor bool
	Format     bool
	Memory     []look.Part // in the order of memory
	Rate       int         // one attachment in so many is recorded by the class's profile; 0 if it has none
	Ages       []age       // of the recorded variables
	Parents    []string    // some of the parents' addresses
	IDs        []bin       // of those, by how many of the space's classes each has a variable
	Sampled    int
}

// bin is how many parents have so many ids.
type bin struct {
	IDs     int
	Parents int
}

// age is how many variables were attached so long ago.
type age struct {
	Age       string // "below 10 s": and not below the one before
	Variables int
}

// What a class's page looks at and shows.
const (
	mostSampled = 2000 // parents, of which the ids are counted
	mostListed  = 60   // parents, of which the addresses are shown
	mostParts   = 160  // columns of the picture of memory
)

func (h *handler) class(q *query) (view, *problem) {
	s := h.spaces[q.space]
	stats := s.Stats()
	var row *classRow
	for c := range s.Classes() {
		if uint64(c.ID) == q.class {
			row = rowOf(q.space, c, stats.BytesHeld, q.since)
			break
		}
	}
	detail, open := look.ClassOf(s, q.class, mostSampled, mostParts)
	if row == nil || !open {
		return nil, wrong(http.StatusNotFound, "No class has the id %#x.", q.class)
	}
	v := &classView{Time: now(), Since: q.sinceTime(), Space: spaceRow{Index: q.space, Stats: stats, lone: len(h.spaces) == 1}.Title(), Class: row}
	v.Look = h.overview(&query{sort: "held"}).Look
	v.Detail = classDetail{
		Kind: detail.Kind, Parent: detail.Parent, Data: detail.Data, DataSize: detail.DataSize, Handles: detail.Handles,
		Destructor: detail.Destroys, Format: detail.Formats, Memory: detail.Memory,
		Rate: detail.Rate, Ages: agesOf(detail.Ages), Sampled: len(detail.Parents),
	}
	for _, addr := range spread(detail.Parents, mostListed) {
		v.Detail.Parents = append(v.Detail.Parents, fmt.Sprintf("%#x", addr))
	}
	v.Detail.IDs = bins(detail.IDs)
	return v, nil
}

// agesOf names the ages.
func agesOf(found []look.Age) (all []age) {
	last := ""
	for _, a := range found {
		name := last + " or more"
		if a.Below > 0 {
			last = round(a.Below)
			name = "below " + last
		}
		all = append(all, age{name, a.Variables})
	}
	return all
}

// spread is at most n of the addresses, from all over the list.
func spread(addrs []uintptr, n int) (some []uintptr) {
	for i := range min(n, len(addrs)) {
		some = append(some, addrs[i*len(addrs)/min(n, len(addrs))])
	}
	return some
}

// bins counts equal numbers. One that is 0 is of a parent whose variable has ended meanwhile.
func bins(ids []int) (all []bin) {
	counts := map[int]int{}
	for _, n := range ids {
		if n > 0 {
			counts[n]++
		}
	}
	for n, parents := range counts {
		all = append(all, bin{n, parents})
	}
	slices.SortFunc(all, func(a, b bin) int { return a.IDs - b.IDs })
	return all
}

func (v *classView) page() string { return "class" }

// Holds says in words what the lifetime means.
func (v *classView) Holds() string {
	switch v.Class.Lifetime {
	case "Collected":
		return "a variable ends with its parent, or when freed"
	case "Pinned":
		return "a variable keeps its parent alive until it is freed"
	}
	return "a variable ends when freed; the library keeps only the parent's address"
}

// Unnamed tells that the class has no name.
func (c *classRow) Unnamed() bool { return c.Name == "" }

// column is a part of memory as a column of a picture that is Height high: how high each of its three pieces begins, and how high it is.
type column struct {
	X, LiveY, Live, DeadY, Dead, Fresh float64
}

// The picture of memory.
const (
	columnWidth  = 4
	columnHeight = 56
)

// Columns are the parts of the picture of memory: live below, then dead, then room.
func (v *classView) Columns() (all []column) {
	for i, p := range v.Detail.Memory {
		whole := float64(max(1, p.Live+p.Dead+p.Fresh))
		c := column{X: float64(i * columnWidth), Live: columnHeight * float64(p.Live) / whole, Dead: columnHeight * float64(p.Dead) / whole}
		c.LiveY = columnHeight - c.Live
		c.DeadY = c.LiveY - c.Dead
		c.Fresh = c.DeadY
		all = append(all, c)
	}
	return all
}

// Width is that of the picture of memory.
func (v *classView) Width() int { return columnWidth * max(1, len(v.Detail.Memory)) }

// Height is that of the picture of memory.
func (v *classView) Height() int { return columnHeight }

// Memory is the sum over all parts.
func (v *classView) Memory() (sum look.Part) {
	for _, p := range v.Detail.Memory {
		sum.Live += p.Live
		sum.Dead += p.Dead
		sum.Fresh += p.Fresh
	}
	return sum
}

// Recorded is how many of the class's variables its profile has.
func (v *classView) Recorded() (sum int) {
	for _, a := range v.Detail.Ages {
		sum += a.Variables
	}
	return sum
}

// PercentOfAge is the part of the recorded variables that have an age.
func (v *classView) PercentOfAge(a age) string {
	return fmt.Sprintf("%.1f", percent(a.Variables, v.Recorded()))
}

// Percent is the part of the sampled parents that a bin has.
func (v *classView) Percent(b bin) string {
	return fmt.Sprintf("%.1f", percent(b.Parents, v.Detail.Sampled))
}
