// Command generate writes the contestants' loops: the same loop for each, with direct calls to its own adapter. A loop over an interface or over
// a type parameter would call indirectly, which costs half as much as a whole lookup in a small table.
package main

import (
	"bytes"
	_ "embed"
	"fmt"
	"go/format"
	"os"
	"text/template"
)

// adapter is a contestant's type, which has the methods load, attach, loadOrAttach and detach.
type adapter struct {
	Type string
	IDs  bool // whether it also has loadID and attachID: several kinds of data in one table
}

var adapters = []adapter{
	{"shadowTable", true},
	{"xsync4Table", true},
	{"xsync4PointerTable", false},
	{"xsync3Table", true},
	{"xsync3PointerTable", false},
	{"syncMapTable", true},
	{"syncMapPointerTable", false},
	{"haxmapTable", false},
	{"shardedTable", true},
	{"lockedMapTable", true},
	{"weakIdiomTable", false},
	{"plainMapTable", true},
}

//go:embed loops.tmpl
var loops string

var tmpl = template.Must(template.New("loops").Parse(loops))

// file is the name of what is generated for an adapter.
func (a adapter) file() string { return "loops_" + a.Type + ".go" }

func (a adapter) source() ([]byte, error) {
	var out bytes.Buffer
	if err := tmpl.Execute(&out, a); err != nil {
		return nil, err
	}
	return format.Source(out.Bytes())
}

func main() {
	for _, a := range adapters {
		text, err := a.source()
		if err == nil {
			err = os.WriteFile(a.file(), text, 0o666)
		}
		if err != nil {
			fmt.Fprintln(os.Stderr, "generate:", err)
			os.Exit(1)
		}
	}
}
