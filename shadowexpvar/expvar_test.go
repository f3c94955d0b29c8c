package shadowexpvar_test

import (
	"encoding/json"
	"expvar"
	"reflect"
	"strings"
	"testing"

	"github.com/shadowvars/shadow"
	"github.com/shadowvars/shadow/shadowexpvar"
)

type conn struct{ id, port int }

// ask reads a variable as who fetches /debug/vars does.
func ask(t *testing.T, v expvar.Var) (f shadowexpvar.Figures) {
	t.Helper()
	d := json.NewDecoder(strings.NewReader(v.String()))
	d.DisallowUnknownFields()
	if err := d.Decode(&f); err != nil {
		t.Fatalf("%v: %s", err, v)
	}
	return f
}

func TestFunc(t *testing.T) {
	// Ensure that the value is the space's statistics at the moment of asking, with the classes if they are asked for, also for hostile names.
	s := shadow.NewSpace(&shadow.SpaceOptions{Name: "space"})
	name := "</script>\n\"\xff"
	v := shadow.MustNew(shadow.ID(1<<64-1), &shadow.Options[conn, int]{Space: s, Name: name, Lifetime: shadow.Pinned})
	totals, all := shadowexpvar.Func(&shadowexpvar.Options{Space: s}), shadowexpvar.Func(&shadowexpvar.Options{Space: s, Classes: true})
	if f := ask(t, totals); f.Variables != 0 || f.Classes != 1 || f.Space != "space" {
		t.Errorf("%+v", f)
	}
	for range 10 {
		v.Alloc(new(conn), nil)
	}
	c := new(conn)
	v.Alloc(c, nil)
	v.Take(c)
	f := ask(t, totals)
	st := s.Stats()
	want := shadowexpvar.Figures{
		Space: "space", Classes: 1, Variables: 10, Attached: 11, Taken: 1, Bytes: st.BytesLive, HeldBytes: st.BytesHeld,
		TableSlots: st.TableSlots, TableUsedSlots: st.TableUsed, TableBytes: st.TableBytes, TableMigrations: st.TableMigrations,
	}
	if !reflect.DeepEqual(f, want) || st.BytesLive == 0 || st.TableBytes == 0 {
		t.Errorf("got  %+v\nwant %+v", f, want)
	}
	f = ask(t, all)
	if len(f.Class) != 1 {
		t.Fatalf("%+v", f)
	}
	got := f.Class[0]
	if got.ID != "0xffffffffffffffff" || got.Name != strings.ToValidUTF8(name, "\ufffd") || got.Lifetime != "Pinned" || got.Type != "Var[shadowexpvar_test.conn, int]" ||
		got.Variables != 10 || got.Taken != 1 || got.Attached != 11 || got.Freed != 0 || got.Bytes != st.BytesLive || got.HeldBytes != st.BytesHeld {
		t.Errorf("%+v", got)
	}
}

func TestDefault(t *testing.T) {
	// Ensure that without options it is the default space, and that nothing is published by importing.
	if f := ask(t, shadowexpvar.Func(nil)); f.Space != "default" || f.Class != nil {
		t.Errorf("%+v", f)
	}
	expvar.Do(func(v expvar.KeyValue) {
		if v.Key != "cmdline" && v.Key != "memstats" {
			t.Errorf("%q is published", v.Key)
		}
	})
}
