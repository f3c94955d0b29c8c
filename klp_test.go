package shadow_test

import (
	"errors"
	"fmt"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/shadowvars/shadow"
)

// klp is the kernel's selftest of shadow variables, version 2 (test_klp_shadow_vars.c), on this library. Like the
// original it logs every call with pointers numbered in the order of their first sight, and the log is what is compared.
type klp struct {
	log      strings.Builder
	pointers []uintptr // their numbers are their indices
	table    *shadow.Space
	sv1      *shadow.Var[klpObject, *byte]
	sv2      *shadow.Var[klpObject, *int32]
}

type klpObject struct{ _ [8]int }

const (
	svID1 = 0x1234
	svID2 = 0x1235
)

var errNoData = errors.New("EINVAL")

func (k *klp) printf(format string, args ...any) {
	fmt.Fprintf(&k.log, "test_klp_shadow_vars: "+format+"\n", args...)
}

// ptr is a pointer's number. PTR0 is nil.
func (k *klp) ptr(p uintptr) string {
	if p == 0 {
		return "PTR0"
	}
	i := slices.Index(k.pointers, p)
	if i < 0 {
		k.pointers = append(k.pointers, p)
		i = len(k.pointers) - 1
	}
	return fmt.Sprintf("PTR%d", i+1)
}

// The functions ctor and dtor have addresses in the log, too.
var klpCtor, klpDtor = new(int32), new(int32)

// klpCalls is the module's set of wrappers for one of its two ids.
type klpCalls[T any] struct {
	k  *klp
	v  *shadow.Var[klpObject, *T]
	id int
}

func (c klpCalls[T]) get(obj *klpObject) **T {
	sv := c.v.Get(obj)
	c.k.printf("klp_shadow_get(obj=%s, id=0x%x) = %s", c.k.ptr(address(obj)), c.id, c.k.ptr(address(sv)))
	return sv
}

func (c klpCalls[T]) ctor(data *T) func(sv **T) error {
	return func(sv **T) error {
		if data == nil {
			return errNoData
		}
		*sv = data
		c.k.printf("%s: %s -> %s", "shadow_ctor", c.k.ptr(address(sv)), c.k.ptr(address(data)))
		return nil
	}
}

func (c klpCalls[T]) alloc(obj *klpObject, data *T) **T {
	sv, err := c.v.AllocFunc(obj, c.ctor(data))
	c.logAlloc("klp_shadow_alloc", obj, data, sv)
	if err != nil {
		return nil
	}
	return sv
}

func (c klpCalls[T]) getOrAlloc(obj *klpObject, data *T) **T {
	sv, _, err := c.v.GetOrAllocFunc(obj, c.ctor(data))
	c.logAlloc("klp_shadow_get_or_alloc", obj, data, sv)
	if err != nil {
		return nil
	}
	return sv
}

func (c klpCalls[T]) logAlloc(call string, obj *klpObject, data *T, sv **T) {
	k := c.k
	k.printf("%s(obj=%s, id=0x%x, size=%d, gfp_flags=GFP_KERNEL), ctor=%s, ctor_data=%s = %s",
		call, k.ptr(address(obj)), c.id, 8, k.ptr(address(klpCtor)), k.ptr(address(data)), k.ptr(address(sv)))
}

func (k *klp) expect(sv uintptr, leads bool, data uintptr) {
	switch {
	case sv == 0:
		k.printf("  got expected NULL result")
	case leads:
		k.printf("  got expected %s -> %s result", k.ptr(sv), k.ptr(data))
	default:
		k.printf("  unexpected result")
	}
}

func TestKernelSelftest(t *testing.T) {
	// Ensure that the kernel's own test of shadow variables passes line by line, its 57 log lines and their order being the oracle.
	for _, l := range lifetimes {
		t.Run(l.String(), func(t *testing.T) {
			k := newKlp(l)
			k.selftest(t)
			got := strings.Split(strings.TrimSuffix(k.log.String(), "\n"), "\n")
			want := strings.Split(strings.TrimSpace(klpLog), "\n")
			if len(want) != 57 {
				t.Fatalf("the oracle has %d lines", len(want))
			}
			for i := range max(len(got), len(want)) {
				if i >= len(got) || i >= len(want) || got[i] != want[i] {
					t.Fatalf("line %d of %d:\ngot  %s\nwant %s", i+1, len(got), line(got, i), line(want, i))
				}
			}
		})
	}
}

func line(lines []string, i int) string {
	if i < len(lines) {
		return lines[i]
	}
	return "(none)"
}

func newKlp(l shadow.Lifetime) *klp {
	s := shadow.NewSpace(nil)
	k := &klp{table: s}
	k.sv1 = shadow.MustNew(svID1, &shadow.Options[klpObject, *byte]{Space: s, Lifetime: l, Name: "char", Destroy: func(obj *klpObject, sv **byte) {
		k.printf("%s(obj=%s, shadow_data=%s)", "shadow_dtor", k.ptr(address(obj)), k.ptr(address(sv)))
	}})
	k.sv2 = shadow.MustNew(svID2, &shadow.Options[klpObject, *int32]{Space: s, Lifetime: l, Name: "int"})
	return k
}

