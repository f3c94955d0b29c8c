//go:build cgo

// Cgohandle gives C objects Go state. The usual way is a cgo.Handle in a field that the C library has left for its user's pointer; this C
// library has left none. So the state is attached to the C object's address, under Manual, because the collector
// knows nothing of C memory, and is freed when C frees the object.
package main

// #include "widget.h"
import "C"

import (
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/shadowvars/shadow"
)

// handler is the Go side of a widget.
type handler struct{ clicked func(times int) }

var handlers = shadow.MustNew(shadow.NameID("example/cgohandle"), &shadow.Options[C.widget, handler]{
	Name:     "widget handlers",
	Lifetime: shadow.Manual,
})

func newWidget(clicked func(times int)) (*C.widget, error) {
	w := C.widget_new()
	if _, err := handlers.Alloc(w, &handler{clicked}); err != nil {
		C.widget_free(w)
		return nil, err
	}
	return w, nil
}

// freeWidget frees the state first: the address may be another widget's at once.
func freeWidget(w *C.widget) {
	handlers.Free(w)
	C.widget_free(w)
}

//export widgetClicked
func widgetClicked(w *C.widget) {
	if h := handlers.Get(w); h != nil {
		h.clicked(int(w.clicks))
	}
}

func demo(out io.Writer) error {
	w, err := newWidget(func(times int) { fmt.Fprintf(out, "clicked %d times\n", times) })
	if err != nil {
		return err
	}
	C.widget_click(w)
	C.widget_click(w)
	freeWidget(w)

	// A C object of which nobody has told us.
	w = C.widget_new()
	C.widget_click(w)
	collected, err := shadow.New[C.widget, handler](shadow.NameID("example/cgohandle/collected"), nil)
	if err != nil {
		return err
	}
	defer collected.Close()
	_, err = collected.Alloc(w, nil)
	fmt.Fprintln(out, "under Collected:", errors.Is(err, shadow.ErrForeign))
	C.widget_free(w)
	fmt.Fprintln(out, handlers.Len(), "handlers left")
	return nil
}

func main() {
	if err := demo(os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
