package guide_test

import (
	"fmt"
	"reflect"
	"runtime"
	"sync"

	"github.com/shadowvars/shadow"
)

// Device belongs to another package.
type Device struct{ name string }

// Before: a map that must not keep its keys, so they are numbers, and a finalizer on each object that takes the entry out. There can be only one
// finalizer on an object, a forgotten one leaves an entry for the next object at that address, and the lock is everybody's.
var before = struct {
	sync.Mutex
	onEnd map[uintptr]func()
}{onEnd: map[uintptr]func(){}}

func onEndBefore(d *Device, f func()) {
	address := reflect.ValueOf(d).Pointer()
	before.Lock()
	defer before.Unlock()
	before.onEnd[address] = f
	runtime.SetFinalizer(d, func(*Device) {
		before.Lock()
		f := before.onEnd[address]
		delete(before.onEnd, address)
		before.Unlock()
		f()
	})
}

// After: what is attached is destroyed once, when the object is gone or when it is freed.
var closers = shadow.MustNew(shadow.NameID("example.com/closers"), &shadow.Options[Device, func()]{
	Destroy: func(_ *Device, close *func()) { (*close)() },
})

// OnEnd has f called when d is gone. f must not use d: it would keep it.
func OnEnd(d *Device, f func()) error {
	_, err := closers.Alloc(d, &f)
	return err
}

func Example_mapWithFinalizer() {
	closed := make(chan string, 2)
	func() {
		d := &Device{name: "disk"}
		name := d.name
		onEndBefore(d, func() { closed <- name + " closed" })
		if err := OnEnd(d, func() { closed <- name + " closed" }); err != nil {
			fmt.Println(err)
		}
	}()
	for len(closed) < 2 {
		runtime.GC()
		runtime.Gosched()
	}
	fmt.Println(<-closed, <-closed, closers.Len())
	// Output: disk closed disk closed 0
}
