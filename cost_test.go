package shadow_test

import (
	"testing"
	"unsafe"

	"github.com/shadowvars/shadow"
)

func TestAllocations(t *testing.T) {
	// Ensure (G13) that looking, finding and freeing allocate nothing, and that losing an attachment allocates one small error and formats nothing.
	if instrumented {
		t.Skip("the instrumentation allocates")
	}
	for _, l := range lifetimes {
		t.Run(l.String(), func(t *testing.T) {
			s := shadow.NewSpace(nil)
			v := shadow.MustNew(1, &shadow.Options[conn, note]{Space: s, Lifetime: l})
			a, err := shadow.NewAny(2, &shadow.AnyOptions[note]{Space: s, Lifetime: l})
			if err != nil {
				t.Fatal(err)
			}
			b, err := shadow.NewBytes(3, &shadow.BytesOptions[conn]{Space: s, Lifetime: l})
			if err != nil {
				t.Fatal(err)
			}
			objs := parents(20)
			hit, miss := objs[0], new(conn)
			for _, obj := range objs {
				v.Alloc(obj, nil)
				a.Alloc(obj, nil)
				b.Alloc(obj, nil, 9)
			}
			dst, anyObjs := make([]*note, len(objs)), make([]any, len(objs))
			for i, obj := range objs {
				anyObjs[i] = obj
			}
			given := &note{n: 1}
			ctor := func(p *note) error { p.n = given.n; return nil }
			for _, test := range []struct {
				name string
				want float64
				f    func()
			}{
				{"Get hit", 0, func() { v.Get(hit) }},
				{"Get miss", 0, func() { v.Get(miss) }},
				{"Has", 0, func() { v.Has(hit); v.Has(miss) }},
				{"GetBatch", 0, func() { v.GetBatch(objs, dst) }},
				{"GetOrAlloc hit", 0, func() { v.GetOrAlloc(hit, given) }},
				{"GetOrAllocFunc hit", 0, func() { v.GetOrAllocFunc(hit, ctor) }},
				{"Free miss", 0, func() { v.Free(miss) }},
				{"FreeIf miss", 0, func() { v.FreeIf(hit, given) }},
				{"Len", 0, func() { v.Len() }},
				{"FreeObject miss", 0, func() { s.FreeObject(miss) }},
				{"Any Get", 0, func() { a.Get(hit); a.Get(miss) }},
				{"Any GetBatch", 0, func() { a.GetBatch(anyObjs, dst) }},
				{"Any GetOrAlloc hit", 0, func() { a.GetOrAlloc(hit, given) }},
				{"Bytes Get", 0, func() { b.Get(hit); b.Get(miss) }},
				{"Bytes GetOrAlloc hit", 0, func() { b.GetOrAlloc(hit, nil, 100) }},
				{"Alloc of a present pair", 1, func() { v.Alloc(hit, given) }},
				{"AllocFunc of a present pair", 1, func() { v.AllocFunc(hit, ctor) }},
				{"Any Alloc of a present pair", 1, func() { a.Alloc(hit, given) }},
				{"Bytes Alloc of a present pair", 1, func() { b.Alloc(hit, nil, 1<<20) }},
			} {
				if got := testing.AllocsPerRun(100, test.f); got != test.want {
					t.Errorf("%s allocates %v times, want %v", test.name, got, test.want)
				}
			}
			freed := 0
			free := func(f func(obj *conn) bool) float64 {
				n := 0
				return testing.AllocsPerRun(len(objs)-2, func() {
					if f(objs[n]) {
						freed++
					}
					n++
				})
			}
			if n := free(v.Free); n != 0 {
				t.Errorf("Free allocates %v times", n)
			}
			if n := free(func(obj *conn) bool { return s.FreeObject(obj) == 2 }); n != 0 {
				t.Errorf("FreeObject allocates %v times", n)
			}
			if freed != 2*(len(objs)-1) {
				t.Errorf("only %d calls freed anything", freed)
			}
		})
	}
	if size := unsafe.Sizeof(shadow.Error{}); size > 96 {
		t.Errorf("the error of a lost race takes %d bytes", size)
	}
}
