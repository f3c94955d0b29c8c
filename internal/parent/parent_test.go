package parent

import (
	"reflect"
	"runtime"
	"sync"
	"testing"
	"time"
	"unsafe"
	"weak"
)

// mode is one of the two representations of handles, called directly, so that
// one test binary runs both.
type mode struct {
	name    string
	make    func(unsafe.Pointer) Handle
	is      func(Handle, uintptr) bool
	dead    func(Handle) bool
	pointer func(Handle) unsafe.Pointer
}

// modes returns the exported functions, which are in the mode of this build,
// and the box functions, which a normal build reaches only where the test at
// start-up fails.
func modes() []mode {
	return []mode{
		{"exported", Make, Handle.Is, Handle.Dead, Handle.Pointer},
		// Safety: the handle came from makeBox.
		{"boxed", makeBox, boxIs, boxDead, func(h Handle) unsafe.Pointer { return unsafe.Pointer(asBox(h).object.Value()) }},
	}
}

func inModes(t *testing.T, f func(t *testing.T, m mode)) {
	for _, m := range modes() {
		t.Run(m.name, func(t *testing.T) { f(t, m) })
	}
}

// eventually collects until done or a generous deadline.
func eventually(t *testing.T, what string, done func() bool) {
	t.Helper()
	for deadline := time.Now().Add(20 * time.Second); !done(); {
		runtime.GC()
		if time.Now().After(deadline) {
			t.Fatalf("not within the deadline: %s", what)
		}
		time.Sleep(time.Millisecond)
	}
}

type object struct {
	first  uint64
	second uint64
	link   *object
}

var (
	packageVariable object
	packageArray    [1 << 16]byte
	linkerAllocated = &object{first: 1}
	kept            any // keeps a test's objects on the heap
)

// Safety: a pointer loses its type.
//
//go:noinline
func pointer[T any](p *T) unsafe.Pointer { return unsafe.Pointer(p) }

// word returns the one pointer word of a map, channel or function.
// Safety: T is pointer-shaped, one word.
func word[T any](v T) unsafe.Pointer { return *(*unsafe.Pointer)(unsafe.Pointer(&v)) }

// Safety: nobody follows what is no address of memory.
func addressed(addr uintptr) unsafe.Pointer { return *(*unsafe.Pointer)(unsafe.Pointer(&addr)) }

type kindCase struct {
	name string
	make func() unsafe.Pointer
	kind Kind
}

var kindCases = []kindCase{
	{"heap start", func() unsafe.Pointer { return pointer(new(object)) }, Heap},
	{"interior", func() unsafe.Pointer { return pointer(&new(object).second) }, Heap},
	{"last byte", func() unsafe.Pointer {
		// Safety: the object's own last byte.
		return unsafe.Add(pointer(new(object)), unsafe.Sizeof(object{})-1)
	}, Heap},
	{"slice element", func() unsafe.Pointer { return pointer(&make([]object, 9)[7]) }, Heap},
	{"large", func() unsafe.Pointer { return pointer(&make([]byte, 9<<20)[8<<20]) }, Heap},
	{"tiny", func() unsafe.Pointer { return pointer(new(byte)) }, Heap},
	{"zero size", func() unsafe.Pointer { return pointer(new(struct{})) }, Immortal},
	{"stack variable", func() unsafe.Pointer { var o object; return pointer(&o) }, Heap},
	{"map", func() unsafe.Pointer { return word(map[int]int{1: 1, 2: 2}) }, Heap},
	{"channel", func() unsafe.Pointer { return word(make(chan int, 3)) }, Heap},
	{"closure", func() unsafe.Pointer { o := new(object); return word(func() { o.first++ }) }, Heap},
	{"package variable", func() unsafe.Pointer { return pointer(&packageVariable) }, Immortal},
	{"inside a package variable", func() unsafe.Pointer { return pointer(&packageVariable.second) }, Immortal},
	{"package array", func() unsafe.Pointer { return pointer(&packageArray[1<<15]) }, Immortal},
	{"linker-allocated", func() unsafe.Pointer { return pointer(linkerAllocated) }, Immortal},
	// Safety: the address is only classified.
	{"string constant", func() unsafe.Pointer { return pointer(unsafe.StringData("the bytes of a constant")) }, Foreign},
	{"reflect.Type", func() unsafe.Pointer {
		t := reflect.TypeFor[object]()
		// Safety: an interface value is two words, the second is the pointer.
		return (*[2]unsafe.Pointer)(unsafe.Pointer(&t))[1]
	}, Foreign},
	{"first page", func() unsafe.Pointer { return addressed(4096) }, Foreign},
	{"high address", func() unsafe.Pointer { return addressed(^uintptr(0) - 4095) }, Foreign},
	{"last address", func() unsafe.Pointer { return addressed(^uintptr(0)) }, Foreign},
	{"middle of the addresses", func() unsafe.Pointer { return addressed(1 << (wordSize*8 - 1)) }, Foreign},
}

