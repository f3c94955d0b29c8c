package page

import (
	"fmt"
	"html/template"
	"io"
	"strings"

	"github.com/shadowvars/shadow/bench/internal/figures"
)

// How the picture is laid out: panels in two columns, a line of text above each.
const (
	panelGap     = 24
	panelHeading = 26
	pictureWidth = 2*plotWidth + panelGap
)

// Picture draws the main job's figures as one SVG that needs nothing else, for light and dark. It draws nothing, and says so, if the
// job is not among the figures.
func Picture(f *figures.Figures, out io.Writer) (drawn bool, err error) {
	var body strings.Builder
	top, height, column := 0, 0, 0
	for _, w := range []weight{
		{"get-ns/op", "look up", duration}, {"gc-ns", "a collection takes longer by", duration},
		{"attach-ns/op", "attach, from empty", duration}, {"B/var", "memory for a note of 16 bytes", size},
	} {
		places := f.Places("Syntax", "", w.unit)
		if len(places) == 0 {
			continue
		}
		all := barsAt(f, places[len(places)-1], w.unit)
		plot, err := bars(w.title, all, w.label)
		if err != nil {
			return false, err
		}
		x := column * (plotWidth + panelGap)
		tall := int(barsHeight(len(all)))
		fmt.Fprintf(&body, `<text x="%d" y="%d" font-weight="600">%s</text>`, x+10, top+17, template.HTMLEscapeString(w.title))
		body.WriteString(strings.Replace(string(plot), "<svg ", fmt.Sprintf(`<svg x="%d" y="%d" width="%d" height="%d" font-size="11" `, x, top+panelHeading, plotWidth, tall), 1))
		height = max(height, top+panelHeading+tall)
		if column = 1 - column; column == 0 {
			top = height + panelGap/2
		}
	}
	if body.Len() == 0 {
		return false, nil
	}
	_, err = fmt.Fprintf(out, `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %d %d" width="%d" height="%d" font-family="Arial,'Liberation Sans',Helvetica,sans-serif" font-size="14" fill="currentColor" role="img" aria-label="the main job, contestant by contestant; lower is better">
<style>:root{color:#1c2430;--grid:#dde1e7;%s}@media (prefers-color-scheme:dark){:root{color:#e4e8ee;--grid:#303946;%s}}</style>
%s
</svg>
`, pictureWidth, height, pictureWidth, height, variables(false), variables(true), body.String())
	return true, err
}
