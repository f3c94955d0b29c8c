package shadowexpvar_test

import (
	"expvar"

	"github.com/shadowvars/shadow/shadowexpvar"
)

// What the package's comment quotes. It is not run: a name can be published once.
var _ = func() {
	expvar.Publish("shadow", shadowexpvar.Func(nil))
}
