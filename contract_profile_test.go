package shadow_test

import (
	"errors"
	"fmt"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
	"weak"

	"github.com/shadowvars/shadow"
)

// profiled is what the three kinds of handle have in common for a test of profiles.
type profiled struct {
	attach  func(obj *conn) error
	build   func(obj *conn) error
	free    func(obj *conn) bool
	take    func(obj *conn) bool
	move    func(dst, src *conn) error // nil: no such method
	copy    func(dst, src *conn) error // nil: no such method
	freeAll func() int
	len     func() int
	close   func() int
}

// inProfiles runs a test for all lifetimes and kinds of handle, each in a space and class of its own that records one attachment in rate.
func inProfiles(t *testing.T, rate int, test func(t *testing.T, s *shadow.Space, l shadow.Lifetime, p profiled)) {
	for _, l := range lifetimes {
		t.Run("Var/"+l.String(), func(t *testing.T) {
			s := shadow.NewSpace(nil)
			v := shadow.MustNew(7, &shadow.Options[conn, note]{Space: s, Name: "seven", Lifetime: l, Profile: rate})
			test(t, s, l, profiled{
				attach: func(obj *conn) error { _, err := v.Alloc(obj, nil); return err },
				build: func(obj *conn) error {
					_, _, err := v.GetOrAllocFunc(obj, func(*note) error { return nil })
					return err
				},
				free:    v.Free,
				take:    func(obj *conn) bool { return v.Take(obj) != nil },
				move:    func(dst, src *conn) error { _, err := v.Move(dst, src); return err },
				copy:    func(dst, src *conn) error { _, err := v.Copy(dst, src); return err },
				freeAll: v.FreeAll, len: v.Len, close: v.Close,
			})
		})
		t.Run("Any/"+l.String(), func(t *testing.T) {
			s := shadow.NewSpace(nil)
			v := shadow.MustNewAny(7, &shadow.AnyOptions[note]{Space: s, Name: "seven", Lifetime: l, Profile: rate})
			test(t, s, l, profiled{
				attach:  func(obj *conn) error { _, _, err := v.GetOrAlloc(obj, nil); return err },
				build:   func(obj *conn) error { _, err := v.AllocFunc(obj, func(*note) error { return nil }); return err },
				free:    func(obj *conn) bool { return v.Free(obj) },
				take:    func(obj *conn) bool { return v.Take(obj) != nil },
				move:    func(dst, src *conn) error { _, err := v.Move(dst, src); return err },
				copy:    func(dst, src *conn) error { _, err := v.Copy(dst, src); return err },
				freeAll: v.FreeAll, len: v.Len, close: v.Close,
			})
		})
		t.Run("Bytes/"+l.String(), func(t *testing.T) {
			s := shadow.NewSpace(nil)
			v := shadow.MustNewBytes(7, &shadow.BytesOptions[conn]{Space: s, Name: "seven", Lifetime: l, Profile: rate})
			test(t, s, l, profiled{
				attach:  func(obj *conn) error { _, err := v.Alloc(obj, nil, 1000); return err },
				build:   func(obj *conn) error { _, _, err := v.GetOrAlloc(obj, nil, 1000); return err },
				free:    v.Free,
				take:    func(obj *conn) bool { return v.Take(obj) != nil },
				freeAll: v.FreeAll, len: v.Len, close: v.Close,
			})
		})
	}
}

// here and there are two places that attach: what a profile has to tell apart.
//
//go:noinline
func here(p profiled, obj *conn) error { return p.attach(obj) }

//go:noinline
func there(p profiled, obj *conn) error { return p.build(obj) }

// counts are the recorded live variables by the function that attached them, the test's closures around the library's methods left out.
func counts(t *testing.T, s *shadow.Space) map[string]int {
	t.Helper()
	found := map[string]int{}
	for sample := range s.Samples() {
		if sample.ID != 7 || sample.Name != "seven" || sample.Count < 1 || sample.Bytes == 0 || sample.Type == "" {
			t.Fatalf("a sample %+v", sample)
		}
		caller := "?"
		for i, f := range sample.Stack {
			if i == 0 && !strings.Contains(f.Function, "shadow_test.inProfiles") {
				t.Fatalf("the innermost call is %s", f.Function)
			}
			if name := f.Function[strings.LastIndex(f.Function, ".")+1:]; name == "here" || name == "there" {
				if caller = name; !strings.HasSuffix(f.File, "contract_profile_test.go") || f.Line == 0 {
					t.Fatalf("%s is said to be in %s:%d", name, f.File, f.Line)
				}
				break
			}
		}
		found[caller] += sample.Count
	}
	return found
}

