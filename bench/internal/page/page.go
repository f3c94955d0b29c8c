// Package page makes the report: one file that needs no other, with plots for light and dark, readable on a phone.
package page

import (
	_ "embed"
	"html/template"
	"io"
	"slices"
	"strings"

	"github.com/shadowvars/shadow/bench/internal/figures"
	"github.com/shadowvars/shadow/bench/internal/work"
)

//go:embed page.html
var text string

var tmpl = template.Must(template.New("page").Parse(text))

// section is a part of the page with its plots and tables.
type section struct {
	ID, Title, Note string
	Legend          []entry
	Figures         []figure
	Grids           []figures.Grid
	Open            bool // the tables are shown at once
}

type entry struct {
	Name, Class string
	Look        int
}

type figure struct {
	Title, Note string
	Plot        template.HTML
}

// Write writes the page.
func Write(f *figures.Figures, out io.Writer) error {
	sections, err := sectionsOf(f)
	if err != nil {
		return err
	}
	var about [][2]string
	for _, line := range f.About() {
		key, value, _ := strings.Cut(line, ": ")
		about = append(about, [2]string{key, value})
	}
	return tmpl.Execute(out, struct {
		About       [][2]string
		HowToRead   string
		Sections    []section
		Light, Dark template.CSS
	}{about, figures.HowToRead, sections, template.CSS(variables(false)), template.CSS(variables(true))})
}

// legend are the contestants' looks.
func legend(impls []string) (entries []entry) {
	for _, impl := range impls {
		look := lookOf(impl)
		var class []string
		if looks[look].minor {
			class = append(class, "thin")
		}
		if looks[look].dashed {
			class = append(class, "dashed")
		}
		entries = append(entries, entry{work.Long(impl), strings.Join(class, " "), look})
	}
	return entries
}

// inOrder sorts contestants as the legend has them.
func inOrder(impls []string) []string {
	slices.SortStableFunc(impls, func(a, b string) int { return lookOf(a) - lookOf(b) })
	return impls
}
