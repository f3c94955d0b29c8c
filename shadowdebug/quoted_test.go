package shadowdebug_test

import (
	"net/http"

	"github.com/shadowvars/shadow/shadowdebug"
)

// What the package's comment quotes. It is not run: the mux is everybody's.
var _ = func() {
	http.Handle("/debug/shadow/", shadowdebug.Handler())
}
