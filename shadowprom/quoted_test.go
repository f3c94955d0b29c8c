package shadowprom_test

import (
	"github.com/prometheus/client_golang/prometheus"
	"github.com/shadowvars/shadow/shadowprom"
)

// What the package's comment quotes. It is not run: the registry is everybody's.
var _ = func() {
	prometheus.MustRegister(shadowprom.NewCollector(nil))
}