func TestKinds(t *testing.T) {
	// Ensure that every kind of pointer gets its verdict, asked of the runtime
	// and remembered, and that handles of what is not foreign answer for it.
	for _, c := range kindCases {
		t.Run(c.name, func(t *testing.T) {
			p := c.make()
			for range 3 {
				if kind := classifySlow(p); kind != c.kind {
					t.Fatalf("asked: %v, want %v", kind, c.kind)
				}
				if kind := Classify(p); kind != c.kind {
					t.Fatalf("classified: %v, want %v", kind, c.kind)
				}
			}
			if remembered := known.has(uintptr(p)); remembered != (c.kind == Heap) {
				t.Fatalf("remembered: %v", remembered)
			}
			if c.kind == Foreign {
				return
			}
			inModes(t, func(t *testing.T, m mode) { checkHandle(t, m, p) })
			runtime.KeepAlive(p)
		})
	}
}

// checkHandle checks all that a handle says of a living object.
func checkHandle(t *testing.T, m mode, p unsafe.Pointer) {
	h := m.make(p)
	runtime.GC()
	if h == nil || m.make(p) != h {
		t.Fatalf("handles of equal pointers: %p, %p", h, m.make(p))
	}
	if !m.is(h, uintptr(p)) || m.is(h, uintptr(p)+1) || m.is(h, uintptr(p)-8) || m.dead(h) || m.pointer(h) != p {
		t.Fatalf("is %v, is one further %v, dead %v, pointer %p, want %p",
			m.is(h, uintptr(p)), m.is(h, uintptr(p)+1), m.dead(h), m.pointer(h), p)
	}
}

func TestSharing(t *testing.T) {
	// Ensure that a struct and its first field are one parent, and other
	// offsets and other objects are others.
	inModes(t, func(t *testing.T, m mode) {
		a, b := new(object), new(object)
		kept = []*object{a, b}
		start := m.make(pointer(a))
		if m.make(pointer(&a.first)) != start {
			t.Error("the first field has a handle of its own")
		}
		if m.make(pointer(&a.second)) == start {
			t.Error("the second field shares the handle")
		}
		if m.make(pointer(b)) == start {
			t.Error("two objects share a handle")
		}
		if m.make(pointer(new(struct{}))) != m.make(pointer(&[0]int{})) {
			t.Error("objects of size zero have different handles")
		}
	})
}

func TestNilHandle(t *testing.T) {
	// Ensure that the nil handle names nothing in both modes.
	var h Handle
	if h.Is(8) || h.Dead() || h.Pointer() != nil || boxIs(h, 8) || boxDead(h) {
		t.Error("the nil handle answers for an object")
	}
}

func TestModeInForce(t *testing.T) {
	// Ensure that the build has the representation it was asked for.
	if readable != wantReadable {
		t.Fatalf("readable %v, forced %v", readable, forceValue)
	}
	o := new(object)
	h := Make(pointer(o))
	if wordHolds(h, pointer(o)) != readable {
		t.Errorf("the handle is not of its mode")
	}
	runtime.KeepAlive(o)
}

