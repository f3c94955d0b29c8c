package tidy

import (
	"path"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// required are the modules that a go.mod requires, without what those require in turn.
func required(mod string) (found []string) {
	for _, m := range regexp.MustCompile(`(?m)^(?:require )?\s*([a-z0-9./-]+\.[a-z]+/\S+) v\S+$`).FindAllStringSubmatch(mod, -1) {
		found = append(found, m[1])
	}
	return found
}

// allowed is what the root module may require: what it is made with, and what some of its tests are.
var allowed = []string{"github.com/cespare/xxhash/v2", "github.com/anishathalye/porcupine"}

// rootIsLean wants the root module to require nothing else.
func rootIsLean(mod string) (bad []string) {
	for _, name := range required(mod) {
		if !slices.Contains(allowed, name) {
			bad = append(bad, "go.mod: requires "+name)
		}
	}
	if strings.Contains(mod, "replace") {
		bad = append(bad, "go.mod: replaces something, which users would not")
	}
	return bad
}

// nestedFits wants a nested module to be made with the library beside it, and to be in the workspace and in the checks. The tools are for no workspace:
// what they require would choose versions for all.
func nestedFits(directory, mod, workspace, checks string) (bad []string) {
	if directory == "tools" {
		return nil
	}
	back := strings.Repeat("../", strings.Count(directory, "/")+1)
	if !strings.Contains(mod, module+" => "+back) && !strings.Contains(mod, module+" => "+strings.TrimSuffix(back, "/")) {
		bad = append(bad, directory+"/go.mod: does not replace the library")
	}
	if !regexp.MustCompile(`(?m)^\t\./` + regexp.QuoteMeta(directory) + `$`).MatchString(workspace) {
		bad = append(bad, directory+": is not in go.work")
	}
	if !strings.Contains(checks, directory) {
		bad = append(bad, directory+": is not in .ci/run")
	}
	return bad
}

func TestModules(t *testing.T) {
	// Ensure that users get no module that they do not need, and that every nested module is built and checked with the rest.
	all := texts(t)
	for _, complaint := range rootIsLean(all["go.mod"]) {
		t.Error(complaint)
	}
	nested := 0
	for name, mod := range all {
		if directory := path.Dir(name); path.Base(name) == "go.mod" && directory != "." {
			nested++
			for _, complaint := range nestedFits(directory, mod, all["go.work"], all[".ci/run"]) {
				t.Error(complaint)
			}
		}
	}
	if nested < 2 {
		t.Errorf("only %d nested modules were found", nested)
	}
}

func TestModulesBite(t *testing.T) {
	// Ensure that each rule of modules bites.
	if bad := rootIsLean("module x\n\nrequire github.com/cespare/xxhash/v2 v2.3.0\n"); len(bad) != 0 {
		t.Error(bad)
	}
	if bad := rootIsLean("module x\n\nrequire (\n\tgithub.com/cespare/xxhash/v2 v2.3.0\n\tgolang.org/x/sys v0.1.0\n)\n\nreplace x => y\n"); len(bad) != 2 {
		t.Error(bad)
	}
	const workspace = "use (\n\t.\n\t./a/b\n)\n"
	if bad := nestedFits("a/b", "replace "+module+" => ../..\n", workspace, "cd a/b"); len(bad) != 0 {
		t.Error(bad)
	}
	if bad := nestedFits("a", "replace "+module+" => ../..\n", workspace, "cd b"); len(bad) != 3-1 {
		t.Error(bad)
	}
	if bad := nestedFits("b", "", workspace, ""); len(bad) != 3 {
		t.Error(bad)
	}
}
