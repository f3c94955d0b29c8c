package shadowdebug

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"github.com/shadowvars/shadow"
	"github.com/shadowvars/shadow/internal/look"
)

// objectView is everything that is attached to one object.
type objectView struct {
	Time      time.Time
	Address   string
	Variables []variableRow
	Bytes     uintptr // of all their data
}

type variableRow struct {
	Space    string
	Key      string
	Name     string
	Lifetime string
	Type     string
	Parent   string // the type of the parent
	Address  string // of the data
	Size     uintptr
	Shown    bool   // whether the class has a Format
	Contents string // what it said
	Failed   bool   `json:",omitempty"` // it did not return, and Contents is why

	Index int `json:"-"` // of the space
}

// mostContents is how many bytes of what a Format says are shown.
const mostContents = 16 << 10

func (h *handler) object(q *query) *objectView {
	v := &objectView{Time: now(), Address: fmt.Sprintf("%#x", q.addr)}
	for i, s := range h.spaces {
		title := spaceRow{Index: i, Stats: shadow.Stats{Name: look.NameOf(s)}, lone: len(h.spaces) == 1}.Title()
		for _, found := range look.VariablesOf(s, uintptr(q.addr)) {
			row := rowOfVariable(found)
			row.Index, row.Space = i, title
			v.Variables = append(v.Variables, row)
			v.Bytes += row.Size
		}
	}
	slices.SortFunc(v.Variables, func(a, b variableRow) int {
		return cmp.Or(cmp.Compare(a.Index, b.Index), cmp.Compare(a.Name, b.Name), cmp.Compare(a.Key, b.Key))
	})
	return v
}

func rowOfVariable(v look.Variable) variableRow {
	r := variableRow{
		Key: fmt.Sprintf("%#x", v.ID), Name: v.Name, Lifetime: v.Lifetime, Type: v.Type, Parent: v.Parent,
		Address: fmt.Sprintf("%#x", v.Address), Size: v.Size, Shown: v.Format != nil,
	}
	if v.Format != nil {
		r.Contents, r.Failed = contents(v.Format)
		if len(r.Contents) > mostContents {
			r.Contents = r.Contents[:mostContents] + "…"
		}
	}
	return r
}

// contents is what a class's own Format says, and whether it failed: then why. It runs in a goroutine of its own, because it may end it.
func contents(format func() string) (text string, failed bool) {
	done := make(chan struct{})
	go func() {
		defer close(done)
		text, failed = "the function ended its goroutine", true
		defer func() {
			if r := recover(); r != nil {
				text = "panic: " + fmt.Sprint(r)
			}
		}()
		said := format()
		text, failed = said, false
	}()
	<-done
	return text, failed
}

func (v *objectView) page() string { return "object" }

// Unnamed tells that the variable's class has no name.
func (r variableRow) Unnamed() bool { return r.Name == "" }
