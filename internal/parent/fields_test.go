package parent

import (
	"fmt"
	"io"
	"reflect"
	"slices"
	"testing"
	"unsafe"
)

type inner struct {
	a int8
	p *int
	b uintptr
	s string
}

// fieldCases lists types with the words of them that hold pointers, by hand.
var fieldCases = []struct {
	value any
	words []int
}{
	{struct{}{}, nil},
	{int64(0), nil},
	{uintptr(0), nil},
	{[5]complex128{}, nil},
	// Safety: nil has every type.
	{(*int)(nil), []int{0}},
	{unsafe.Pointer(nil), []int{0}},
	{map[int]int(nil), []int{0}},
	{(chan int)(nil), []int{0}},
	{(func())(nil), []int{0}},
	{"", []int{0}},
	{[]byte(nil), []int{0}},
	{struct{ e any }{}, []int{1}},
	{struct{ r io.Reader }{}, []int{1}},
	{struct{ err error }{}, []int{1}},
	{inner{}, []int{1, 3}},
	{struct {
		n uintptr
		i inner
		z [0]*int
		_ *int
	}{}, []int{2, 4, 6}},
	{[0]*int{}, nil},
	{[3][0]*int{}, nil},
	{[1]*int{}, []int{0}},
	{[3]inner{}, []int{1, 3, 6, 8, 11, 13}},
	{[2][2]string{}, []int{0, 2, 4, 6}},
	{struct {
		n uintptr
		e [2]any
		s []string
		m uintptr
	}{}, []int{2, 4, 5}},
	{[100]*int{}, every(100, 1, 0)},
	{struct {
		n [3]uintptr
		a [40]*int
	}{}, every(40, 1, 3)},
	{[listed]*int{}, every(listed, 1, 0)},
	{[listed + 1]*int{}, every(listed+1, 1, 0)},
	{[1000]string{}, every(1000, 2, 0)},
	{[50][3]any{}, every(150, 2, 1)},
	{[2][40]*int{}, every(80, 1, 0)},
}

func every(n, stride, first int) (words []int) {
	for i := range n {
		words = append(words, i*stride+first)
	}
	return words
}

func TestPointInto(t *testing.T) {
	// Ensure that exactly the pointer words of a type count, each one, and
	// exactly the addresses of the parent.
	const base, size = 1 << 20, 48
	for _, c := range fieldCases {
		typ := reflect.TypeOf(c.value)
		t.Run(fmt.Sprint(typ), func(t *testing.T) {
			f := SelfPointers(typ)
			if (f == nil) != (c.words == nil) || HasPointers(typ) != (c.words != nil) {
				t.Fatalf("fields %v, has pointers %v", f, HasPointers(typ))
			}
			value := make([]uintptr, typ.Size()/wordSize+1)
			// Safety: the value is the array's, of the type that the fields were made of.
			data := unsafe.Pointer(&value[0])
			if f.PointInto(data, base, size) {
				t.Fatal("the zero value points into the parent")
			}
			for i := range value {
				for _, addr := range []uintptr{base - 1, base, base + size - 1, base + size, ^uintptr(0)} {
					value[i] = addr
					want := slices.Contains(c.words, i) && addr >= base && addr < base+size
					if got := f.PointInto(data, base, size); got != want {
						t.Fatalf("word %d is %#x: %v", i, addr, got)
					}
				}
				value[i] = 0
			}
		})
	}
}

func TestListLength(t *testing.T) {
	// Ensure that the description of a type does not grow with its arrays, and
	// the loop form is in force.
	f := SelfPointers(reflect.TypeFor[[1 << 20]struct{ a, b *int }]())
	if len(f.words) != 0 || len(f.arrays) != 1 || len(f.arrays[0].element.words) != 2 {
		t.Errorf("%+v", f)
	}
	if f := SelfPointers(reflect.TypeFor[[listed]*int]()); len(f.arrays) != 0 || len(f.words) != listed {
		t.Errorf("%+v", f)
	}
}

func TestOwnPointers(t *testing.T) {
	// Ensure that real values that lead back to their parent are found.
	type parent struct {
		name   [16]byte
		next   *parent
		number int
	}
	type data struct {
		up      *parent
		field   *int
		text    string
		bytes   []byte
		boxed   any
		ordered fmt.Stringer
		table   map[string]int
	}
	p := new(parent)
	// Safety: only the number of an address is looked at.
	base, size := uintptr(unsafe.Pointer(p)), unsafe.Sizeof(*p)
	f := SelfPointers(reflect.TypeFor[data]())
	other := new(parent)
	for name, c := range map[string]struct {
		value data
		want  bool
	}{
		"none":    {data{up: other, text: "text", boxed: 5, table: map[string]int{}}, false},
		"pointer": {data{up: p}, true},
		"field":   {data{field: &p.number}, true},
		// Safety: the string lies in p's own bytes.
		"string":    {data{text: unsafe.String(&p.name[3], 4)}, true},
		"slice":     {data{bytes: p.name[8:]}, true},
		"interface": {data{boxed: p}, true},
		"elsewhere": {data{bytes: other.name[:], boxed: other}, false},
	} {
		// Safety: c.value is of the type that f was made of.
		if got := f.PointInto(unsafe.Pointer(&c.value), base, size); got != c.want {
			t.Errorf("%s: %v", name, got)
		}
	}
	value := new(data)
	// Safety: value is of the type that f was made of.
	if n := testing.AllocsPerRun(100, func() { f.PointInto(unsafe.Pointer(value), base, size) }); n != 0 {
		t.Errorf("%v allocations", n)
	}
}
