package shadowtest

import (
	"reflect"
	"runtime"
	"testing"
	"time"
	"weak"

	"github.com/shadowvars/shadow"
)

// Handle is a [shadow.Var], [shadow.Any] or [shadow.Bytes].
type Handle interface {
	ID() shadow.ID
	Name() string
	Len() int
}

// KeptAlive tests whether the data attached to an object keeps the object alive. It calls attach, in a goroutine of its own, which makes an
// object, attaches to it what the program does, and returns it and keeps it nowhere else. Then
// it collects. If the object is still there, KeptAlive fails the test once for each class whose data holds the object, names the class, and
// says over which path, as far as it can be seen: through pointers, interfaces, slices, maps and fields, exported or not, but not through closures, channels and
// unsafe.Pointer. It returns whether the object was kept alive.
//
// The handles are those of the classes to look into. An object that stays alive though all of them have let go of it is kept by
// something else, and that is reported, too. [shadow.Pinned] keeps its parents by design and is reported like the others.
//
// The object must not be smaller than 16 bytes if it has no pointers: such objects live as long as their neighbours.
// attach must not end the test; if it ends its goroutine, KeptAlive fails the test.
//
// It frees what is attached to an object that was kept alive: that is how it finds out who held it.
func KeptAlive[O any](tb testing.TB, attach func() *O, handles ...Handle) bool {
	tb.Helper()
	object, ok := drop(attach)
	if !ok {
		tb.Errorf("shadowtest: attach returned no object")
		return false
	}
	if dies(object) {
		return false
	}
	held := false
	for _, h := range handles {
		path, attached := look(object, h)
		if !attached {
			continue
		}
		died := dies(object)
		if !died && path == "" {
			continue // The class has let go, and it made no difference.
		}
		held = true
		if path == "" {
			path = "by a pointer in it that cannot be seen (a closure, a channel, an unsafe.Pointer), or by its lifetime"
		}
		tb.Errorf("shadowtest: class %q id %#x keeps its parent alive: %s", h.Name(), uint64(h.ID()), path)
		if died {
			return true
		}
	}
	if !held {
		tb.Errorf("shadowtest: the object is kept alive, but not by the data of the given classes")
	} else {
		tb.Errorf("shadowtest: something else keeps the object alive as well")
	}
	return true
}

// drop makes the object and lets go of it: the goroutine's stack is gone afterwards.
func drop[O any](attach func() *O) (object weak.Pointer[O], ok bool) {
	done := make(chan struct{})
	go func() {
		defer close(done)
		if o := attach(); o != nil {
			object, ok = weak.Make(o), true
		}
	}()
	<-done
	return object, ok
}

// dies collects for as long as it takes the object to die, but not much longer than that takes at most.
func dies[O any](object weak.Pointer[O]) bool {
	const cycles = 5
	for range cycles {
		runtime.GC()
		if object.Value() == nil {
			return true
		}
		time.Sleep(time.Millisecond) // for finalizers
	}
	return false
}

// look finds the path by which the data that h has for the object leads back to it, empty if there is none to be seen, and frees the data.
// It runs in a goroutine of its own, whose stack is gone afterwards.
func look[O any](object weak.Pointer[O], h Handle) (path string, attached bool) {
	done := make(chan struct{})
	go func() {
		defer close(done)
		o := object.Value()
		if o == nil {
			return
		}
		handle, arg := reflect.ValueOf(h), []reflect.Value{reflect.ValueOf(o)}
		get := handle.MethodByName("Get")
		if !get.IsValid() || get.Type().NumIn() != 1 || !arg[0].Type().AssignableTo(get.Type().In(0)) {
			return
		}
		data := get.Call(arg)[0]
		if data.IsNil() {
			return
		}
		attached = true
		path = search(data, extentOf(o))
		handle.MethodByName("Free").Call(arg)
	}()
	<-done
	return path, attached
}
