package page

import (
	"bytes"
	"encoding/xml"
	"fmt"
	"regexp"
	"strings"
	"testing"

	"github.com/shadowvars/shadow/bench/internal/figures"
	"github.com/shadowvars/shadow/bench/internal/measure"
	"github.com/shadowvars/shadow/bench/internal/work"
)

// everything are made-up figures of every workload.
func everything() string {
	var out strings.Builder
	out.WriteString("cpu: Some <CPU>\ncommit: 0123\n")
	for i, impl := range work.Names() {
		for _, w := range work.Workloads() {
			for _, n := range []int{1 << 10, 1 << 20} {
				for g := range 3 {
					for _, variant := range w.Variants() {
						s := work.Subject{Impl: impl, Op: w.Op, N: n, Goroutines: g, Variant: variant}
						switch w.Op {
						case "weigh":
							fmt.Fprintf(&out, "Benchmark%s 1 %d heap-B/var 70 resident-B/var 1 allocs/var 0 gc-ns/cycle 0 gc-cpu-ns/cycle -1 gc-ns/var %d gc-cpu-ns/var\n", s.Name(), 50+i, i*i)
						case "growth", "lifetimes":
							s.Variant = "role=get"
							fmt.Fprintf(&out, "Benchmark%s 1", s.Name())
							for j, percent := range measure.Percentiles {
								fmt.Fprintf(&out, " %d %s", 10+i*j*j*j, work.PercentileUnit(percent))
							}
							out.WriteString("\n")
						default:
							fmt.Fprintf(&out, "Benchmark%s 1 %d ns/op 0 B/op 0 allocs/op\n", s.Name(), 10+i+n>>10)
						}
					}
				}
			}
		}
	}
	out.WriteString("BenchmarkSyntax/impl=xsync4 1 400 attach-ns/op 80 get-ns/op\nBenchmarkReplay/impl=else/op=x 1 5 ns/op\n")
	return out.String()
}

func pageOf(t *testing.T, text string) string {
	t.Helper()
	f, err := figures.Read(strings.NewReader(text), "bench.txt")
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	if err := Write(f, &out); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

func TestPageIsWhole(t *testing.T) {
	// Ensure that the page needs nothing else, has both colour schemes, all sections, and no colour that is not the style sheet's.
	page := pageOf(t, everything())
	for _, bad := range []string{"http:", "https:", "src=", "<link", "@import", "url(", "#000000", "#0102", "#0203", "Liberation Serif", "NaN", "<CPU>"} {
		if strings.Contains(page, bad) {
			t.Errorf("the page has %q", bad)
		}
	}
	for _, want := range []string{
		"prefers-color-scheme:dark", `name="viewport"`, "currentColor", "var(--grid)", "var(--s0)", "Some &lt;CPU&gt;",
		`id="job"`, `id="throughput"`, `id="latency"`, `id="collector"`, `id="memory"`, `id="scaling"`, `id="variants"`, `id="more"`,
	} {
		if !strings.Contains(page, want) {
			t.Errorf("the page has no %q", want)
		}
	}
	if open, closed := strings.Count(page, "<svg"), strings.Count(page, "</svg>"); open < 20 || open != closed {
		t.Errorf("%d plots begin and %d end", open, closed)
	}
	for _, tag := range []string{"g", "figure", "details", "table", "div", "ul"} {
		if open, closed := len(regexp.MustCompile(`<`+tag+`[ >]`).FindAllString(page, -1)), strings.Count(page, "</"+tag+">"); open != closed {
			t.Errorf("%d of <%s> begin and %d end", open, tag, closed)
		}
	}
}

func TestLooks(t *testing.T) {
	// Ensure that every contestant has a look of its own, and that every look is defined for light and for dark.
	seen := map[int]string{}
	for _, impl := range work.Names() {
		look := lookOf(impl)
		if look == len(looks)-1 {
			t.Errorf("%s looks like others", impl)
		}
		if seen[look] != "" {
			t.Errorf("%s looks like %s", impl, seen[look])
		}
		seen[look] = impl
		for _, dark := range []bool{false, true} {
			if !strings.Contains(variables(dark), fmt.Sprintf("--s%d:#", look)) {
				t.Errorf("%s has no colour", impl)
			}
		}
	}
}

func TestPoorPage(t *testing.T) {
	// Ensure that few figures make a page too: one place, one contestant, one unit.
	page := pageOf(t, "BenchmarkTable/impl=xsync4/op=get-hit/n=1k/g=1 1 10 ns/op\n")
	if strings.Contains(page, "<svg") || !strings.Contains(page, "xsync v4 {ptr,id}") {
		t.Error(page)
	}
}

func TestSameFigures(t *testing.T) {
	// Ensure that a plot of equal figures, which has no height, and of figures far apart can be drawn.
	for _, ns := range []float64{0.5, 1e9} {
		drawing, err := lines("", "x", axis{{Value: 0, Label: "a"}, {Value: 1, Label: "b"}}, []series{
			{"xsync4", []point{{0, 0.5, 0.5, 0.5}, {1, ns, 0, 2 * ns}}},
		}, duration)
		if err != nil || !strings.Contains(string(drawing), "<path") {
			t.Errorf("%v: %v, %s", ns, err, drawing)
		}
	}
	if drawing, err := bars("", []bar{{"xsync4", "x", -1}, {"syncmap", "y", 0}}, duration); err != nil || !strings.Contains(string(drawing), "-1 ns") {
		t.Errorf("%v, %s", err, drawing)
	}
}

func TestLabels(t *testing.T) {
	// Ensure that figures in plots have three digits, no exponent and the unit that fits.
	for _, c := range []struct{ got, want string }{
		{duration(0.5), "0.5 ns"}, {duration(999.9), "1000 ns"}, {duration(1234), "1.23 µs"}, {duration(2.5e9), "2.5 s"}, {duration(-20), "-20 ns"},
		{size(110.26), "110 B"}, {times(1.999), "2×"},
	} {
		if c.got != c.want {
			t.Errorf("%q, want %q", c.got, c.want)
		}
	}
}

func TestPicture(t *testing.T) {
	// Ensure that the main job's picture has a panel for each of its figures and every contestant's in it, names no other file, and
	// that there is none without the job.
	picture := func(text string) (string, bool) {
		f, err := figures.Read(strings.NewReader(text), "bench.txt")
		if err != nil {
			t.Fatal(err)
		}
		var out bytes.Buffer
		drawn, err := Picture(f, &out)
		if err != nil {
			t.Fatal(err)
		}
		return out.String(), drawn
	}
	got, drawn := picture("BenchmarkSyntax/impl=shadow-manual 1 400 attach-ns/op 80 get-ns/op 90 B/var 1e6 gc-ns\nBenchmarkSyntax/impl=xsync4 1 300 attach-ns/op 160 get-ns/op 60 B/var 5e6 gc-ns\n")
	if !drawn || strings.Count(got, "<svg ") != 5 || strings.Count(got, "xsync v4") != 4 || !strings.Contains(got, "prefers-color-scheme:dark") {
		t.Errorf("%t, %s", drawn, got)
	}
	if err := xml.Unmarshal([]byte(got), new(struct{})); err != nil {
		t.Error(err)
	}
	if strings.Contains(strings.ReplaceAll(got, "http://www.w3.org/2000/svg", ""), "//") {
		t.Error("the picture names another place")
	}
	if got, drawn := picture("BenchmarkTable/impl=xsync4/op=get/n=1024 1 5 ns/op\n"); drawn || got != "" {
		t.Errorf("without the job: %s", got)
	}
}
