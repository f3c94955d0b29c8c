package tidy

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

var block = regexp.MustCompile("(?ms)^```go\n(.*?)^```$")

// run runs a program in an empty module that requires nothing but the library.
func run(t *testing.T, program string) (string, error) {
	t.Helper()
	root, err := filepath.Abs("../..")
	if err != nil {
		t.Fatal(err)
	}
	sums, err := os.ReadFile(filepath.Join(root, "go.sum"))
	if err != nil {
		t.Fatal(err)
	}
	requires, err := os.ReadFile(filepath.Join(root, "go.mod"))
	if err != nil {
		t.Fatal(err)
	}
	// The library's own requirements, which go get would add.
	_, rest, _ := strings.Cut(string(requires), "\n")
	directory := t.TempDir()
	for name, text := range map[string]string{
		"go.mod":  "module pasted\n" + rest + "\nrequire " + module + " v0.0.0\nreplace " + module + " => " + root + "\n",
		"go.sum":  string(sums),
		"main.go": program,
	} {
		if err := os.WriteFile(filepath.Join(directory, name), []byte(text), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	command := exec.Command("go", "run", "-mod=mod", ".")
	command.Dir = directory
	command.Env = append(os.Environ(), "GOWORK=off", "GOFLAGS=")
	output, err := command.CombinedOutput()
	return string(output), err
}

func TestReadme(t *testing.T) {
	// Ensure that the programs in the README run when they are pasted into an empty module, and print what they say.
	text, err := os.ReadFile("../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	programs := block.FindAllStringSubmatch(string(text), -1)
	if len(programs) == 0 {
		t.Fatal("the README has no program")
	}
	for _, m := range programs {
		output, err := run(t, m[1])
		if err != nil {
			t.Errorf("%v\n%s\n%s", err, m[1], output)
			continue
		}
		// What a line prints stands behind it: "// 2; and more".
		for _, print := range regexp.MustCompile(`Println\(.*\) +// (\w+)`).FindAllStringSubmatch(m[1], -1) {
			if !strings.Contains("\n"+output, "\n"+print[1]+"\n") {
				t.Errorf("the README says that this prints %s:\n%s\nbut it prints %s", print[1], m[1], output)
			}
		}
	}
}

func TestReadmeBites(t *testing.T) {
	// Ensure that a program that does not build is an error.
	if output, err := run(t, "package main\n\nimport \"github.com/shadowvars/shadow\"\n\nfunc main() { shadow.NoSuchName() }\n"); err == nil || !strings.Contains(output, "NoSuchName") {
		t.Errorf("%v, %s", err, output)
	}
}

func TestCommands(t *testing.T) {
	// Ensure that the commands that the README gives are run by the checks, and that the files to which it links are there.
	text, err := os.ReadFile("../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	checks, err := os.ReadFile("../../.ci/run")
	if err != nil {
		t.Fatal(err)
	}
	for _, command := range []string{"go test ./...", "go run ./bench", "go run ./stress"} {
		if !strings.Contains(string(text), command) || !strings.Contains(string(checks), command) {
			t.Errorf("%q is not in both the README and the checks", command)
		}
	}
	for _, link := range regexp.MustCompile(`\]\(([^):#]+)\)`).FindAllStringSubmatch(block.ReplaceAllString(string(text), ""), -1) {
		if _, err := os.Stat(filepath.Join("../..", link[1])); err != nil {
			t.Error(err)
		}
	}
}

func TestFiguresAreReported(t *testing.T) {
	// Ensure that the README's figures of the main comparison are those of the report that it names, and that the report is there.
	text, err := os.ReadFile("../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	named := regexp.MustCompile(`\(bench/results/([^/)]+)/job\.svg\)`).FindSubmatch(text)
	if named == nil {
		t.Fatal("the README shows no picture of a report")
	}
	report, err := os.ReadFile(filepath.Join("../../bench/results", string(named[1]), "summary.md"))
	if err != nil {
		t.Fatal(err)
	}
	for _, unknown := range unreported(string(text), string(report)) {
		t.Errorf("the report has no such row: %s", unknown)
	}
	if changed := strings.Replace(string(text), "| shadow Manual | ", "| shadow Manual | 9", 1); len(unreported(changed, string(report))) == 0 {
		t.Error("another figure passes")
	}
}

// unreported are the rows of the README's table of the main comparison whose times to attach and to look up and whose bytes a note are not the report's.
func unreported(readme, report string) (rows []string) {
	_, report, _ = strings.Cut(report, "## Syntax")
	row := regexp.MustCompile(`(?m)^\| ((?:shadow|xsync|sync|map)[^|]*) \| ([\d,.]+)[^|]*\| ([\d,.]+)[^|]*\|[^|]*\|[^|]*\| ([\d.]+)`)
	found := row.FindAllStringSubmatch(readme, -1)
	if len(found) < 5 {
		return []string{"there is no table"}
	}
	for _, r := range found {
		said := regexp.MustCompile(`(?m)^\| ` + regexp.QuoteMeta(r[1]) + `( \{ptr,id\})? \| ` + regexp.QuoteMeta(r[2]) + ` [^|]*\| ` + regexp.QuoteMeta(r[3]) + ` [^|]*\|[^|]*\|[^|]*\| ` + regexp.QuoteMeta(r[4]))
		if !said.MatchString(report) {
			rows = append(rows, r[0])
		}
	}
	return rows
}