func wantCounts(t *testing.T, s *shadow.Space, what string, here, there int) {
	t.Helper()
	got := counts(t, s)
	if got["here"] != here || got["there"] != there || got["?"] != 0 {
		t.Fatalf("%s: the profile has %v, want here %d, there %d", what, got, here, there)
	}
}

func TestProfileCounts(t *testing.T) {
	// Ensure that the profile has each live variable under the stack that attached it, and is right at once after every way there is for one to end.
	inProfiles(t, 1, func(t *testing.T, s *shadow.Space, l shadow.Lifetime, p profiled) {
		objs, spare := parents(100), parents(4)
		fill := func() {
			for i, obj := range objs {
				attach := here
				if i >= 60 {
					attach = there
				}
				if err := attach(p, obj); err != nil {
					t.Fatal(err)
				}
			}
		}
		wantCounts(t, s, "before", 0, 0)
		fill()
		wantCounts(t, s, "attached", 60, 40)
		p.free(objs[0])
		wantCounts(t, s, "Free", 59, 40)
		p.take(objs[99])
		wantCounts(t, s, "Take", 59, 39)
		s.FreeObject(objs[1])
		wantCounts(t, s, "FreeObject", 58, 39)
		if err := here(p, objs[2]); err == nil && p.len() != 97 {
			t.Fatal("attached twice")
		}
		wantCounts(t, s, "a lost attachment", 58, 39)
		if p.move != nil {
			if err := p.move(spare[0], objs[3]); err != nil {
				t.Fatal(err)
			}
			wantCounts(t, s, "Move", 58, 39)
			if err := p.copy(spare[1], objs[98]); err != nil {
				t.Fatal(err)
			}
			if got := counts(t, s); got["here"] != 58 || got["there"] != 39 || got["?"] != 1 {
				t.Fatalf("Copy: %v", got)
			}
			p.free(spare[1])
		}
		if n := p.freeAll(); n != 97 {
			t.Fatalf("FreeAll = %d", n)
		}
		wantCounts(t, s, "FreeAll", 0, 0)
		fill()
		wantCounts(t, s, "attached again", 60, 40)
		p.close()
		wantCounts(t, s, "Close", 0, 0)
		runtime.KeepAlive(objs)
		runtime.KeepAlive(spare)
	})
}

func TestProfileOfTheDead(t *testing.T) {
	// Ensure that a variable is out of the profile once the collector has found its parent dead, reaped or not, and that looking at the
	// profile all the time keeps no parent alive.
	inProfiles(t, 1, func(t *testing.T, s *shadow.Space, l shadow.Lifetime, p profiled) {
		if l != shadow.Collected {
			return
		}
		for range 5 {
			kept := new(conn)
			var died []weak.Pointer[conn]
			done := make(chan struct{})
			go func() {
				defer close(done)
				for range 50 {
					obj := new(conn)
					if err := here(p, obj); err != nil {
						t.Error(err)
					}
					died = append(died, weak.Make(obj))
				}
			}()
			<-done
			if err := there(p, kept); err != nil {
				t.Fatal(err)
			}
			var stop atomic.Bool
			var looks sync.WaitGroup
			looks.Go(func() {
				for !stop.Load() && !byValue {
					for range s.Samples() {
					}
				}
			})
			collected := func() bool {
				runtime.GC()
				for _, w := range died {
					if w.Value() != nil {
						return false
					}
				}
				return true
			}
			for tries := 0; !collected(); tries++ {
				if tries == 20 {
					t.Fatal("parents are kept alive")
				}
			}
			wantCounts(t, s, "after a collection", 0, 1)
			stop.Store(true)
			looks.Wait()
			if !p.free(kept) {
				t.Fatal("Free")
			}
		}
	})
}

