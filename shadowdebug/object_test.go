package shadowdebug_test

import (
	"fmt"
	"net"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/shadowvars/shadow"
	"github.com/shadowvars/shadow/shadowdebug"
)

type object struct {
	Address   string
	Bytes     uintptr
	Variables []struct {
		Space, Key, Name, Lifetime, Type, Parent, Address, Contents string
		Size                                                        uintptr
		Shown, Failed                                               bool
	}
}

var lifetimes = []shadow.Lifetime{shadow.Collected, shadow.Pinned, shadow.Manual}

func TestObject(t *testing.T) {
	// Ensure that everything attached to an object is listed, of all kinds and lifetimes, by class, type, size and address, and nothing of others.
	s := newSpace(t, "objects")
	h := shadowdebug.Handler(newSpace(t, "other"), s)
	for i, l := range lifetimes {
		id := shadow.ID(10 * (i + 1))
		v := shadow.MustNew(id, &shadow.Options[net.TCPAddr, note]{Space: s, Name: "a var", Lifetime: l, Format: func(n *note) string { return fmt.Sprint("n is ", n.n) }})
		a := shadow.MustNewAny(id+1, &shadow.AnyOptions[[3]uint64]{Space: s, Name: "an any", Lifetime: l})
		b := shadow.MustNewBytes(id+2, &shadow.BytesOptions[net.TCPAddr]{Space: s, Name: "bytes", Lifetime: l, Format: func(b []byte) string { return string(b) }})
		obj, other := new(net.TCPAddr), new(net.TCPAddr)
		data := must[*note](t)(v.Alloc(obj, &note{n: 7}))
		triple := must[*[3]uint64](t)(a.Alloc(net.Addr(obj), nil))
		bytes := must[[]byte](t)(b.Alloc(obj, []byte("hello"), 5))
		must[*note](t)(v.Alloc(other, nil))

		o := read[object](t, h, "addr", fmt.Sprintf("%p", obj))
		got := fmt.Sprintf("%+v", o.Variables)
		want := fmt.Sprintf("[{Space:objects Key:%#x Name:a var Lifetime:%[2]v Type:Var[net.TCPAddr, shadowdebug_test.note] Parent:net.TCPAddr Address:%[3]p Contents:n is 7 Size:16 Shown:true Failed:false}"+
			" {Space:objects Key:%#[4]x Name:an any Lifetime:%[2]v Type:Any[[3]uint64] Parent:*net.TCPAddr Address:%[5]p Contents: Size:24 Shown:false Failed:false}"+
			" {Space:objects Key:%#[6]x Name:bytes Lifetime:%[2]v Type:Bytes[net.TCPAddr] Parent:net.TCPAddr Address:%[7]p Contents:hello Size:5 Shown:true Failed:false}]",
			uint64(id), l, data, uint64(id+1), triple, uint64(id+2), &bytes[0])
		if got != want || o.Bytes != 45 || o.Address != fmt.Sprintf("%p", obj) {
			t.Errorf("%v:\n%s\n%s", l, got, want)
		}
		page := get(t, h, "addr", fmt.Sprintf("%p", obj))
		sane(t, page)
		text := get(t, h, "addr", fmt.Sprintf("%p", obj), "format", "text")
		for _, want := range []string{"a var", "n is 7", "Any[[3]uint64]", "*net.TCPAddr", fmt.Sprintf("%p", triple), "hello"} {
			if !strings.Contains(page, want) || !strings.Contains(text, want) {
				t.Errorf("%v: %q is missing in\n%s\n%s", l, want, page, text)
			}
		}
		v.Free(obj)
		a.Free(obj)
		b.Free(obj)
		if o := read[object](t, h, "addr", fmt.Sprintf("%p", obj)); len(o.Variables) != 0 {
			t.Errorf("%v: freed and still there: %+v", l, o)
		}
		if page := get(t, h, "addr", fmt.Sprintf("%p", obj)); !strings.Contains(page, "Nothing is attached") {
			t.Errorf("%v: %s", l, page)
		}
		runtime.KeepAlive(obj)
		runtime.KeepAlive(other)
	}
}

func TestObjectMoved(t *testing.T) {
	// Ensure that a variable that was moved is shown at the object that it was moved to, with that one's type.
	s := newSpace(t, "moved")
	h := shadowdebug.Handler(s)
	for i, l := range lifetimes {
		a := shadow.MustNewAny(shadow.ID(i+1), &shadow.AnyOptions[note]{Space: s, Lifetime: l})
		from, to := new(conn), new(net.UDPAddr)
		must[*note](t)(a.Alloc(from, nil))
		must[*note](t)(a.Move(to, from))
		if o := read[object](t, h, "addr", fmt.Sprintf("%p", to)); len(o.Variables) != 1 || o.Variables[0].Parent != "*net.UDPAddr" {
			t.Errorf("%v: %+v", l, o)
		}
		if o := read[object](t, h, "addr", fmt.Sprintf("%p", from)); len(o.Variables) != 0 {
			t.Errorf("%v: %+v", l, o)
		}
		runtime.KeepAlive(from)
		runtime.KeepAlive(to)
	}
}

