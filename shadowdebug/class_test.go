package shadowdebug_test

import (
	"fmt"
	"runtime"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/shadowvars/shadow"
	"github.com/shadowvars/shadow/shadowdebug"
)

type classPage struct {
	Space  string
	Class  row
	Detail struct {
		Kind, Parent, Data string
		DataSize           uintptr
		Handles            int64
		Destructor, Format bool
		Memory             []struct{ Live, Dead, Fresh int }
		Parents            []string
		IDs                []struct{ IDs, Parents int }
		Rate               int
		Ages               []struct {
			Age       string
			Variables int
		}
		Sampled int
	}
}

func TestClass(t *testing.T) {
	// Ensure that a class's page says what the class is, how its memory is used, whose its variables are and how many ids these have.
	s := newSpace(t, "classes")
	h := shadowdebug.Handler(newSpace(t, "other"), s)
	objs := make([]conn, 1000)
	at := map[string]bool{}
	for i := range objs {
		at[fmt.Sprintf("%p", &objs[i])] = true
	}
	for i, l := range lifetimes {
		id := shadow.ID(10 * (i + 1))
		v := shadow.MustNew(id, &shadow.Options[conn, [16]byte]{Space: s, Name: "values", Lifetime: l, Format: func(*[16]byte) string { return "" }})
		second := shadow.MustNew(id, &shadow.Options[conn, [16]byte]{Space: s, Lifetime: l})
		a := shadow.MustNewAny(id+1, &shadow.AnyOptions[note]{Space: s, Lifetime: l, Destroy: func(any, *note) {}})
		b := shadow.MustNewBytes(id+2, &shadow.BytesOptions[conn]{Space: s, Lifetime: l})
		for j := range objs {
			obj := &objs[j]
			must[*[16]byte](t)(v.Alloc(obj, nil))
			if j%4 == 0 {
				must[*note](t)(a.Alloc(obj, nil))
			}
			if j%8 == 0 {
				must[[]byte](t)(b.Alloc(obj, nil, 3))
			}
		}
		for j := range objs {
			if j%8 == 7 {
				v.Free(&objs[j])
			}
		}
		p := read[classPage](t, h, "space", "1", "class", fmt.Sprint(id))
		d := p.Detail
		if p.Space != "classes" || p.Class.Lifetime != l.String() || p.Class.Live != 875 || p.Class.Ended != 125 || d.Kind != "Var" || d.Parent != "shadowdebug_test.conn" ||
			d.Data != "[16]uint8" || d.DataSize != 16 || d.Handles != 2 || d.Destructor || !d.Format {
			t.Errorf("%v: %+v", l, p)
		}
		live, dead, slots := 0, 0, 0
		for _, m := range d.Memory {
			live, dead, slots = live+m.Live, dead+m.Dead, slots+m.Live+m.Dead+m.Fresh
		}
		if live != 875 || dead != 125 || slots != p.Class.Chunks*p.Class.SlotsPerChunk || len(d.Memory) < 20 {
			t.Errorf("%v: %d live, %d dead, %d slots in %d parts of %+v", l, live, dead, slots, len(d.Memory), p.Class)
		}
		// Of eight parents, one has three ids, one has two, and five of the six others one.
		counted := fmt.Sprint(d.IDs)
		if want := "[{1 625} {2 125} {3 125}]"; counted != want || d.Sampled != 875 {
			t.Errorf("%v: %s of %d, want %s", l, counted, d.Sampled, want)
		}
		if len(d.Parents) != 60 || len(slices.Compact(slices.Sorted(slices.Values(d.Parents)))) != 60 {
			t.Errorf("%v: %d parents", l, len(d.Parents))
		}
		for _, p := range d.Parents {
			if !at[p] {
				t.Errorf("%v: %s is no parent", l, p)
			}
		}
		if d := read[classPage](t, h, "space", "1", "class", fmt.Sprint(id+1)).Detail; d.Kind != "Any" || d.Parent != "" || !d.Destructor || d.Sampled != 250 {
			t.Errorf("%v: %+v", l, d)
		}
		if d := read[classPage](t, h, "space", "1", "class", fmt.Sprint(id+2)).Detail; d.Kind != "Bytes" || d.Data != "[]byte" || d.DataSize != 0 {
			t.Errorf("%v: %+v", l, d)
		}
		for _, class := range []shadow.ID{id, id + 1, id + 2} {
			sane(t, get(t, h, "space", "1", "class", fmt.Sprint(class)))
			if text := get(t, h, "space", "1", "class", fmt.Sprint(class), "format", "text"); !strings.Contains(text, "ids of ") || !strings.Contains(text, "some parents") {
				t.Error(text)
			}
		}
		v.Close()
		second.Close()
		a.Close()
		b.Close()
	}
	runtime.KeepAlive(objs)
}

