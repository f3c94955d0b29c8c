package shadowtest

import (
	"fmt"
	"reflect"
)

// extent is where an object lies.
type extent struct{ base, size uintptr }

func extentOf[O any](o *O) extent {
	v := reflect.ValueOf(o)
	return extent{v.Pointer(), v.Type().Elem().Size()}
}

func (e extent) holds(addr uintptr) bool { return addr != 0 && addr-e.base < e.size }

// searcher walks what can be reached from a value, nearest first, looking for a pointer into an object.
type searcher struct {
	object extent
	seen   map[visit]bool
	queue  []place
}

type visit struct {
	addr uintptr
	typ  reflect.Type
	size int
}

// place is a value that was reached, and how.
type place struct {
	value reflect.Value
	path  string
}

// mostPlaces bounds a search; what is farther away than so many values is not found.
const mostPlaces = 1 << 20

// search returns the shortest path from data, a pointer or slice, into the object; empty if there is none.
func search(data reflect.Value, object extent) string {
	s := &searcher{object: object, seen: map[visit]bool{}}
	name := data.Type().String()
	if data.Kind() == reflect.Pointer {
		s.add(data.Elem(), data.Type().Elem().String())
	} else {
		s.add(data, name)
	}
	for n := 0; len(s.queue) > 0 && n < mostPlaces; n++ {
		next := s.queue[0]
		s.queue = s.queue[1:]
		if path := s.follow(next); path != "" {
			return path
		}
	}
	return ""
}

func (s *searcher) add(v reflect.Value, path string) { s.queue = append(s.queue, place{v, path}) }

// follow looks at one value, and queues what it leads to. It returns the path if the value points into the object.
func (s *searcher) follow(p place) string {
	v := p.value
	switch v.Kind() {
	case reflect.Pointer:
		if s.object.holds(v.Pointer()) {
			return p.path
		}
		if !v.IsNil() && s.first(v, 1) {
			s.add(v.Elem(), p.path)
		}
	case reflect.UnsafePointer, reflect.Chan, reflect.Func:
		if s.object.holds(v.Pointer()) {
			return p.path
		}
	case reflect.String:
		// The bytes of a string have no address in reflection; strings that lie in an object are rare.
	case reflect.Interface:
		if !v.IsNil() {
			s.add(v.Elem(), fmt.Sprintf("%s.(%v)", p.path, v.Elem().Type()))
		}
	case reflect.Slice:
		if s.object.holds(v.Pointer()) {
			return p.path
		}
		if v.Len() > 0 && s.first(v, v.Len()) {
			s.elements(p)
		}
	case reflect.Array:
		s.elements(p)
	case reflect.Map:
		if s.object.holds(v.Pointer()) {
			return p.path
		}
		if !v.IsNil() && s.first(v, 0) {
			s.entries(p)
		}
	case reflect.Struct:
		for i := range v.NumField() {
			if leads(v.Field(i).Type()) {
				s.add(v.Field(i), p.path+"."+v.Type().Field(i).Name)
			}
		}
	}
	return ""
}

// first tells whether what v points to has not been looked at yet.
func (s *searcher) first(v reflect.Value, size int) bool {
	at := visit{v.Pointer(), v.Type(), size}
	if s.seen[at] {
		return false
	}
	s.seen[at] = true
	return true
}

func (s *searcher) elements(p place) {
	if !leads(p.value.Type().Elem()) {
		return
	}
	for i := range p.value.Len() {
		if len(s.queue) >= mostPlaces { // what is behind them is not looked at any more
			return
		}
		s.add(p.value.Index(i), fmt.Sprintf("%s[%d]", p.path, i))
	}
}

func (s *searcher) entries(p place) {
	t := p.value.Type()
	if !leads(t.Key()) && !leads(t.Elem()) {
		return
	}
	for entries := p.value.MapRange(); len(s.queue) < mostPlaces && entries.Next(); {
		s.add(entries.Key(), p.path+"[key]")
		s.add(entries.Value(), fmt.Sprintf("%s[%v]", p.path, entries.Key()))
	}
}

// leads tells whether a value of type t can lead anywhere.
func leads(t reflect.Type) bool {
	switch t.Kind() {
	case reflect.Array:
		return t.Len() > 0 && leads(t.Elem())
	case reflect.Struct:
		for i := range t.NumField() {
			if leads(t.Field(i).Type) {
				return true
			}
		}
		return false
	case reflect.Pointer, reflect.UnsafePointer, reflect.Chan, reflect.Func, reflect.Interface, reflect.Slice, reflect.Map:
		return true
	}
	return false
}