func TestFormatFails(t *testing.T) {
	// Ensure that a Format that panics or ends its goroutine spoils only its own part of the page, and one that talks too much is cut.
	s := newSpace(t, "format")
	h := shadowdebug.Handler(s)
	obj := new(conn)
	for i, format := range []func(*note) string{
		func(*note) string { panic("<b>not now") },
		func(*note) string { return strings.Repeat("talk ", 100_000) },
		func(*note) string { return "quiet" },
		func(*note) string { runtime.Goexit(); return "" },
	} {
		v := shadow.MustNew(shadow.ID(i+1), &shadow.Options[conn, note]{Space: s, Format: format})
		must[*note](t)(v.Alloc(obj, nil))
	}
	page := get(t, h, "addr", fmt.Sprintf("%p", obj))
	sane(t, page)
	if !strings.Contains(page, "Format failed: panic: &lt;b&gt;not now") || !strings.Contains(page, "quiet") || len(page) > 40_000 {
		t.Errorf("%d bytes:\n%.5000s", len(page), page)
	}
	o := read[object](t, h, "addr", fmt.Sprintf("%p", obj))
	if !o.Variables[0].Failed || o.Variables[0].Contents != "panic: <b>not now" || o.Variables[2].Failed || !o.Variables[3].Failed {
		t.Errorf("%+v", o)
	}
	runtime.KeepAlive(obj)
}

func TestStrangeAddresses(t *testing.T) {
	// Ensure that addresses that are no object's have nothing attached, whatever the lifetime, and crash nothing.
	s := newSpace(t, "strange")
	h := shadowdebug.Handler(s)
	for i, l := range lifetimes {
		v := shadow.MustNew(shadow.ID(i+1), &shadow.Options[conn, note]{Space: s, Lifetime: l})
		must[*note](t)(v.Alloc(&packageLevel, nil))
	}
	for _, addr := range []uintptr{0, 1, 8, 0x1234567, ^uintptr(0), ^uintptr(7), 1 << 30} {
		if o := read[object](t, h, "addr", fmt.Sprintf("%#x", addr)); len(o.Variables) != 0 {
			t.Errorf("%#x: %+v", addr, o)
		}
	}
	if o := read[object](t, h, "addr", fmt.Sprintf("%p", &packageLevel)); len(o.Variables) != 3 {
		t.Errorf("%+v", o)
	}
}

var packageLevel conn

func TestLookingKeepsNothingAlive(t *testing.T) {
	// Ensure that parents that all pages have shown, and go on showing, are collected all the same, with their data.
	s := newSpace(t, "alive")
	v := shadow.MustNew(1, &shadow.Options[conn, note]{Space: s, Format: func(*note) string { return "x" }})
	a := shadow.MustNewAny(2, &shadow.AnyOptions[note]{Space: s})
	b := shadow.MustNewBytes(3, &shadow.BytesOptions[conn]{Space: s})
	h := shadowdebug.Handler(s)
	var addresses []string
	func() {
		for range 50 {
			obj := new(conn)
			must[*note](t)(v.Alloc(obj, nil))
			must[*note](t)(a.Alloc(obj, nil))
			must[[]byte](t)(b.Alloc(obj, nil, 10))
			addresses = append(addresses, fmt.Sprintf("%p", obj))
			runtime.KeepAlive(obj)
		}
	}()
	var kept []string // what was shown, as a browser would keep it
	look := func() {
		for _, format := range []string{"", "text", "json"} {
			kept = append(kept, get(t, h, "format", format))
			for _, class := range []string{"1", "2", "3"} {
				kept = append(kept, get(t, h, "class", class, "format", format))
			}
			for _, addr := range addresses {
				kept = append(kept, get(t, h, "addr", addr, "format", format))
			}
		}
	}
	look()
	if !strings.Contains(kept[1], addresses[0]) && !strings.Contains(kept[1], addresses[40]) {
		t.Errorf("the class’s page lists no parents:\n%s", kept[1])
	}
	for range 200 {
		runtime.GC()
		look()
		kept = kept[:0]
		if s.Stats().Collected == 150 {
			return
		}
		time.Sleep(time.Millisecond)
	}
	t.Errorf("%d of 150 were collected", s.Stats().Collected)
}