// selftest is test_klp_shadow_vars_init.
func (k *klp) selftest(t *testing.T) {
	chars, ints := klpCalls[byte]{k, k.sv1, svID1}, klpCalls[int32]{k, k.sv2, svID2}
	var objs [3]*klpObject
	var char [3]*byte
	var number [3]*int32
	for i := range objs {
		objs[i], char[i], number[i] = new(klpObject), &new([16]byte)[0], &new([16]int32)[0]
	}
	var sv1 [3]**byte
	var sv2 [3]**int32

	// With an empty table there is nothing to find.
	k.expect(address(chars.get(objs[0])), false, 0)

	// The allocation of all pairs calls ctor once each.
	for i, obj := range objs {
		// As in the original, the data is seen before the variable and the object.
		k.ptr(address(char[i]))
		if i%2 == 1 {
			sv1[i] = chars.alloc(obj, char[i])
		} else {
			sv1[i] = chars.getOrAlloc(obj, char[i])
		}
		if sv1[i] == nil {
			t.Fatal("ENOMEM")
		}
		k.ptr(address(number[i]))
		if sv2[i] = ints.alloc(obj, number[i]); sv2[i] == nil {
			t.Fatal("ENOMEM")
		}
	}

	// All variables are found, with the data that ctor put in.
	for i, obj := range objs {
		p := chars.get(obj)
		k.expect(address(p), p == sv1[i] && *p == char[i], address(char[i]))
		q := ints.get(obj)
		k.expect(address(q), q == sv2[i] && *q == number[i], address(number[i]))
	}

	// What exists is not constructed again.
	for i, obj := range objs {
		p := chars.getOrAlloc(obj, char[i])
		k.expect(address(p), p == sv1[i] && *p == char[i], address(char[i]))
	}

	// Freed variables are destroyed and gone.
	for _, obj := range objs {
		k.sv1.Free(obj)
		k.printf("klp_shadow_free(obj=%s, id=0x%x, dtor=%s)", k.ptr(address(obj)), svID1, k.ptr(address(klpDtor)))
		k.expect(address(chars.get(obj)), false, 0)
	}

	// Those of the other id are still there.
	for i, obj := range objs {
		q := ints.get(obj)
		k.expect(address(q), q == sv2[i] && *q == number[i], address(number[i]))
	}

	// All of an id end together. The order of the end is not defined, so this class has no destructor.
	k.sv2.FreeAll()
	k.printf("klp_shadow_free_all(id=0x%x, dtor=%s)", svID2, k.ptr(0))
	for _, obj := range objs {
		k.expect(address(ints.get(obj)), false, 0)
	}
	runtime.KeepAlive(objs)
}

func TestKernelSelftestGaps(t *testing.T) {
	// Ensure what the kernel's test leaves out: other data for an existing pair, duplicates, failing ctors, missing pairs, free_all with a
	// destructor and beside another id, NULL, calls from within ctor and dtor. (Concurrency and death of the parent: contract tests.)
	for _, l := range lifetimes {
		t.Run(l.String(), func(t *testing.T) {
			k := newKlp(l)
			chars, ints := klpCalls[byte]{k, k.sv1, svID1}, klpCalls[int32]{k, k.sv2, svID2}
			obj, other := new(klpObject), new(klpObject)
			a, b, n := new(byte), new(byte), new(int32)
			sv := chars.alloc(obj, a)
			if p := chars.getOrAlloc(obj, b); p != sv || *p != a {
				t.Fatal("get_or_alloc with other data changed what was there")
			}
			if chars.alloc(obj, b) != nil || *k.sv1.Get(obj) != a {
				t.Fatal("a duplicate alloc succeeded")
			}
			if _, err := k.sv1.AllocFunc(other, chars.ctor(nil)); err != errNoData || k.sv1.Has(other) {
				t.Fatal("a failing ctor attached something, or its code was lost")
			}
			if chars.alloc(other, b) == nil {
				t.Fatal("no second try after a failing ctor")
			}
			if k.sv2.Free(obj) || k.sv2.FreeAll() != 0 {
				t.Fatal("freed what was not there")
			}
			if ints.alloc(obj, n) == nil {
				t.Fatal("alloc")
			}

			// free_all with a destructor, whose calls are compared as a set.
			k.log.Reset()
			if k.sv1.FreeAll() != 2 || !k.sv2.Has(obj) || k.sv1.Has(obj) || k.sv1.Has(other) {
				t.Fatal("free_all")
			}
			lines := strings.Split(strings.TrimSpace(k.log.String()), "\n")
			if len(lines) != 2 || lines[0] == lines[1] || strings.Count(k.log.String(), "shadow_dtor(obj=") != 2 {
				t.Fatalf("dtor calls:\n%s", k.log.String())
			}
			if _, err := k.sv1.Alloc(nil, nil); !errors.Is(err, shadow.ErrNilObject) || k.sv1.Get(nil) != nil {
				t.Fatal("obj = NULL; parentless data is attached to a package variable")
			}

			// In the kernel these are deadlocks: alloc in a ctor, free in a dtor.
			if _, err := k.sv1.AllocFunc(obj, func(sv **byte) error {
				if !k.sv2.Free(obj) || ints.alloc(obj, n) == nil || chars.alloc(other, b) == nil {
					t.Error("calls from ctor")
				}
				return nil
			}); err != nil {
				t.Fatal(err)
			}
			again, err := shadow.New(svID1, &shadow.Options[klpObject, *byte]{Space: k.table, Lifetime: l, Destroy: func(*klpObject, **byte) {
				k.sv1.Free(other)
				k.sv2.Free(obj)
			}})
			if err != nil {
				t.Fatal(err)
			}
			k.sv1.Free(obj)
			if again.Len() != 0 || k.sv2.Len() != 0 {
				t.Fatal("calls from dtor")
			}
		})
	}
}
