package shadowpprof_test

import (
	"bytes"
	"fmt"

	"github.com/google/pprof/profile"
	"github.com/shadowvars/shadow"
	"github.com/shadowvars/shadow/shadowpprof"
)

func ExampleProfile() {
	space := shadow.NewSpace(nil)
	hits := shadow.MustNew(1, &shadow.Options[conn, int]{Space: space, Name: "hits", Profile: 1})
	c := new(conn)
	hits.Alloc(c, nil)
	for _, s := range shadowpprof.Profile(space).Sample {
		fmt.Println(s.Value[0], s.Label["class"], s.Location[0].Line[0].Function.Name)
	}
	hits.Free(c)
	fmt.Println(len(shadowpprof.Profile(space).Sample))
	// Output:
	// 1 [hits] github.com/shadowvars/shadow/shadowpprof_test.ExampleProfile
	// 0
}

func ExampleWrite() {
	space := shadow.NewSpace(nil)
	hits := shadow.MustNew(1, &shadow.Options[conn, int]{Space: space, Lifetime: shadow.Pinned, Profile: 1})
	for range 5 {
		hits.Alloc(new(conn), nil)
	}
	var file bytes.Buffer // a file, or the answer to a request
	if err := shadowpprof.Write(&file, space); err != nil {
		fmt.Println(err)
	}
	p, err := profile.Parse(&file) // or go tool pprof
	fmt.Println(p.Sample[0].Value[0], p.SampleType[0].Type, err)
	// Output: 5 variables <nil>
}