func TestSelfTest(t *testing.T) {
	// Ensure that the test at start-up accepts what Go has, and each thing it
	// checks can make it fail.
	layout := reflect.TypeFor[weak.Pointer[byte]]()
	if !selfTest(layout, makeWord) {
		t.Error("the representation of this Go is refused")
	}
	layouts := map[string]reflect.Type{
		"no struct": reflect.TypeFor[unsafe.Pointer](),
		"two words": reflect.TypeFor[struct{ a, b unsafe.Pointer }](),
		"one field": reflect.TypeFor[struct{ a unsafe.Pointer }](),
		"no pointer": reflect.TypeFor[struct {
			_ [0]*byte
			u uintptr
		}](),
	}
	for name, l := range layouts {
		if selfTest(l, makeWord) {
			t.Errorf("accepted layout: %s", name)
		}
	}
	canonical := map[unsafe.Pointer]Handle{}
	intern := func(p unsafe.Pointer, addr uintptr) Handle {
		if canonical[p] == nil {
			canonical[p] = &Word{addr}
		}
		return canonical[p]
	}
	if !selfTest(layout, func(p unsafe.Pointer) Handle { return intern(p, uintptr(p)) }) {
		t.Error("a faithful imitation is refused: the mutants below prove nothing")
	}
	clear(canonical)
	words := map[string]func(p unsafe.Pointer) Handle{
		"nil":               func(unsafe.Pointer) Handle { return nil },
		"fresh each time":   func(p unsafe.Pointer) Handle { return &Word{uintptr(p)} },
		"object's own base": func(p unsafe.Pointer) Handle { return intern(p, uintptr(p)&^15) },
		"complement":        func(p unsafe.Pointer) Handle { return intern(p, ^uintptr(p)) },
		"interior only":     func(p unsafe.Pointer) Handle { return intern(p, uintptr(p)|8) },
		"tagged":            func(p unsafe.Pointer) Handle { return intern(p, uintptr(p)|1) },
		"misaligned": func(p unsafe.Pointer) Handle {
			bytes := new([3 * wordSize]byte)
			// Safety: the bytes of a pointer are copied to where it is misaligned; the object is kept alive by canonical's key.
			*(*[wordSize]byte)(bytes[1:]) = *(*[wordSize]byte)(unsafe.Pointer(&p))
			if canonical[p] == nil {
				// Safety: a handle that nobody but wordHolds looks at.
				canonical[p] = Handle(unsafe.Pointer(&bytes[1]))
			}
			return canonical[p]
		},
	}
	for name, f := range words {
		clear(canonical)
		if selfTest(layout, f) {
			t.Errorf("accepted words: %s", name)
		}
	}
}

//go:noinline
func mortal(m mode, n int) (handles []Handle, addrs []uintptr) {
	for range n {
		p := pointer(new(object))
		handles, addrs = append(handles, m.make(p)), append(addrs, uintptr(p))
	}
	return handles, addrs
}

func TestDeath(t *testing.T) {
	// Ensure that handles become dead for good after their objects, and boxes
	// leave the registry.
	inModes(t, func(t *testing.T, m mode) {
		handles, addrs := mortal(m, 1000)
		for i, h := range handles {
			eventually(t, "an object dies", func() bool { return m.dead(h) })
			if m.is(h, addrs[i]) || m.pointer(h) != nil {
				t.Fatal("a dead handle answers")
			}
		}
	})
	eventually(t, "boxes are forgotten", func() bool {
		n := 0
		boxes.Range(func(any, any) bool { n++; return true })
		return n < 100 // those of immortal objects and of tests that keep theirs
	})
}

//go:noinline
func clearStack(depth int) int {
	var space [512]byte
	if depth > 0 {
		space[depth%512] = byte(clearStack(depth - 1))
	}
	return int(space[depth%512])
}

func TestReturningAddresses(t *testing.T) {
	// Ensure that a dead object's handle does not answer for the object that
	// was given its address, whatever the collector is doing at the time.
	inModes(t, func(t *testing.T, m mode) {
		stop := make(chan struct{})
		var collector sync.WaitGroup
		collector.Go(func() {
			for {
				select {
				case <-stop:
					return
				default:
					runtime.GC()
				}
			}
		})
		last := map[uintptr]Handle{}
		var living [500]*object
		returns := 0
		const most = 60_000
		enough := most
		if testing.Short() {
			enough = 1000 // with GODEBUG=checkfinalizers=1 a collection takes several milliseconds, and most attempts wait for one
		}
		for i := 0; i < most && returns < enough; i++ {
			o := new(object)
			p := pointer(o)
			h := m.make(p)
			if old := last[uintptr(p)]; old != nil {
				returns++
				if m.is(old, uintptr(p)) || old == h {
					t.Fatalf("return %d: the dead object's handle answers for the living", returns)
				}
			}
			if !m.is(h, uintptr(p)) {
				t.Fatal("the handle does not answer for its living object")
			}
			last[uintptr(p)] = h
			living[i%len(living)] = o
		}
		close(stop)
		collector.Wait()
		runtime.KeepAlive(&living)
		if returns < 1000 {
			t.Fatalf("only %d addresses came back", returns)
		}
		t.Logf("%d addresses came back", returns)
	})
}

