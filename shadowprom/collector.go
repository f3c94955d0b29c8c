// Package shadowprom shows the figures of shadow variables to Prometheus.
//
//	prometheus.MustRegister(shadowprom.NewCollector(nil))
//
// One collector is for one space; a program with several registers several, and the registry refuses two spaces of one name.
//
//	shadow_classes                   open classes
//	shadow_variables                 variables that are present
//	shadow_attached_total            variables that were ever attached
//	shadow_freed_total               variables ended by being freed
//	shadow_taken_total               variables ended by Take
//	shadow_collected_total           variables ended because their parents were collected
//	shadow_bytes                     bytes that live variables take
//	shadow_held_bytes                bytes of the memory that variables lie in
//	shadow_table_slots               slots of the table
//	shadow_table_used_slots          those that have a key
//	shadow_table_bytes               bytes of the table
//	shadow_table_migrations_total    migrations completed
//	shadow_table_migrating           1 while one is under way
//
// With [Options].Classes there are shadow_class_variables, shadow_class_attached_total, shadow_class_freed_total, shadow_class_taken_total, shadow_class_collected_total,
// shadow_class_bytes and shadow_class_held_bytes as well, by class: as many time series as a program has classes.
//
// It is a module of its own, because it needs github.com/prometheus/client_golang.
package shadowprom

import (
	"fmt"
	"strings"
	"sync"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/shadowvars/shadow"
)

// Options are the options of [NewCollector]. The zero value is good.
type Options struct {
	Space   *shadow.Space // nil: the default one
	Classes bool          // whether there are metrics for each class, too
}

// NewCollector returns a collector of a space's metrics, to be registered by the caller. opts may be nil. Each metric has the label
// "space" with the space's name, and those of classes have "class" (the name), "id", "lifetime" and "type" (the handle's) besides.
//
// A scrape takes one [shadow.Space.Stats], which costs time in proportion to the variables, and with Options.Classes the figures of the
// classes once more. It stops nobody and counts nothing that the library does not count anyway. The collector keeps its space, and no parent.
func NewCollector(opts *Options) prometheus.Collector {
	if opts == nil {
		opts = new(Options)
	}
	c := &collector{space: opts.Space, classes: opts.Classes}
	if c.space == nil {
		c.space = shadow.Default()
	}
	c.totals, c.byClass = describe(totals, nil, c.labels()), describe(byClass, []string{"class", "id", "lifetime", "type"}, c.labels())
	return c
}

// metric is one figure of an S, which is Stats or ClassStats.
type metric[S any] struct {
	name, help string
	kind       prometheus.ValueType
	of         func(S) float64
}

const (
	gauge   = prometheus.GaugeValue
	counter = prometheus.CounterValue
)

var totals = []metric[shadow.Stats]{
	{"shadow_classes", "Open classes.", gauge, func(s shadow.Stats) float64 { return float64(s.Classes) }},
	{"shadow_variables", "Variables that are present.", gauge, func(s shadow.Stats) float64 { return float64(s.Live) }},
	{"shadow_attached_total", "Variables that were ever attached.", counter, func(s shadow.Stats) float64 { return float64(s.Attached) }},
	{"shadow_freed_total", "Variables that ended by being freed.", counter, func(s shadow.Stats) float64 { return float64(s.Freed) }},
	{"shadow_taken_total", "Variables that were detached by Take.", counter, func(s shadow.Stats) float64 { return float64(s.Taken) }},
	{"shadow_collected_total", "Variables that ended because their parents were collected.", counter, func(s shadow.Stats) float64 { return float64(s.Collected) }},
	{"shadow_bytes", "Bytes that live variables take.", gauge, func(s shadow.Stats) float64 { return float64(s.BytesLive) }},
	{"shadow_held_bytes", "Bytes of variables' memory that is not given back yet.", gauge, func(s shadow.Stats) float64 { return float64(s.BytesHeld) }},
	{"shadow_table_slots", "Slots of the table.", gauge, func(s shadow.Stats) float64 { return float64(s.TableSlots) }},
	{"shadow_table_used_slots", "Slots of the table that have a key, dead ones included; an estimate.", gauge, func(s shadow.Stats) float64 { return float64(s.TableUsed) }},
	{"shadow_table_bytes", "Bytes of the table.", gauge, func(s shadow.Stats) float64 { return float64(s.TableBytes) }},
	{"shadow_table_migrations_total", "Migrations of the table that are completed.", counter, func(s shadow.Stats) float64 { return float64(s.TableMigrations) }},
	{"shadow_table_migrating", "Whether the table is being migrated.", gauge, func(s shadow.Stats) float64 { return float64(oneIf(s.Migrating)) }},
}

