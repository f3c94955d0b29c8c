package shadowprom_test

import (
	"fmt"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/shadowvars/shadow"
	"github.com/shadowvars/shadow/shadowprom"
)

func ExampleNewCollector() {
	space := shadow.NewSpace(&shadow.SpaceOptions{Name: "sessions"})
	hits := shadow.MustNew(1, &shadow.Options[conn, int]{Space: space, Lifetime: shadow.Pinned})
	hits.Alloc(new(conn), nil)

	registry := prometheus.NewRegistry() // or the default one
	registry.MustRegister(shadowprom.NewCollector(&shadowprom.Options{Space: space}))
	families, err := registry.Gather()
	for _, f := range families {
		if f.GetName() == "shadow_variables" {
			fmt.Println(f.GetMetric()[0].GetLabel()[0].GetValue(), f.GetMetric()[0].GetGauge().GetValue(), err)
		}
	}
	// Output: sessions 1 <nil>
}

func ExampleOptions() {
	// With Classes there is a time series for each class, too.
	space := shadow.NewSpace(nil)
	shadow.MustNew(1, &shadow.Options[conn, int]{Space: space, Name: "hits"})
	registry := prometheus.NewRegistry()
	registry.MustRegister(shadowprom.NewCollector(&shadowprom.Options{Space: space, Classes: true}))
	families, _ := registry.Gather()
	fmt.Println(families[0].GetName())
	// Output: shadow_attached_total
}