func TestResurrection(t *testing.T) {
	// Ensure that an object that its finalizer revives is a new parent.
	inModes(t, func(t *testing.T, m mode) {
		revived := make(chan *object, 1)
		inFinalizer := make(chan bool, 1)
		var old Handle
		func() {
			o := new(object)
			old = m.make(pointer(o))
			runtime.SetFinalizer(o, func(o *object) {
				inFinalizer <- m.is(old, uintptr(pointer(o))) || !m.dead(old)
				revived <- o
			})
		}()
		clearStack(10)
		eventually(t, "the finalizer runs", func() bool { return len(revived) == 1 })
		if <-inFinalizer {
			t.Error("the handle answers in the finalizer")
		}
		o := <-revived
		h := m.make(pointer(o))
		if m.is(old, uintptr(pointer(o))) || !m.dead(old) || m.pointer(old) != nil {
			t.Error("the old handle answers for the revived object")
		}
		if h == old || !m.is(h, uintptr(pointer(o))) {
			t.Error("the revived object has no handle of its own")
		}
		runtime.KeepAlive(o)
	})
}

func TestDeadBox(t *testing.T) {
	// Ensure that a box that died, but is still registered because its cleanup
	// has not run, is replaced and not given out.
	o := new(object)
	dead := weak.Make(&box{})
	eventually(t, "a box dies", func() bool { return dead.Value() == nil })
	// Safety: a byte has no alignment.
	boxes.Store(weak.Make((*byte)(pointer(o))), dead)
	h := makeBox(pointer(o))
	if h == nil || makeBox(pointer(o)) != h || !boxIs(h, uintptr(pointer(o))) {
		t.Error("no handle, or no lasting one, where a dead box stood")
	}
	runtime.KeepAlive(o)
}

func TestParallelMake(t *testing.T) {
	// Ensure that goroutines that make handles of one object at once get one
	// handle, and the race detector accepts reading it.
	inModes(t, func(t *testing.T, m mode) {
		for range 200 {
			p := pointer(new(object))
			var made [4]Handle
			var all sync.WaitGroup
			for i := range made {
				all.Go(func() {
					made[i] = m.make(p)
					if Classify(p) != Heap || !m.is(made[i], uintptr(p)) || m.dead(made[i]) {
						t.Error("the handle does not answer for its object")
					}
				})
			}
			all.Wait()
			for _, h := range made {
				if h != made[0] {
					t.Fatal("different handles of one object")
				}
			}
		}
	})
}

//go:noinline
func grow(depth int) byte {
	var space [1024]byte
	if depth > 0 {
		space[0] = grow(depth - 1)
	}
	return space[depth%1024]
}

func TestEscape(t *testing.T) {
	// Ensure that Escape keeps a local variable's address from changing, which
	// it does when the stack grows. On a goroutine of its own the stack is small.
	moved, fixed := make(chan bool), make(chan bool)
	go func() {
		var local [4]uint64
		// Safety: only the number of an address is looked at.
		before := uintptr(unsafe.Pointer(&local))
		grow(100)
		// Safety: only the number of an address is looked at.
		moved <- before != uintptr(unsafe.Pointer(&local))
	}()
	go func() {
		var local [4]uint64
		// Safety: Escape takes any address.
		Escape(unsafe.Pointer(&local))
		// Safety: only the number of an address is looked at.
		before := uintptr(unsafe.Pointer(&local))
		grow(100)
		// Safety: only the number of an address is looked at.
		fixed <- before == uintptr(unsafe.Pointer(&local))
	}()
	if !<-moved {
		t.Error("the stack did not move: the test proves nothing")
	}
	if !<-fixed {
		t.Error("an escaped variable moved")
	}
}

func TestAllocations(t *testing.T) {
	// Ensure that what lookups and repeated attaches call allocates nothing.
	o := new(object)
	p := pointer(o)
	h := Make(p)
	Classify(p)
	for name, f := range map[string]func(){
		"Is":       func() { h.Is(uintptr(p)) },
		"Dead":     func() { h.Dead() },
		"Pointer":  func() { h.Pointer() },
		"Make":     func() { Make(p) },
		"Classify": func() { Classify(p) },
		"Escape":   func() { Escape(p) },
	} {
		if n := testing.AllocsPerRun(100, f); n != 0 {
			t.Errorf("%s: %v allocations", name, n)
		}
	}
	runtime.KeepAlive(o)
}

func TestKindString(t *testing.T) {
	// Ensure that kinds print as words.
	for kind, want := range map[Kind]string{Heap: "heap", Immortal: "immortal", Foreign: "foreign", 9: "kind 9"} {
		if kind.String() != want {
			t.Errorf("%d prints as %q", kind, kind)
		}
	}
}
