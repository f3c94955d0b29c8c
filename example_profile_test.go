package shadow_test

import (
	"fmt"
	"path/filepath"

	"github.com/shadowvars/shadow"
)

func ExampleSpace_Samples() {
	space := shadow.NewSpace(nil)
	notes := shadow.MustNew(1, &shadow.Options[Conn, Note]{
		Space:    space,
		Lifetime: shadow.Pinned,
		Profile:  1, // in production one in a thousand
	})
	for range 3 {
		notes.Alloc(new(Conn), nil)
	}
	for s := range space.Samples() {
		fmt.Printf("%d attached by %s:%d\n", s.Count*s.Rate, filepath.Base(s.Stack[0].File), s.Stack[0].Line)
	}
	notes.FreeAll()
	for range space.Samples() {
		fmt.Println("never reached")
	}
	// Output: 3 attached by example_profile_test.go:18
}

func ExampleSample() {
	space := shadow.NewSpace(nil)
	pages := shadow.MustNewBytes(1, &shadow.BytesOptions[Conn]{Space: space, Name: "pages", Profile: 1})
	conn := new(Conn)
	pages.Alloc(conn, nil, 4096)
	for s := range space.Samples() {
		fmt.Println(s.Name, s.Type, s.Lifetime, s.Count, s.Bytes > 4096)
	}
	pages.Free(conn)
	// Output: pages Bytes[shadow_test.Conn] Collected 1 true
}
