package shadowpprof_test

import (
	"bytes"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/google/pprof/profile"
	"github.com/shadowvars/shadow"
	"github.com/shadowvars/shadow/shadowpprof"
)

type conn struct{ id, port int }

// few and many attach to new objects. Nothing is freed, the variables are pinned.
//
//go:noinline
func few(v *shadow.Var[conn, int]) {
	for range 10 {
		v.Alloc(new(conn), nil)
	}
}

//go:noinline
func many(b *shadow.Bytes[conn]) {
	for range 30 {
		b.Alloc(new(conn), nil, 1<<20)
	}
}

// busy is a space with 10 variables of one class, attached by few, and 30 of a megabyte of another, attached by many.
func busy(t testing.TB, rate int) (*shadow.Space, *shadow.Var[conn, int], *shadow.Bytes[conn]) {
	t.Helper()
	s := shadow.NewSpace(nil)
	v := shadow.MustNew(1, &shadow.Options[conn, int]{Space: s, Name: "small\n\xff\"", Lifetime: shadow.Pinned, Profile: rate})
	b := shadow.MustNewBytes(2, &shadow.BytesOptions[conn]{Space: s, Name: "big", Lifetime: shadow.Pinned, Profile: rate})
	few(v)
	many(b)
	return s, v, b
}

// parsed is the profile of some spaces after it has been written and read.
func parsed(t *testing.T, spaces ...*shadow.Space) *profile.Profile {
	t.Helper()
	var file bytes.Buffer
	if err := shadowpprof.Write(&file, spaces...); err != nil {
		t.Fatal(err)
	}
	p, err := profile.Parse(&file)
	if err != nil {
		t.Fatal(err)
	}
	if err := p.CheckValid(); err != nil {
		t.Fatal(err)
	}
	return p
}

func TestProfile(t *testing.T) {
	// Ensure that the profile as read by pprof's own package has numbers, bytes, labels and the attaching functions, and follows every end at once.
	s, v, b := busy(t, 1)
	p := parsed(t, s)
	if len(p.Sample) != 2 {
		t.Fatalf("%d samples: %v", len(p.Sample), p)
	}
	for _, sample := range p.Sample {
		leaf := sample.Location[0].Line[0]
		name := leaf.Function.Name
		switch sample.Label["id"][0] {
		case "0x1":
			if sample.Value[0] != 10 || sample.Value[1] >= 10_000 || !strings.HasSuffix(name, ".few") {
				t.Errorf("few: %v at %s:%d", sample.Value, name, leaf.Line)
			}
		case "0x2":
			if sample.Value[0] != 30 || sample.Value[1] < 30<<20 || sample.Value[1] > 31<<20 || !strings.HasSuffix(name, ".many") {
				t.Errorf("many: %v at %s:%d", sample.Value, name, leaf.Line)
			}
			if l := sample.Label; l["class"][0] != "big" || l["lifetime"][0] != "Pinned" || l["handle"][0] != "Bytes[shadowpprof_test.conn]" {
				t.Errorf("labels %v", l)
			}
		default:
			t.Errorf("labels %v", sample.Label)
		}
		if filepath.Base(leaf.Function.Filename) != "profile_test.go" || leaf.Line == 0 {
			t.Errorf("%s is in %s:%d", name, leaf.Function.Filename, leaf.Line)
		}
	}
	b.FreeAll()
	if p := parsed(t, s); len(p.Sample) != 1 || p.Sample[0].Value[0] != 10 {
		t.Errorf("after FreeAll: %v", p)
	}
	v.Close()
	if p := parsed(t, s); len(p.Sample) != 0 {
		t.Errorf("after Close: %v", p)
	}
}

func TestSpaces(t *testing.T) {
	// Ensure that several spaces are added up, and that none means the default one.
	a, _, _ := busy(t, 1)
	b, _, _ := busy(t, 1)
	if p := parsed(t, a, b); len(p.Sample) != 4 {
		t.Errorf("two spaces: %v", p)
	}
	if p := parsed(t); len(p.Sample) != 0 {
		t.Errorf("the default space: %v", p)
	}
	v := shadow.MustNew(1, &shadow.Options[conn, int]{Lifetime: shadow.Pinned, Profile: 1})
	defer v.Close()
	few(v)
	if p := parsed(t); len(p.Sample) != 1 {
		t.Errorf("the default space: %v", p)
	}
}

func TestScale(t *testing.T) {
	// Ensure that what is recorded is scaled to an estimate of what is there.
	s := shadow.NewSpace(nil)
	v := shadow.MustNew(1, &shadow.Options[conn, int]{Space: s, Lifetime: shadow.Pinned, Profile: 20})
	for range 4000 {
		few(v)
	}
	// 2000 of 40000 are recorded, with a standard deviation of 44.
	if p := parsed(t, s); len(p.Sample) != 1 || p.Sample[0].Value[0] < 30_000 || p.Sample[0].Value[0] > 50_000 {
		t.Errorf("%v", p)
	}
}

type brokenWriter struct{}

var errBroken = errors.New("broken")

func (brokenWriter) Write([]byte) (int, error) { return 0, errBroken }

func TestWriteFails(t *testing.T) {
	// Ensure that the writer's error comes back.
	if err := shadowpprof.Write(brokenWriter{}); !errors.Is(err, errBroken) {
		t.Error(err)
	}
}

// pprof runs go tool pprof on a file.
func pprof(t *testing.T, file string, arguments ...string) string {
	t.Helper()
	out, err := exec.Command("go", append(append([]string{"tool", "pprof"}, arguments...), file)...).CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	return string(out)
}

func TestGoToolPprof(t *testing.T) {
	// Ensure that go tool pprof opens the file, and finds the function and the line that attached most, and the class; an empty profile is a profile too.
	s, v, b := busy(t, 1)
	write := func() string {
		file := filepath.Join(t.TempDir(), "variables")
		f, err := os.Create(file)
		if err != nil {
			t.Fatal(err)
		}
		defer f.Close()
		if err := shadowpprof.Write(f, s); err != nil {
			t.Fatal(err)
		}
		return file
	}
	file := write()
	if out := pprof(t, file, "-top"); !regexp.MustCompile(`(?m)^ +30 75\.00% .*shadowpprof_test\.many$`).MatchString(out) {
		t.Errorf("-top prints\n%s", out)
	}
	if out := pprof(t, file, "-top", "-lines", "-sample_index=space"); !regexp.MustCompile(`(?m)^ +30\S*MB .*shadowpprof_test\.many .*profile_test\.go:\d+$`).MatchString(out) {
		t.Errorf("-lines prints\n%s", out)
	}
	if out := pprof(t, file, "-list=many$"); !regexp.MustCompile(`(?m)^ +30 +30 .*b\.Alloc\(new\(conn\), nil, 1<<20\)$`).MatchString(out) {
		t.Errorf("-list prints\n%s", out)
	}
	if out := pprof(t, file, "-tags"); !strings.Contains(out, "big") || !strings.Contains(out, "Bytes[shadowpprof_test.conn]") {
		t.Errorf("-tags prints\n%s", out)
	}
	if out := pprof(t, file, "-top", "-tagfocus=class=big"); strings.Contains(out, "few") || !strings.Contains(out, "many") {
		t.Errorf("-tagfocus prints\n%s", out)
	}
	v.Close()
	b.Close()
	pprof(t, write(), "-top")
}
