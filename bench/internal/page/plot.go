package page

import (
	"bytes"
	"fmt"
	"html/template"
	"image/color"
	"math"
	"regexp"
	"strconv"
	"strings"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/font"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
	"gonum.org/v1/plot/vg/vgsvg"
)

// Plots are as wide as a phone, so that letters keep their size there; wide screens have several side by side.
const plotWidth, plotHeight = 380, 270

// series is one contestant's line.
type series struct {
	impl   string
	points []point
}

// point has an interval, which may be of no width.
type point struct{ x, y, lo, hi float64 }

// axis is where the places on the x axis are and what they are called.
type axis []plot.Tick

func (a axis) Ticks(float64, float64) []plot.Tick { return a }

// newPlot has the page's letters and no background of its own.
func newPlot() *plot.Plot {
	plot.DefaultFont = font.Font{Typeface: "Liberation", Variant: "Sans"}
	plotter.DefaultFont = plot.DefaultFont
	p := plot.New()
	p.BackgroundColor = color.Transparent
	for _, a := range []*plot.Axis{&p.X, &p.Y} {
		a.Tick.Label.Font.Size = vg.Points(11)
		a.Label.TextStyle.Font.Size = vg.Points(11)
		a.LineStyle.Width = vg.Points(0.6)
		a.Tick.LineStyle.Width = vg.Points(0.6)
		a.Padding = vg.Points(4)
	}
	return p
}

// lines draws series over places with a logarithmic y axis of nanoseconds or whatever label prints.
func lines(title, xLabel string, x axis, all []series, label func(float64) string) (template.HTML, error) {
	p := newPlot()
	p.X.Label.Text = xLabel
	p.X.Tick.Marker = x
	p.Y.Scale = plot.LogScale{}
	p.Y.Tick.Marker = logTicks{label}
	grid := plotter.NewGrid()
	grid.Vertical.Width = 0
	grid.Horizontal.Color = gridColour
	grid.Horizontal.Width = vg.Points(0.5)
	p.Add(grid)
	// Thin lines first, so that the main ones lie on top.
	for _, minor := range []bool{true, false} {
		for _, s := range all {
			if looks[lookOf(s.impl)].minor != minor {
				continue
			}
			if err := addLine(p, s); err != nil {
				return "", err
			}
		}
	}
	p.X.Min, p.X.Max = x[0].Value, x[len(x)-1].Value
	p.Y.Min, p.Y.Max = p.Y.Min*0.9, p.Y.Max*1.1 // never of no height
	return render(p, title, plotHeight)
}

func addLine(p *plot.Plot, s series) error {
	at := lookOf(s.impl)
	xys := make(plotter.XYs, len(s.points))
	errors := make(plotter.YErrors, len(s.points))
	for i, point := range s.points {
		xys[i] = plotter.XY{X: point.x, Y: point.y}
		// The figure below the median is never drawn at or below zero, where a logarithm has no place.
		errors[i].Low, errors[i].High = math.Min(point.y-point.lo, point.y*0.9), point.hi-point.y
	}
	line, dots, err := plotter.NewLinePoints(xys)
	if err != nil {
		return err
	}
	width := vg.Points(2)
	if looks[at].minor {
		width = vg.Points(1)
	}
	line.Width, line.Color = width, seriesColour(at)
	if looks[at].dashed {
		line.Dashes = []vg.Length{vg.Points(5), vg.Points(3)}
	}
	dots.Color, dots.Shape, dots.Radius = line.Color, draw.CircleGlyph{}, width+vg.Points(0.5)
	bars, err := plotter.NewYErrorBars(struct {
		plotter.XYs
		plotter.YErrors
	}{xys, errors})
	if err != nil {
		return err
	}
	bars.Color, bars.Width, bars.CapWidth = line.Color, vg.Points(0.7), vg.Points(3)
	p.Add(line, dots, bars)
	return nil
}

// bar is one contestant's amount.
type bar struct {
	impl, name string
	amount     float64
}

