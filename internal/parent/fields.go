package parent

import (
	"math/bits"
	"reflect"
)

// Fields lists the words of a type that hold pointers. It is made once per
// class and immutable.
type Fields struct {
	words  []uintptr // offsets of single words
	arrays []array   // arrays too long to be listed word by word
}

type array struct {
	offset, stride, count uintptr
	element               *Fields
}

// listed is how many words one array may add to the list. Beyond it the
// description of a type would grow with the length of its arrays, and
// New of a class with a big array in its data would pay for it.
const listed = 32

// wordSize is the size of a pointer.
const wordSize = bits.UintSize / 8

// SelfPointers returns the words of a value of type t that could lead the
// collector from the value back to its parent: pointers, maps, channels,
// functions, and the data words of strings, slices and interfaces, in nested
// structs and arrays too. It returns nil if t holds no pointers. Only these
// words count, not what is reached through them. Its cost is proportional to
// the size of the type's description.
func SelfPointers(t reflect.Type) *Fields {
	f := new(Fields)
	f.collect(t, 0)
	if len(f.words) == 0 && len(f.arrays) == 0 {
		return nil
	}
	return f
}

// HasPointers tells whether a value of type t holds pointers, so that the
// collector has to look at it.
func HasPointers(t reflect.Type) bool {
	switch t.Kind() {
	case reflect.Array:
		return t.Len() > 0 && HasPointers(t.Elem())
	case reflect.Struct:
		for i := range t.NumField() {
			if HasPointers(t.Field(i).Type) {
				return true
			}
		}
		return false
	}
	_, ok := dataWord(t.Kind())
	return ok
}

// dataWord returns where in a value of a kind that is neither array nor struct
// the word stands that points to its data, and whether there is one.
func dataWord(k reflect.Kind) (offset uintptr, ok bool) {
	switch k {
	case reflect.Pointer, reflect.UnsafePointer, reflect.Map, reflect.Chan, reflect.Func, reflect.String, reflect.Slice:
		return 0, true
	case reflect.Interface:
		return wordSize, true // the first word is the type
	}
	return 0, false
}

// collect adds the words of a value of type t at offset.
func (f *Fields) collect(t reflect.Type, offset uintptr) {
	switch t.Kind() {
	case reflect.Struct:
		for i := range t.NumField() {
			field := t.Field(i)
			f.collect(field.Type, offset+field.Offset)
		}
	case reflect.Array:
		f.collectArray(t, offset)
	default:
		if at, ok := dataWord(t.Kind()); ok {
			f.words = append(f.words, offset+at)
		}
	}
}

// collectArray adds a short array word by word and a long one as a loop.
func (f *Fields) collectArray(t reflect.Type, offset uintptr) {
	element := SelfPointers(t.Elem())
	if element == nil || t.Len() == 0 {
		return
	}
	stride, count := t.Elem().Size(), uintptr(t.Len())
	if len(element.arrays) > 0 || count > listed/uintptr(len(element.words)) {
		f.arrays = append(f.arrays, array{offset, stride, count, element})
		return
	}
	for i := range count {
		for _, word := range element.words {
			f.words = append(f.words, offset+i*stride+word)
		}
	}
}
