package guide_test

import (
	"fmt"
	"path/filepath"

	"github.com/shadowvars/shadow"
)

func Example_whoAttached() {
	space := shadow.NewSpace(nil)
	pages := shadow.MustNewBytes(1, &shadow.BytesOptions[Job]{Space: space, Name: "pages", Profile: 1})
	job := new(Job)
	if _, err := pages.Alloc(job, nil, 4096); err != nil {
		fmt.Println(err)
	}
	for s := range space.Samples() {
		at := s.Stack[0] // the line that called the library
		fmt.Println(s.Name, s.Count*s.Rate, s.Bytes > 4096, filepath.Base(at.File))
	}
	pages.Free(job)
	// Output: pages 1 true diagnosis_test.go
}
