package trace

import (
	"bytes"
	"compress/gzip"
	"errors"
	"io"
	"strings"
	"testing"
	"unsafe"
)

// small is a recording of a hundred parents of all sizes, three quarters of which die.
func small() *Recording {
	r := &Recording{Source: "a test"}
	for i := range 100 {
		r.Birth(24+i*(MaxSize-24)/99/8*8, []string{"syntax.Name", "types.Type", "map[string]types.Type"}[i%3])
		if i >= 3 && i%4 != 0 {
			r.Death(uint32(i - 3))
		}
	}
	return r
}

func written(t *testing.T, r *Recording) []byte {
	t.Helper()
	var file bytes.Buffer
	if err := r.Write(&file); err != nil {
		t.Fatal(err)
	}
	return file.Bytes()
}

func TestRecordingReadsBack(t *testing.T) {
	// Ensure a recording reads back as it was written: the same parents, the same events, the same types.
	r := small()
	back, err := Read(bytes.NewReader(written(t, r)))
	if err != nil {
		t.Fatal(err)
	}
	if back.Describe() != r.Describe() || len(back.events) != len(r.events) {
		t.Fatalf("%d events, %s, instead of %d, %s", len(back.events), back.Describe(), len(r.events), r.Describe())
	}
	for i, e := range r.events {
		if back.events[i] != e || !e.death && back.sizes[e.number] != r.sizes[e.number] {
			t.Errorf("event %d is %v of %d bytes instead of %v of %d", i, back.events[i], back.sizes[e.number], e, r.sizes[e.number])
		}
	}
}

func TestBrokenRecordings(t *testing.T) {
	// Ensure a file that is cut off, none of ours, or tells of a death of nobody is an error, whatever it says otherwise.
	whole := written(t, small())
	for n := 0; n < len(whole); n += 7 {
		if _, err := Read(bytes.NewReader(whole[:n])); !errors.Is(err, errBroken) {
			t.Errorf("%d of %d bytes: %v", n, len(whole), err)
		}
	}
	for _, text := range []string{
		"other\n\n",
		magic + "\nsource\nmany names.Type\n\n",
		magic + "\nsource\n\n\x01\x00\x00",         // no size
		magic + "\nsource\n\n\x01\xff\x7f\x00",     // too big
		magic + "\nsource\n\n\x01\x03\x01\x01",     // the second of one
		magic + "\nsource\n\n\x01\x03\x02\x00\x00", // twice
		magic + "\nsource\n\n\x01\x03",             // births without deaths
	} {
		var file bytes.Buffer
		compressed := gzip.NewWriter(&file)
		io.WriteString(compressed, text)
		compressed.Close()
		if r, err := Read(&file); !errors.Is(err, errBroken) {
			t.Errorf("%q was read as %v, %v", text, r, err)
		}
	}
}

func TestCompileTrace(t *testing.T) {
	// Ensure the committed recording is that of a real program: hundreds of thousands of parents of hundreds of types, most of which die.
	r, err := Compile()
	if err != nil {
		t.Fatal(err)
	}
	named := 0
	for _, count := range r.types {
		named += count
	}
	if r.Births() < 300_000 || named != r.Births() || len(r.types) < 100 || r.deaths < r.Births()/2 || r.mostLiving() > r.Births()/2 {
		t.Error(r.Describe())
	}
	if r.types["syntax.Name"] == 0 || r.types["types.Type"] == 0 || !strings.Contains(r.Source, "compile") {
		t.Errorf("%s has no syntax.Name and no types.Type", r.Source)
	}
}

func TestProgram(t *testing.T) {
	// Ensure a program bears every parent once, buries every one once, and looks only at the living, four times for each birth; the
	// same seed gives the same program, another one another.
	r := small()
	p := NewProgram(r, 1)
	alive := map[uint32]bool{}
	births, lookups, deaths := 0, 0, 0
	for i, o := range p.operations {
		switch o.kind() {
		case birth:
			births++
			if o.number() != uint32(births-1) {
				t.Errorf("operation %d bears %d", i, o.number())
			}
			alive[o.number()] = true
		case lookup:
			lookups++
			if !alive[o.number()] {
				t.Errorf("operation %d looks at the dead %d", i, o.number())
			}
		case death:
			deaths++
			if !alive[o.number()] {
				t.Errorf("operation %d buries the dead %d", i, o.number())
			}
			delete(alive, o.number())
		}
	}
	if births != r.Births() || lookups != 4*births || deaths != births || p.Births != births || p.Lookups != lookups || p.Deaths != deaths {
		t.Errorf("%d births, %d lookups, %d deaths; the program says %d, %d, %d", births, lookups, deaths, p.Births, p.Lookups, p.Deaths)
	}
	same, other := NewProgram(r, 1), NewProgram(r, 2)
	differ := 0
	for i := range p.operations {
		if same.operations[i] != p.operations[i] {
			t.Fatal("the same seed gives another program")
		}
		if other.operations[i] != p.operations[i] {
			differ++
		}
	}
	if differ == 0 {
		t.Error("another seed gives the same program")
	}
}

func TestMakers(t *testing.T) {
	// Ensure an object is at least as big as what was recorded, never more than a third bigger, and begins with its parent.
	for i, class := range classes {
		if i > 0 && (class.size <= classes[i-1].size || class.size > classes[i-1].size*4/3+8) {
			t.Errorf("a class of %d bytes after one of %d", class.size, classes[i-1].size)
		}
	}
	if size := unsafe.Sizeof(object[[13]uint64]{}); size != 128 {
		t.Errorf("an object of the class of 128 bytes has %d", size)
	}
	for words, make := range makers {
		if parent := make(); parent == nil || parent.Next != nil {
			t.Errorf("%d words: %v", words, parent)
		}
	}
}

func TestReplay(t *testing.T) {
	// Ensure every contestant brings back at every lookup what was attached, and nothing is left at the end.
	p := NewProgram(small(), 1)
	for _, c := range contestants() {
		f, err := replay(c, p, 2)
		if err != nil {
			t.Error(err)
		}
		if f.left != 0 || f.event <= 0 {
			t.Errorf("%s: %d left, %v ns", c.name, f.left, f.event)
		}
	}
}

// forgetful loses what is attached to every fiftieth parent; mixed gives everybody the same data.
type forgetful struct{ xsyncMap }

func (f forgetful) Attach(parent *Parent, number uint64) {
	if number%50 != 49 {
		f.xsyncMap.Attach(parent, number)
	}
}

type mixed struct{ fields }

var everybody Data

func (*mixed) Get(*Parent) *Data { return &everybody }

func TestReplayBites(t *testing.T) {
	// Ensure a contestant that loses data, or brings back another's, is an error and no figure.
	p := NewProgram(small(), 1)
	xsync := contestants()[4].new
	for _, c := range []contestant{
		{name: "forgetful", new: func() store { return forgetful{xsync().(xsyncMap)} }},
		{name: "mixed", new: func() store { return new(mixed) }},
	} {
		if f, err := replay(c, p, 1); err == nil {
			t.Errorf("%s: %v", c.name, f)
		}
	}
}