func TestProfileRate(t *testing.T) {
	// Ensure that of many attachments about one in Rate is recorded, that each sample names the rate, and that a reused slot has no stack of its former variable.
	inProfiles(t, 10, func(t *testing.T, s *shadow.Space, l shadow.Lifetime, p profiled) {
		const n = 3_000
		objs := parents(n)
		for _, obj := range objs {
			if err := here(p, obj); err != nil {
				t.Fatal(err)
			}
		}
		// The standard deviation is 16.
		if got := counts(t, s)["here"]; got < 210 || got > 390 {
			t.Fatalf("%d of %d are recorded", got, n)
		}
		for sample := range s.Samples() {
			if sample.Rate != 10 {
				t.Fatalf("the rate is %d", sample.Rate)
			}
		}
		for range 3 {
			for _, obj := range objs {
				p.free(obj)
			}
			wantCounts(t, s, "freed", 0, 0)
			runtime.GC() // segment numbers may be used again
			runtime.GC()
			for _, obj := range objs {
				if err := there(p, obj); err != nil {
					t.Fatal(err)
				}
			}
			if got := counts(t, s); got["here"] != 0 || got["there"] < 210 || got["there"] > 390 {
				t.Fatalf("in slots used again: %v", got)
			}
		}
	})
}

func TestProfileOneSampleAStack(t *testing.T) {
	// Ensure that what one stack attached is one sample, also if the library had more to do for one attachment than for another: here GetOrAlloc waits for a constructor, which fails.
	for _, l := range lifetimes {
		s := shadow.NewSpace(nil)
		v := shadow.MustNew(7, &shadow.Options[conn, note]{Space: s, Lifetime: l, Profile: 1})
		objs := []*conn{new(conn), new(conn)}
		begun, failed := make(chan struct{}), errors.New("failed")
		var building sync.WaitGroup
		building.Go(func() {
			v.AllocFunc(objs[1], func(*note) error {
				close(begun)
				time.Sleep(20 * time.Millisecond)
				return failed
			})
		})
		<-begun
		for _, obj := range objs {
			if _, loaded, err := v.GetOrAlloc(obj, nil); loaded || err != nil {
				t.Fatal(loaded, err)
			}
		}
		building.Wait()
		var counts []int
		for sample := range s.Samples() {
			counts = append(counts, sample.Count)
		}
		if len(counts) != 1 || counts[0] != len(objs) {
			t.Errorf("%v: samples of %v variables", l, counts)
		}
		runtime.KeepAlive(objs)
	}
}

func TestProfileOff(t *testing.T) {
	// Ensure that a class without a profile records nothing, that whoever opens a class first decides, and that the profile says how much the data of Bytes takes.
	inProfiles(t, 0, func(t *testing.T, s *shadow.Space, l shadow.Lifetime, p profiled) {
		obj := new(conn)
		if err := here(p, obj); err != nil {
			t.Fatal(err)
		}
		for sample := range s.Samples() {
			t.Errorf("a sample %+v", sample)
		}
		runtime.KeepAlive(obj)
	})
	s := shadow.NewSpace(nil)
	off := shadow.MustNew(1, &shadow.Options[conn, note]{Space: s})
	late := shadow.MustNew(1, &shadow.Options[conn, note]{Space: s, Profile: 1})
	bytes := shadow.MustNewBytes(2, &shadow.BytesOptions[conn]{Space: s, Profile: 1})
	obj := new(conn)
	must(t)(late.Alloc(obj, nil))
	if _, err := bytes.Alloc(obj, nil, 1000); err != nil {
		t.Fatal(err)
	}
	seen := 0
	for sample := range s.Samples() {
		seen++
		if sample.ID != 2 || sample.Bytes < 1000 || sample.Bytes > 1100 {
			t.Errorf("a sample %+v", sample)
		}
	}
	if seen != 1 || off.Len() != 1 {
		t.Errorf("%d samples", seen)
	}
	runtime.KeepAlive(obj)
}