// bars draws amounts side by side, the first on top, each with its figure at its end.
func bars(title string, all []bar, label func(float64) string) (template.HTML, error) {
	p := newPlot()
	names := make([]string, len(all))
	most := 0.0
	for i, b := range all {
		place := len(all) - 1 - i
		names[place] = b.name
		most = math.Max(most, b.amount)
		chart, err := plotter.NewBarChart(plotter.Values{math.Max(b.amount, 0)}, vg.Points(12))
		if err != nil {
			return "", err
		}
		chart.Horizontal, chart.XMin = true, float64(place)
		chart.Color, chart.LineStyle.Width = seriesColour(lookOf(b.impl)), 0
		figure, err := plotter.NewLabels(plotter.XYLabels{XYs: plotter.XYs{{X: math.Max(b.amount, 0), Y: float64(place)}}, Labels: []string{label(b.amount)}})
		if err != nil {
			return "", err
		}
		figure.TextStyle[0].YAlign = draw.YCenter
		figure.Offset = vg.Point{X: vg.Points(4), Y: vg.Points(1)}
		figure.TextStyle[0].Font.Size = vg.Points(11)
		p.Add(chart, figure)
	}
	p.NominalY(names...)
	p.HideX()
	p.X.Min, p.X.Max = 0, math.Max(most*1.3, 1e-9) // room for the figures
	// Names are set as wide as Arial has them; a phone's letters may be wider.
	p.Y.Padding = vg.Points(10)
	return render(p, title, barsHeight(len(all)))
}

// barsHeight is that of a plot of so many bars.
func barsHeight(n int) font.Length { return font.Length(30 + 21*n) }

// Colours stand for themselves until the drawing is done: vg knows no style sheets, so the first two bytes are marks and the third is the
// number of a look.
var gridColour = color.RGBA{2, 3, 0, 255}

func seriesColour(look int) color.Color { return color.RGBA{1, 2, uint8(look), 255} }

var (
	seriesMark = regexp.MustCompile(`#0102([0-9A-F]{2})`)
	gridMark   = regexp.MustCompile(`#020300`)
	fonts      = regexp.MustCompile(`font-family:[^;"]*;`)
	opening    = regexp.MustCompile(`(?s)^.*?<svg[^>]*>`)
	comments   = regexp.MustCompile(`(?s)<!--.*?-->`)
)

// render draws the plot and hands its colours over to the page's style sheet: text and axes take the colour of the text around them.
func render(p *plot.Plot, title string, height font.Length) (template.HTML, error) {
	canvas := vgsvg.New(vg.Points(plotWidth), vg.Points(float64(height)))
	// The last label on the x axis reaches beyond its place.
	p.Draw(draw.Crop(draw.New(canvas), 0, -vg.Points(14), 0, -vg.Points(3)))
	var out bytes.Buffer
	if _, err := canvas.WriteTo(&out); err != nil {
		return "", err
	}
	text := opening.ReplaceAllString(out.String(), "")
	text = comments.ReplaceAllString(text, "")
	text = seriesMark.ReplaceAllStringFunc(text, func(mark string) string {
		var look int
		fmt.Sscanf(mark[5:], "%X", &look)
		return fmt.Sprintf("var(--s%d)", look)
	})
	text = gridMark.ReplaceAllString(text, "var(--grid)")
	text = strings.ReplaceAll(text, "#000000", "currentColor")
	text = fonts.ReplaceAllString(text, "")
	head := fmt.Sprintf(`<svg viewBox="0 0 %d %.0f" role="img" aria-label="%s" fill="currentColor" font-family="Arial,'Liberation Sans',Helvetica,sans-serif">`, plotWidth, float64(height), template.HTMLEscapeString(title))
	return template.HTML(head + strings.TrimSpace(text)), nil
}

// logTicks labels decades, and what lies between them too where there are few.
type logTicks struct{ label func(float64) string }

func (t logTicks) Ticks(low, high float64) (ticks []plot.Tick) {
	from, to := math.Floor(math.Log10(low)), math.Ceil(math.Log10(high))
	steps, few := []float64{1, 2, 5}, math.Log10(high/low) < 2.5
	if high/low < 5 {
		steps = []float64{1, 1.2, 1.5, 2, 2.5, 3, 4, 5, 6, 8}
	}
	for decade := from; decade <= to; decade++ {
		for _, step := range steps {
			value := step * math.Pow(10, decade)
			if value < low || value > high {
				continue
			}
			tick := plot.Tick{Value: value}
			if step == 1 || few {
				tick.Label = t.label(value)
			}
			ticks = append(ticks, tick)
		}
	}
	return ticks
}

// duration prints nanoseconds.
func duration(ns float64) string {
	size := math.Abs(ns)
	for _, unit := range []struct {
		of   float64
		name string
	}{{1e9, "s"}, {1e6, "ms"}, {1e3, "µs"}} {
		if size >= unit.of {
			return digits(ns/unit.of) + " " + unit.name
		}
	}
	return digits(ns) + " ns"
}

func times(ratio float64) string { return digits(ratio) + "×" }

func size(bytes float64) string { return digits(bytes) + " B" }

// digits prints at most three significant digits, and no exponent.
func digits(value float64) string {
	rounded, _ := strconv.ParseFloat(strconv.FormatFloat(value, 'g', 3, 64), 64)
	return strconv.FormatFloat(rounded, 'f', -1, 64)
}