func TestClassIsSampled(t *testing.T) {
	// Ensure that of a large class parents from all over its memory are looked at, and not all, and that one under construction is not among them.
	s := newSpace(t, "large")
	h := shadowdebug.Handler(s)
	v := shadow.MustNew(1, &shadow.Options[conn, note]{Space: s, Lifetime: shadow.Manual})
	objs := make([]conn, 30_000)
	for i := range objs {
		must[*note](t)(v.Alloc(&objs[i], nil))
	}
	d := read[classPage](t, h, "class", "1").Detail
	if d.Sampled != 2000 || len(d.Memory) > 160 || len(d.Memory) < 100 {
		t.Errorf("%d parents, %d parts", d.Sampled, len(d.Memory))
	}
	var numbers []int
	for _, p := range d.Parents {
		for i := range objs {
			if fmt.Sprintf("%p", &objs[i]) == p {
				numbers = append(numbers, i)
			}
		}
	}
	if len(numbers) != 60 || slices.Min(numbers) > 3000 || slices.Max(numbers) < 27_000 {
		t.Errorf("parents %v", numbers)
	}
	if page := get(t, h, "class", "1"); !strings.Contains(page, "of 2\u202f000 of 30\u202f000 parents") {
		t.Error("the page does not say that it is a sample")
	}
	v.FreeAll()
	built := new(conn)
	v.AllocFunc(built, func(*note) error {
		if p := read[classPage](t, h, "class", "1"); p.Class.Building != 1 || p.Class.Live != 0 || p.Detail.Sampled != 0 {
			t.Errorf("%+v", p)
		}
		if o := read[object](t, h, "addr", fmt.Sprintf("%p", built)); len(o.Variables) != 0 {
			t.Errorf("%+v", o)
		}
		return nil
	})
	runtime.KeepAlive(&objs)
}

func TestAges(t *testing.T) {
	// Ensure that the page of a class with a profile says how old its recorded variables are, in all forms, and that of another class says nothing of it.
	synctest.Test(t, func(t *testing.T) {
		s := newSpace(t, "ages")
		h := shadowdebug.Handler(s)
		objs := make([]conn, 60)
		profiled := shadow.MustNew(1, &shadow.Options[conn, note]{Space: s, Lifetime: shadow.Manual, Profile: 1})
		other := shadow.MustNew(2, &shadow.Options[conn, note]{Space: s, Lifetime: shadow.Manual})
		attach := func(from, to int) {
			for i := from; i < to; i++ {
				must[*note](t)(profiled.Alloc(&objs[i], nil))
				must[*note](t)(other.Alloc(&objs[i], nil))
			}
		}
		attach(0, 10)
		profiled.Free(&objs[0])
		time.Sleep(25 * time.Hour)
		attach(10, 30)
		time.Sleep(30 * time.Second)
		attach(30, 59)
		time.Sleep(900 * time.Millisecond)
		attach(59, 60)

		p := read[classPage](t, h, "class", "1")
		if got, want := fmt.Sprint(p.Detail.Ages), "[{below 1 s 30} {below 10 s 0} {below 1 min 20} {below 10 min 0} {below 1 h 0} {below 1 d 0} {1 d or more 9}]"; got != want {
			t.Errorf("the ages are %s, want %s", got, want)
		}
		if page := get(t, h, "class", "1"); !strings.Contains(page, "<td class=\"s\">below 1 min</td><td class=\"n\">20</td>") {
			t.Errorf("the page is\n%s", page)
		}
		if text := get(t, h, "class", "1", "format", "text"); !strings.Contains(text, "below 1 min   20\n") {
			t.Errorf("the text is\n%s", text)
		}
		if p := read[classPage](t, h, "class", "2"); p.Detail.Ages != nil || p.Detail.Rate != 0 || strings.Contains(get(t, h, "class", "2"), "Age") {
			t.Error("a class without a profile has ages")
		}
		runtime.KeepAlive(objs)
	})
}