func TestProfileOfBytes(t *testing.T) {
	// Ensure that a profile of all attachments accounts for as many bytes as the class's statistics.
	inProfiles(t, 1, func(t *testing.T, s *shadow.Space, l shadow.Lifetime, p profiled) {
		objs := parents(100)
		for _, obj := range objs {
			if err := here(p, obj); err != nil {
				t.Fatal(err)
			}
		}
		b := shadow.MustNewBytes(99, &shadow.BytesOptions[conn]{Space: s, Lifetime: l, Profile: 1})
		for i, obj := range objs {
			if _, err := b.Alloc(obj, nil, 6*i); err != nil {
				t.Fatal(err)
			}
		}
		var profiled uintptr
		for sample := range s.Samples() {
			profiled += sample.Bytes
		}
		if st := s.Stats(); profiled == 0 || profiled != st.BytesLive {
			t.Errorf("%d bytes in the profile, %d live", profiled, st.BytesLive)
		}
		runtime.KeepAlive(objs)
	})
}

func TestProfileStops(t *testing.T) {
	// Ensure that a loop over samples can be left, and that its body may call the library.
	s := shadow.NewSpace(nil)
	for id := range shadow.ID(3) {
		v := shadow.MustNew(id, &shadow.Options[conn, note]{Space: s, Lifetime: shadow.Pinned, Profile: 1})
		for range 3 {
			must(t)(v.Alloc(new(conn), nil))
			must(t)(v.Alloc(new(conn), nil)) // another line
		}
	}
	seen := 0
	for range s.Samples() {
		if seen++; seen == 4 {
			break
		}
	}
	if seen != 4 {
		t.Errorf("%d samples", seen)
	}
	for range s.Samples() {
		s.Close()
	}
}

func TestProfileAtOnce(t *testing.T) {
	// Ensure that the profile agrees with Len after any mixture of concurrent attachments, ends and looks, and never has more than there can be meanwhile.
	inProfiles(t, 1, func(t *testing.T, s *shadow.Space, l shadow.Lifetime, p profiled) {
		const workers, each = 4, 40
		var stop atomic.Bool
		var looks, work sync.WaitGroup
		looks.Go(func() {
			for !stop.Load() {
				for sample := range s.Samples() {
					if sample.Count > workers*each {
						t.Errorf("%d of at most %d variables", sample.Count, workers*each)
					}
				}
				runtime.Gosched()
			}
		})
		objs := parents(workers * each)
		for w := range workers {
			work.Go(func() {
				mine := objs[w*each : (w+1)*each]
				for round := range 30 {
					for i, obj := range mine {
						attach := here
						if i%2 == 0 {
							attach = there
						}
						attach(p, obj)
					}
					if round == 29 {
						return
					}
					for _, obj := range mine[:each/2] {
						p.free(obj)
					}
					if w == 0 && round%8 == 0 {
						p.freeAll()
					}
				}
			})
		}
		work.Wait()
		stop.Store(true)
		looks.Wait()
		got := counts(t, s)
		if got["here"]+got["there"] != p.len() || got["?"] != 0 {
			t.Fatalf("the profile has %v, Len is %d", got, p.len())
		}
		runtime.KeepAlive(objs)
	})
}

func TestProfileDepth(t *testing.T) {
	// Ensure that a deep stack is cut at its outer end, and that many different stacks are kept apart.
	s := shadow.NewSpace(nil)
	v := shadow.MustNew(1, &shadow.Options[conn, note]{Space: s, Lifetime: shadow.Pinned, Profile: 1})
	for depth := range 200 {
		nested(depth, func() { must(t)(v.Alloc(new(conn), nil)) })
	}
	seen, total, longest := 0, 0, 0
	for sample := range s.Samples() {
		seen++
		total += sample.Count
		longest = max(longest, len(sample.Stack))
		if f := sample.Stack[0].Function; !strings.HasSuffix(f, fmt.Sprintf("TestProfileDepth.func%d", 1)) {
			t.Fatalf("the innermost call is %s", f)
		}
	}
	if total != 200 || seen < 20 || seen > 40 || longest < 20 || longest > 40 {
		t.Errorf("%d variables in %d samples with up to %d calls", total, seen, longest)
	}
}

//go:noinline
func nested(depth int, f func()) {
	if depth == 0 {
		f()
		return
	}
	nested(depth-1, f)
}
