package shadowexpvar_test

import (
	"expvar"
	"fmt"

	"github.com/shadowvars/shadow"
	"github.com/shadowvars/shadow/shadowexpvar"
)

func ExampleFunc() {
	space := shadow.NewSpace(&shadow.SpaceOptions{Name: "example"})
	hits := shadow.MustNew(1, &shadow.Options[conn, int]{Space: space, Lifetime: shadow.Pinned})
	hits.Alloc(new(conn), nil)

	figures := shadowexpvar.Func(&shadowexpvar.Options{Space: space})
	// In a program: expvar.Publish("shadow", figures)
	var published expvar.Var = figures
	fmt.Println(published.String()[:46])
	// Output: {"space":"example","classes":1,"variables":1,"
}

func ExampleOptions() {
	space := shadow.NewSpace(nil)
	shadow.MustNew(1, &shadow.Options[conn, int]{Space: space, Name: "hits"})
	figures := shadowexpvar.Func(&shadowexpvar.Options{Space: space, Classes: true})().(shadowexpvar.Figures)
	fmt.Println(figures.Class[0].Name, figures.Class[0].Variables)
	// Output: hits 0
}

func ExampleFigures() {
	figures := shadowexpvar.Func(nil)().(shadowexpvar.Figures)
	fmt.Println(figures.Space, figures.Variables)
	// Output: default 0
}

func ExampleClassFigures() {
	space := shadow.NewSpace(nil)
	shadow.MustNewAny(255, &shadow.AnyOptions[string]{Space: space, Name: "tags"})
	var class shadowexpvar.ClassFigures = shadowexpvar.Func(&shadowexpvar.Options{Space: space, Classes: true})().(shadowexpvar.Figures).Class[0]
	fmt.Println(class.ID, class.Name, class.Type, class.Lifetime)
	// Output: 0xff tags Any[string] Collected
}
