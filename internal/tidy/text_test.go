package tidy

import (
	"maps"
	"path"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// strange is what a text that speaks of the library alone has none of: paths of one machine, hosts of registries, and who or what wrote it.
var strange = []*regexp.Regexp{
	regexp.MustCompile(`(?:^|[\s"'(=:])/(?:tmp|work|root|home|Users)/\w`),
	regexp.MustCompile(`\b(?:proxy\.golang\.org|sum\.golang\.org|registry\.npmjs\.org|deb\.debian\.org|pypi\.org)\b`),
	regexp.MustCompile(`(?i)\b(?:language model|co-authored-by|generated (?:with|by) ai|sub-?agents?)\b`),
}

// speaksOfTheLibrary complains of the lines of a text that speak of something else. Lines of this package's own rules are given to it in pieces.
func speaksOfTheLibrary(name, text string) (bad []string) {
	for line := range strings.Lines(text) {
		for _, r := range strange {
			if found := r.FindString(line); found != "" {
				bad = append(bad, name+": "+strings.TrimSpace(line))
			}
		}
	}
	return bad
}

func TestTexts(t *testing.T) {
	// Ensure that the repository speaks of the library alone, and that it has no assembly.
	all := texts(t)
	for _, name := range slices.Sorted(maps.Keys(all)) {
		if name == "internal/tidy/text_test.go" || path.Ext(name) == ".sum" {
			continue
		}
		for _, complaint := range speaksOfTheLibrary(name, all[name]) {
			t.Error(complaint)
		}
		if ext := path.Ext(name); ext == ".s" || ext == ".S" {
			t.Errorf("%s: assembly", name)
		}
	}
}

func TestTextsBite(t *testing.T) {
	// Ensure that each of these lines is complained of, and none of those.
	for _, line := range []string{
		"see /" + "tmp/x", "cd /" + "work/main", "(/" + "root/go)", "GOPROXY=https://proxy." + "golang.org", "Co-Authored-" + "By: somebody", "written by a language " + "model",
	} {
		if len(speaksOfTheLibrary("x", line)) == 0 {
			t.Errorf("nothing is said against %q", line)
		}
	}
	for _, line := range []string{"/debug/shadow/", "https://example.com/work/x", "${HOME:-/root}", "a session per agent", "$PATH:/usr/local/go/bin"} {
		if bad := speaksOfTheLibrary("x", line); len(bad) > 0 {
			t.Errorf("%q", bad)
		}
	}
}
