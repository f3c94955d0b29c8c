package shadowprom_test

import (
	"fmt"
	"strings"
	"sync"
	"testing"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/testutil"
	"github.com/shadowvars/shadow"
	"github.com/shadowvars/shadow/shadowprom"
)

type conn struct{ id, port int }

// busy is a space with ten variables of a class; one more was taken.
func busy(name, class string) (*shadow.Space, *shadow.Var[conn, int]) {
	s := shadow.NewSpace(&shadow.SpaceOptions{Name: name})
	v := shadow.MustNew(1<<64-1, &shadow.Options[conn, int]{Space: s, Name: class, Lifetime: shadow.Pinned})
	for range 10 {
		v.Alloc(new(conn), nil)
	}
	c := new(conn)
	v.Alloc(c, nil)
	v.Take(c)
	return s, v
}

// expected is what a scrape of a busy space gives, but for the classes.
func expected(s *shadow.Space) string {
	st := s.Stats()
	var b strings.Builder
	for _, m := range []struct {
		name, help, kind string
		value            any
	}{
		{"shadow_attached_total", "Variables that were ever attached.", "counter", 11},
		{"shadow_bytes", "Bytes that live variables take.", "gauge", st.BytesLive},
		{"shadow_classes", "Open classes.", "gauge", 1},
		{"shadow_collected_total", "Variables that ended because their parents were collected.", "counter", 0},
		{"shadow_freed_total", "Variables that ended by being freed.", "counter", 0},
		{"shadow_held_bytes", "Bytes of variables' memory that is not given back yet.", "gauge", st.BytesHeld},
		{"shadow_table_bytes", "Bytes of the table.", "gauge", st.TableBytes},
		{"shadow_table_migrating", "Whether the table is being migrated.", "gauge", 0},
		{"shadow_table_migrations_total", "Migrations of the table that are completed.", "counter", st.TableMigrations},
		{"shadow_table_slots", "Slots of the table.", "gauge", st.TableSlots},
		{"shadow_table_used_slots", "Slots of the table that have a key, dead ones included; an estimate.", "gauge", st.TableUsed},
		{"shadow_taken_total", "Variables that were detached by Take.", "counter", 1},
		{"shadow_variables", "Variables that are present.", "gauge", 10},
	} {
		fmt.Fprintf(&b, "# HELP %s %s\n# TYPE %s %s\n%s{space=%q} %v\n", m.name, m.help, m.name, m.kind, m.name, st.Name, m.value)
	}
	return b.String()
}

func TestCollector(t *testing.T) {
	// Ensure that a scrape gives the statistics of its space under the documented names and kinds, and nothing by class unless asked.
	s, _ := busy("one", "hits")
	if err := testutil.CollectAndCompare(shadowprom.NewCollector(&shadowprom.Options{Space: s}), strings.NewReader(expected(s))); err != nil {
		t.Error(err)
	}
}

func TestClasses(t *testing.T) {
	// Ensure that each class has its figures and labels if they are asked for, and none once it is closed; hostile names are made harmless.
	s, v := busy("one", "a\"b\n</script>\xff")
	shadow.MustNewAny(1, &shadow.AnyOptions[int]{Space: s, Name: "tags"})
	c := shadowprom.NewCollector(&shadowprom.Options{Space: s, Classes: true})
	const help = "# HELP shadow_class_variables Variables of the class that are present.\n# TYPE shadow_class_variables gauge\n"
	const tags = `shadow_class_variables{class="tags",id="0x1",lifetime="Collected",space="one",type="Any[int]"} 0` + "\n"
	const hostile = `shadow_class_variables{class="a\"b\n</script>` + "\ufffd" + `",id="0xffffffffffffffff",lifetime="Pinned",space="one",type="Var[shadowprom_test.conn, int]"} 10` + "\n"
	if err := testutil.CollectAndCompare(c, strings.NewReader(help+hostile+tags), "shadow_class_variables"); err != nil {
		t.Error(err)
	}
	if n := testutil.CollectAndCount(c); n != 13+2*7 {
		t.Errorf("%d metrics", n)
	}
	v.Close()
	if err := testutil.CollectAndCompare(c, strings.NewReader(help+tags), "shadow_class_variables"); err != nil {
		t.Error(err)
	}
}

func TestLint(t *testing.T) {
	// Ensure that names, units and kinds are as Prometheus wants them.
	s, _ := busy("one", "hits")
	problems, err := testutil.CollectAndLint(shadowprom.NewCollector(&shadowprom.Options{Space: s, Classes: true}))
	if err != nil || len(problems) > 0 {
		t.Error(problems, err)
	}
}

func TestRegister(t *testing.T) {
	// Ensure that nothing is registered by importing or making a collector, that several spaces can be, and that a registry refuses two of one name.
	one, _ := busy("one", "hits")
	two, _ := busy("two", "hits")
	same, _ := busy("one", "hits")
	r := prometheus.NewPedanticRegistry()
	for _, s := range []*shadow.Space{nil, one, two} {
		if err := r.Register(shadowprom.NewCollector(&shadowprom.Options{Space: s, Classes: true})); err != nil {
			t.Error(err)
		}
	}
	if err := r.Register(shadowprom.NewCollector(&shadowprom.Options{Space: same, Classes: true})); err == nil {
		t.Error("two spaces of one name")
	}
	if families, err := r.Gather(); err != nil || len(families) != 20 {
		t.Error(len(families), err)
	}
	all, err := prometheus.DefaultGatherer.Gather()
	if err != nil {
		t.Error(err)
	}
	for _, f := range all {
		if strings.HasPrefix(f.GetName(), "shadow") {
			t.Errorf("%s is registered", f.GetName())
		}
	}
}

func TestScrapesAtOnce(t *testing.T) {
	// Ensure that scrapes and changes of what they look at go together.
	s, v := busy("one", "hits")
	r := prometheus.NewPedanticRegistry()
	r.MustRegister(shadowprom.NewCollector(&shadowprom.Options{Space: s, Classes: true}))
	var work sync.WaitGroup
	for w := range 4 {
		work.Go(func() {
			for i := range 50 {
				if w%2 == 0 {
					if _, err := r.Gather(); err != nil {
						t.Error(err)
					}
					continue
				}
				v.Alloc(new(conn), nil)
				other, err := shadow.New(shadow.ID(w*100+i), &shadow.Options[conn, int]{Space: s})
				if err != nil {
					t.Error(err)
					return
				}
				other.Close()
			}
		})
	}
	work.Wait()
}

// BenchmarkScrape is what a scrape takes where a million variables are in fifty classes, with the metrics of each: divided by the time between two scrapes, the
// part of one processor that is lost to those who work. They are not slowed down otherwise, because a scrape writes nothing that they read.
func BenchmarkScrape(b *testing.B) {
	s := shadow.NewSpace(nil)
	for id := range shadow.ID(50) {
		v := shadow.MustNew(id, &shadow.Options[conn, int]{Space: s, Name: fmt.Sprint(id), Lifetime: shadow.Pinned})
		for range 20_000 {
			v.Alloc(new(conn), nil)
		}
	}
	r := prometheus.NewPedanticRegistry()
	r.MustRegister(shadowprom.NewCollector(&shadowprom.Options{Space: s, Classes: true}))
	for b.Loop() {
		if _, err := r.Gather(); err != nil {
			b.Error(err)
		}
	}
}