var byClass = []metric[shadow.ClassStats]{
	{"shadow_class_variables", "Variables of the class that are present.", gauge, func(s shadow.ClassStats) float64 { return float64(s.Live) }},
	{"shadow_class_attached_total", "Variables of the class that were ever attached.", counter, func(s shadow.ClassStats) float64 { return float64(s.Attached) }},
	{"shadow_class_freed_total", "Variables of the class that ended by being freed.", counter, func(s shadow.ClassStats) float64 { return float64(s.Freed) }},
	{"shadow_class_taken_total", "Variables of the class that were detached by Take.", counter, func(s shadow.ClassStats) float64 { return float64(s.Taken) }},
	{"shadow_class_collected_total", "Variables of the class that ended because their parents were collected.", counter, func(s shadow.ClassStats) float64 { return float64(s.Collected) }},
	{"shadow_class_bytes", "Bytes that the class's live variables take.", gauge, func(s shadow.ClassStats) float64 { return float64(s.BytesLive) }},
	{"shadow_class_held_bytes", "Bytes of the class's memory that is not given back yet.", gauge, func(s shadow.ClassStats) float64 { return float64(s.BytesHeld) }},
}

func oneIf(b bool) int {
	if b {
		return 1
	}
	return 0
}

// describe makes the descriptors of some metrics, in their order.
func describe[S any](metrics []metric[S], labels []string, fixed prometheus.Labels) (descriptors []*prometheus.Desc) {
	for _, m := range metrics {
		descriptors = append(descriptors, prometheus.NewDesc(m.name, m.help, labels, fixed))
	}
	return descriptors
}

type collector struct {
	space           *shadow.Space
	classes         bool
	totals, byClass []*prometheus.Desc

	mu      sync.Mutex // held through a scrape
	reached heights
}

// heights are the greatest values that counters had, by their names and classes. The library's figures are taken while others go on, so a count of what
// has been freed can be a little less than the time before; a counter that falls is taken for one that began anew.
type heights map[string]float64

// keep returns the greatest value of a counter so far, out of what was reached before, and notes it in h.
func (h heights) keep(before heights, name string, value float64) float64 {
	h[name] = max(value, before[name])
	return h[name]
}

func (c *collector) labels() prometheus.Labels {
	return prometheus.Labels{"space": valid(c.space.Stats().Name)}
}

// valid is a name as Prometheus takes it.
func valid(name string) string { return strings.ToValidUTF8(name, "\ufffd") }

// Describe is called by the registry when the collector is registered.
func (c *collector) Describe(to chan<- *prometheus.Desc) {
	for _, d := range c.totals {
		to <- d
	}
	if c.classes {
		for _, d := range c.byClass {
			to <- d
		}
	}
}

// Collect is called by the registry at each scrape.
func (c *collector) Collect(to chan<- prometheus.Metric) {
	c.mu.Lock()
	defer c.mu.Unlock()
	before := c.reached
	c.reached = heights{} // without the classes that are gone: should one come back, it begins anew
	st := c.space.Stats()
	for i, m := range totals {
		value := m.of(st)
		if m.kind == counter {
			value = c.reached.keep(before, m.name, value)
		}
		to <- prometheus.MustNewConstMetric(c.totals[i], m.kind, value)
	}
	if !c.classes {
		return
	}
	for st := range c.space.Classes() {
		for i, m := range byClass {
			value := m.of(st)
			if m.kind == counter {
				value = c.reached.keep(before, fmt.Sprintf("%s %#x", m.name, uint64(st.ID)), value)
			}
			to <- prometheus.MustNewConstMetric(c.byClass[i], m.kind, value,
				valid(st.Name), fmt.Sprintf("%#x", uint64(st.ID)), st.Lifetime.String(), valid(st.Type))
		}
	}
}
