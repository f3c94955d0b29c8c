package shadowdebug

import (
	"crypto/sha256"
	_ "embed" // for the page's two files
	"encoding/base64"
	"html/template"
	"math"
	"strconv"
	"time"
)

//go:embed page.html
var pageText string

//go:embed style.css
var styleText string

// policy lets a page use its own style sheet and send its form to where it came from, and nothing else.
var policy = "default-src 'none'; style-src '" + hashOf(styleText) + "'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"

func hashOf(text string) string {
	sum := sha256.Sum256([]byte(text))
	return "sha256-" + base64.StdEncoding.EncodeToString(sum[:])
}

// pages are the page's forms by name. The style sheet is ours and put in as it is, so that its hash holds; all else is escaped where it stands.
var pages = template.Must(template.New("").Funcs(template.FuncMap{
	"style":   func() template.HTML { return template.HTML("<style>" + styleText + "</style>") },
	"visible": visible,
	"lines":   lines,
	"count":   func(n any) string { return count(integer(n)) },
	"bytes":   func(n any) string { return size(integer(n)) },
	"more":    func(n int64) string { return signed(n, count(n)) },
	"moreBytes": func(n int64) string {
		return signed(n, size(n))
	},
	"ago":     ago,
	"percent": func(f float64) string { return strconv.FormatFloat(math.Round(f*10)/10, 'f', -1, 64) },
	"clock":   func(t time.Time) string { return t.Format("15:04:05") },
	"took":    func(d time.Duration) string { return strconv.FormatFloat(d.Seconds()*1000, 'f', 2, 64) + group + "ms" },
}).Parse(pageText))

func integer(n any) int64 {
	switch n := n.(type) {
	case int:
		return int64(n)
	case uintptr:
		return int64(n)
	case uint64:
		return int64(n)
	}
	return n.(int64)
}
