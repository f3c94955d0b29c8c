package shadow

import (
	"reflect"
	"testing"
	"unsafe"
)

func TestWords(t *testing.T) {
	// Ensure that the second word of an interface value is the parent itself, for every kind that can be one, and that join puts the words together again.
	// Safety: the pointer keeps its value and is never followed as another type.
	p, m, c := new(int), map[int]int{1: 2}, make(chan int)
	for _, v := range []any{p, &struct{}{}, m, c, (chan<- int)(c), unsafe.Pointer(p), struct{ p *int }{p}, [1]*int{p}} {
		o := words(v)
		r := reflect.ValueOf(v)
		for r.Kind() == reflect.Struct || r.Kind() == reflect.Array {
			if r.Kind() == reflect.Struct {
				r = r.Field(0)
			} else {
				r = r.Index(0)
			}
		}
		if o.address() != r.Pointer() {
			t.Errorf("%T: %#x, want %#x", v, o.address(), r.Pointer())
		}
		if joined := join(o); reflect.TypeOf(joined) != reflect.TypeOf(v) || words(joined) != o {
			t.Errorf("%T became %T", v, joined)
		}
	}
	if words(nil) != (object{}) {
		t.Error("nil has words")
	}
}
