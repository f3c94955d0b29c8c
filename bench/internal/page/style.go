package page

import (
	"fmt"
	"strings"
)

// look is how a contestant is drawn, in light and in dark.
type look struct {
	impl        string
	light, dark string
	dashed      bool
	minor       bool // drawn thin: one of many
}

// Families share a hue: shadow is blue to violet, xsync orange, sync.Map green, locks and maps grey.
var looks = []look{
	{"shadow-manual", "#1d4ed8", "#7aa2ff", false, false},
	{"shadow-pinned", "#0e7490", "#4fd1e8", true, true},
	{"shadow-collected", "#7c3aed", "#c4a5ff", false, false},
	{"xsync4", "#c2410c", "#ff9a5c", false, false},
	{"xsync4-pointer", "#b45309", "#ffc46b", true, false},
	{"xsync3", "#9a3412", "#e8795a", false, true},
	{"xsync3-pointer", "#92610a", "#e0b050", true, true},
	{"syncmap", "#15803d", "#6ee79a", false, false},
	{"syncmap-pointer", "#4d7c0f", "#b5e35a", true, true},
	{"haxmap", "#a21caf", "#f0a0f5", false, true},
	{"sharded", "#57534e", "#c7c0b8", false, true},
	{"rwmutex", "#78716c", "#a8a29e", true, true},
	{"weak-idiom", "#be123c", "#ff8fa8", false, false},
	{"plain", "#334155", "#cbd5e1", true, true},
	{"floor-array", "#6b7280", "#9ca3af", true, true},
	{"floor-compare", "#6b7280", "#9ca3af", true, true},
	{"floor-two-loads", "#4b5563", "#b6bcc6", true, false},
	{"floor-chase", "#6b7280", "#9ca3af", true, true},
	{"other", "#6b7280", "#9ca3af", false, true},
}

// lookOf returns the place of a contestant's look; what is unknown looks like others.
func lookOf(impl string) int {
	for i, l := range looks {
		if l.impl == impl {
			return i
		}
	}
	return len(looks) - 1
}

// variables are the looks' colours as style sheet variables.
func variables(dark bool) string {
	var out strings.Builder
	for i, l := range looks {
		colour := l.light
		if dark {
			colour = l.dark
		}
		fmt.Fprintf(&out, "--s%d:%s;", i, colour)
	}
	return out.String()
}
