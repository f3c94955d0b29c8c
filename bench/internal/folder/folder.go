// Package folder keeps the figures of a run: raw text that everything else is made of, a summary, a report.
package folder

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"time"

	"golang.org/x/perf/benchfmt"

	"github.com/shadowvars/shadow/bench/internal/figures"
	"github.com/shadowvars/shadow/bench/internal/page"
	"github.com/shadowvars/shadow/bench/internal/report"
)

// The files of a folder.
const (
	rawName     = "bench.txt"
	summaryName = "summary.md"
	reportName  = "report.html"
	pictureName = "job.svg"
)

// Folder is one run's.
type Folder struct {
	path   string
	file   *os.File
	out    *benchfmt.Writer
	config []benchfmt.Config
}

// New makes the folder, or a new one among the temporary files if path is empty. A folder with something in it is
// refused: figures of two runs are not one sample.
func New(path, command string) (*Folder, error) {
	var err error
	if path == "" {
		path, err = os.MkdirTemp("", "shadow-bench-")
	} else {
		err = os.MkdirAll(path, 0o777)
	}
	if err != nil {
		return nil, err
	}
	entries, err := os.ReadDir(path)
	if err != nil {
		return nil, err
	}
	if len(entries) > 0 {
		return nil, fmt.Errorf("%s is not empty", path)
	}
	file, err := os.Create(filepath.Join(path, rawName))
	if err != nil {
		return nil, err
	}
	f := &Folder{path: path, file: file, out: benchfmt.NewWriter(file)}
	for _, c := range [][2]string{
		{"goos", runtime.GOOS}, {"goarch", runtime.GOARCH}, {"pkg", "github.com/shadowvars/shadow/bench"}, {"cpu", report.Processor()},
		{"goversion", runtime.Version()}, {"gomaxprocs", strconv.Itoa(runtime.GOMAXPROCS(0))},
		{"commit", commit()}, {"date", time.Now().UTC().Format("2006-01-02")}, {"command", command},
	} {
		if c[1] != "" {
			f.config = append(f.config, benchfmt.Config{Key: c[0], Value: []byte(c[1]), File: true})
		}
	}
	return f, nil
}

// commit is the repository's, marked if files differ from it; empty where there is none to ask.
func commit() string {
	out, err := exec.Command("git", "describe", "--always", "--dirty", "--abbrev=12", "--exclude=*").Output()
	if err != nil {
		return ""
	}
	return strings.TrimSpace(string(out))
}

// Write adds a result to the raw text at once, so that a run that ends early leaves what it had.
func (f *Folder) Write(r *benchfmt.Result) error {
	r.Config = f.config
	return f.out.Write(r)
}

// Finish makes summary and report and tells where they are.
func (f *Folder) Finish(stdout io.Writer) error {
	if err := f.file.Close(); err != nil {
		return err
	}
	return Render(f.path, stdout)
}

// Render makes summary and report of the folder's raw text.
func Render(path string, stdout io.Writer) error {
	file, err := os.Open(filepath.Join(path, rawName))
	if err != nil {
		return err
	}
	defer file.Close()
	all, err := figures.Read(file, rawName)
	if err != nil {
		return err
	}
	if all.Results == 0 {
		return errors.New("there are no results in " + file.Name())
	}
	if err := create(path, summaryName, all.Markdown); err != nil {
		return err
	}
	if err := create(path, reportName, func(out io.Writer) error { return page.Write(all, out) }); err != nil {
		return err
	}
	names := []string{rawName, summaryName, reportName}
	var picture bytes.Buffer
	drawn, err := page.Picture(all, &picture)
	if err != nil {
		return err
	}
	if drawn {
		names = append(names, pictureName)
		if err := os.WriteFile(filepath.Join(path, pictureName), picture.Bytes(), 0o666); err != nil {
			return err
		}
	}
	if err := all.Print(stdout); err != nil {
		return err
	}
	_, err = fmt.Fprintf(stdout, "\n%s: %s\n", path, strings.Join(names, ", "))
	return err
}

func create(path, name string, write func(io.Writer) error) error {
	file, err := os.Create(filepath.Join(path, name))
	if err != nil {
		return err
	}
	if err := write(file); err != nil {
		return errors.Join(err, file.Close())
	}
	if err := file.Close(); err != nil && !errors.Is(err, fs.ErrClosed) {
		return err
	}
	return nil
}
