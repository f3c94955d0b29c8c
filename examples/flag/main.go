// Flag shows a variable whose presence alone decides: its data has no size. Requests that a new version of a program has accepted
// carry it, requests that were in flight before do not, and those have to be answered the old way to their end. (The
// kernel's users fix security holes in running systems like this.)
package main

import (
	"fmt"
	"io"
	"os"

	"github.com/shadowvars/shadow"
)

// Request belongs to somebody else: it cannot be given a field.
type Request struct {
	User string
	Size int
}

// checked marks requests whose size was validated when they were accepted.
var checked = shadow.MustNew(shadow.NameID("example/checked"), &shadow.Options[Request, struct{}]{Name: "checked"})

// acceptOld is the version with the hole: it validates nothing.
func acceptOld(user string, size int) *Request { return &Request{user, size} }

// acceptNew validates, and says so on the request.
func acceptNew(user string, size int) *Request {
	r := &Request{user, min(max(size, 0), 100)}
	checked.Alloc(r, nil)
	return r
}

// serve trusts the size of a request only if it is known to have been validated.
func serve(w io.Writer, r *Request) {
	if checked.Has(r) {
		fmt.Fprintf(w, "%s: %d bytes\n", r.User, r.Size)
		return
	}
	if r.Size < 0 || r.Size > 100 {
		fmt.Fprintf(w, "%s: refused, accepted before the fix with size %d\n", r.User, r.Size)
		return
	}
	fmt.Fprintf(w, "%s: %d bytes, validated late\n", r.User, r.Size)
}

func demo(w io.Writer) {
	inFlight := []*Request{acceptOld("ann", 7), acceptOld("bob", 4000)}
	fresh := []*Request{acceptNew("cyd", 12), acceptNew("dan", 4000)}
	for _, r := range append(inFlight, fresh...) {
		serve(w, r)
	}
}

func main() { demo(os.Stdout) }
