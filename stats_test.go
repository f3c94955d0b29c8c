package shadow_test

import (
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/shadowvars/shadow"
)

// figures are what must have become of a space's variables.
type figures struct {
	live                              int
	attached, freed, taken, collected int64
}

func figuresOf(st shadow.Stats) figures {
	return figures{st.Live, st.Attached, st.Freed, st.Taken, st.Collected}
}

// wantFigures compares the figures of a space at rest, and those of its open classes, with what should be.
func wantFigures(t testing.TB, s *shadow.Space, after string, want figures) {
	t.Helper()
	st := s.Stats()
	if got := figuresOf(st); got != want || st.Building != 0 {
		t.Fatalf("after %s: %+v, %d building, want %+v", after, got, st.Building, want)
	}
	if want.attached != int64(want.live)+want.freed+want.taken+want.collected {
		t.Fatalf("after %s: the test does not add up", after)
	}
	for c := range s.Classes() {
		if c.Attached != int64(c.Live)+c.Freed+c.Taken+c.Collected || c.Building != 0 {
			t.Fatalf("after %s: the figures of a class do not add up: %+v", after, c)
		}
	}
}

func TestFiguresAddUp(t *testing.T) {
	// Ensure that after every kind of attachment and every kind of ending the figures are exact, at once and after the collector has settled them.
	suite(t, func(t *testing.T, e *env) {
		var d ended
		c := e.open(t, settings{destroy: d.destroy})
		objs := parents(20)
		var want figures
		check := func(after string) {
			t.Helper()
			wantFigures(t, e.space, after, want)
		}
		attached := func(n int) { want.live += n; want.attached += int64(n) }
		freed := func(n int) { want.live -= n; want.freed += int64(n) }
		check("opening")
		for _, obj := range objs[:10] {
			must(t)(c.Alloc(obj, nil))
		}
		attached(10)
		check("Alloc")

		c.Alloc(objs[0], nil)
		c.GetOrAlloc(objs[0], nil)
		c.Alloc(nil, nil)
		c.AllocFunc(objs[10], func(*note) error { return errModel })
		wantPanic(t, "ctor", func() { c.AllocFunc(objs[10], func(*note) error { panic("ctor") }) })
		exits(func() { c.AllocFunc(objs[10], func(*note) error { runtime.Goexit(); return nil }) })
		c.Move(objs[0], objs[1])
		c.Move(objs[11], objs[12])
		c.Copy(objs[11], objs[12])
		check("refused attachments")
		c.AllocFunc(objs[10], func(*note) error {
			if n := e.space.Stats().Building; n != 1 {
				t.Errorf("%d under construction", n)
			}
			return nil
		})
		c.GetOrAllocFunc(objs[11], func(*note) error { return nil })
		must(t)(c.Copy(objs[12], objs[0]))
		attached(3)
		check("construction and Copy")
		must(t)(c.Move(objs[13], objs[12]))
		check("Move")

		c.Free(objs[13])
		c.Free(objs[13])
		c.FreeIf(objs[0], c.Get(objs[1]))
		c.FreeIf(objs[0], c.Get(objs[0]))
		e.space.FreeObject(objs[1])
		freed(3)
		check("Free, FreeIf and FreeObject")
		n := 0
		c.FreeFunc(func(*conn, *note) bool { n++; return n <= 2 })
		freed(2)
		check("FreeFunc")
		for _, obj := range objs {
			if c.Take(obj) != nil {
				want.live--
				want.taken++
				break
			}
		}
		check("Take")

		freed(c.FreeAll())
		check("FreeAll")
		c.FreeAll()
		check("FreeAll of an empty class")
		must(t)(c.AllocFunc(objs[0], func(*note) error { c.FreeAll(); return nil }))
		attached(1)
		freed(1)
		check("an attachment that FreeAll overtook")
		must(t)(c.Alloc(objs[0], nil))
		attached(1)
		other := e.open(t, settings{})
		must(t)(other.Alloc(objs[0], nil))
		must(t)(other.AllocFunc(objs[1], func(*note) error { c.Close(); other.Close(); return nil }))
		attached(2)
		freed(3)
		check("Close, and an attachment that it overtook")
		third := e.open(t, settings{})
		must(t)(third.Alloc(objs[0], nil))
		attached(1)
		freed(e.space.Close())
		check("Space.Close")
		eventually(t, "the epochs are settled", func() bool { return e.space.Stats().EpochsWaiting == 0 })
		check("settling")
		runtime.KeepAlive(objs)
	})
}

func TestFiguresOfTheCollected(t *testing.T) {
	// Ensure that variables whose parents died are counted as collected, whoever finds them, and not as freed.
	for _, kind := range []string{"Var", "Any"} {
		e := &env{space: shadow.NewSpace(nil), lifetime: shadow.Collected, kind: kind}
		c := e.open(t, settings{})
		const n = 500
		for range n {
			must(t)(c.Alloc(new(conn), nil))
		}
		kept := parents(3)
		for _, obj := range kept {
			must(t)(c.Alloc(obj, nil))
		}
		// Who ends a variable in the background counts it a moment later.
		eventually(t, "the parents are found dead", func() bool {
			e.space.Reap()
			st := e.space.Stats()
			return st.Live == 3 && st.Collected == n
		})
		wantFigures(t, e.space, "collection", figures{3, n + 3, 0, 0, n})
		st := e.space.Stats()
		if st.Reaps == 0 || st.LastReap.IsZero() || time.Since(st.LastReap) > time.Hour || st.LastReapTook <= 0 {
			t.Errorf("the last reap was %+v", st)
		}
		runtime.KeepAlive(kept)
		c.Close()
		wantFigures(t, e.space, "Close", figures{0, n + 3, 3, 0, n})
	}
}

func TestFiguresOfReap(t *testing.T) {
	// Ensure that a space without a walk says so, and that each walk of Reap is one more.
	s := shadow.NewSpace(nil)
	if st := s.Stats(); st.Reaps != 0 || !st.LastReap.IsZero() {
		t.Errorf("%+v", st)
	}
	for i := range int64(3) {
		before := time.Now()
		s.Reap()
		if st := s.Stats(); st.Reaps != i+1 || st.LastReap.Before(before) || st.LastReapEnded != 0 {
			t.Errorf("%+v", st)
		}
	}
}

func TestFiguresOfReapedVariables(t *testing.T) {
	// Ensure that the last walk says how many variables it ended, as many as the Reap that it was returned.
	s := shadow.NewSpace(nil)
	v := shadow.MustNew(1, &shadow.Options[conn, note]{Space: s})
	for range 200 {
		for range 100 {
			must(t)(v.Alloc(new(conn), nil))
		}
		runtime.GC()
		before := s.Stats().Reaps
		n := s.Reap()
		st := s.Stats()
		if st.Reaps != before+1 {
			continue // A walk of the background came in between.
		}
		if st.LastReapEnded != n {
			t.Fatalf("Reap ended %d, the last walk %d", n, st.LastReapEnded)
		}
		if n > 0 {
			return
		}
	}
	t.Error("the background was always first")
}

func TestFiguresOfTheTable(t *testing.T) {
	// Ensure that the table's figures are those of what was attached, and that a migration is seen while it is under way and not before.
	s := shadow.NewSpace(nil)
	v := shadow.MustNew(1, &shadow.Options[conn, note]{Space: s, Lifetime: shadow.Manual})
	if st := s.Stats(); st.TableUsed != 0 || st.Migrating {
		t.Errorf("new: %+v", st)
	}
	objs := parents(5000)
	seen := false
	for i, obj := range objs {
		must(t)(v.Alloc(obj, nil))
		seen = seen || s.Stats().Migrating
		if i == 0 && seen {
			t.Error("a migration with one variable")
		}
	}
	st := s.Stats()
	if !seen || st.TableMigrations == 0 {
		t.Errorf("no migration was seen: %+v", st)
	}
	// While one is under way, what has not been copied yet is not in the next array, and what has been is in both.
	if st.TableUsed < 5000/2 || st.TableUsed > 2*5000 || st.TableUsed > st.TableSlots {
		t.Errorf("%d used of %d slots with 5000 variables", st.TableUsed, st.TableSlots)
	}
	if slots := st.TableSlots * 16; st.TableBytes < slots || st.TableBytes > 2*slots {
		t.Errorf("%d bytes for %d slots of 16", st.TableBytes, st.TableSlots)
	}
	runtime.KeepAlive(objs)
}

func TestFiguresOfNumbers(t *testing.T) {
	// Ensure that numbers of emptied segments are counted as long as they wait.
	s := shadow.NewSpace(nil)
	v := shadow.MustNew(1, &shadow.Options[conn, note]{Space: s, Lifetime: shadow.Manual})
	objs := parents(5000)
	waiting := func() int { return s.Stats().NumbersWaiting }
	if n := waiting(); n != 0 {
		t.Errorf("%d wait in an empty space", n)
	}
	seen := false
	for round := 0; round < 10 && !seen; round++ {
		for _, obj := range objs {
			must(t)(v.Alloc(obj, nil))
		}
		for _, obj := range objs {
			v.Free(obj)
		}
		seen = waiting() > 0
	}
	if !seen {
		t.Error("no number was seen to wait")
	}
	eventually(t, "the numbers can be used again", func() bool { return waiting() == 0 })
	runtime.KeepAlive(objs)
}

func TestFiguresUnderContention(t *testing.T) {
	// Ensure that races lost and won, FreeAlls and Closes that overtake, are all in the figures once the dust has settled.
	suite(t, func(t *testing.T, e *env) {
		var destroyed, attached, taken atomic.Int64
		count := func(p *note, loaded bool, err error) {
			if err == nil && !loaded {
				attached.Add(1)
			}
		}
		open := func() class { return e.open(t, settings{destroy: func(*conn, *note) { destroyed.Add(1) }}) }
		objs := parents(8)
		for range 3 {
			c := open()
			var workers sync.WaitGroup
			for w := range 4 {
				workers.Go(func() {
					for i := range 400 {
						obj, src := objs[(i+w)%len(objs)], objs[(i*7+w)%len(objs)]
						switch (i + 3*w) % 12 {
						case 0, 1, 2:
							p, err := c.Alloc(obj, nil)
							count(p, false, err)
						case 3, 4:
							count(c.GetOrAlloc(obj, nil))
						case 5:
							count(c.GetOrAllocFunc(obj, func(p *note) error {
								if i%2 == 0 {
									return errModel
								}
								return nil
							}))
						case 6:
							c.Move(obj, src)
						case 7:
							p, err := c.Copy(obj, src)
							count(p, false, err)
						case 8:
							if c.Take(obj) != nil {
								taken.Add(1)
							}
						case 9:
							c.Free(obj)
						case 10:
							c.FreeAll()
						case 11:
							st := e.space.Stats()
							if st.Freed < 0 || st.Taken < 0 || st.Attached < 0 {
								t.Errorf("%+v", st)
							}
						}
					}
					c.Close()
				})
			}
			workers.Wait()
		}
		st := e.space.Stats()
		if st.Live != 0 || st.Attached != attached.Load() || st.Taken != taken.Load() || st.Freed != destroyed.Load()-st.Collected {
			t.Errorf("%d attached, %d taken, %d destroyed, but %+v", attached.Load(), taken.Load(), destroyed.Load(), st)
		}
		runtime.KeepAlive(objs)
	})
}

func TestFiguresAreForgottenByNobody(t *testing.T) {
	// Ensure that what is kept of ended epochs and closed classes shrinks to sums after collections, and that the sums stay.
	s := shadow.NewSpace(nil)
	obj := new(conn)
	const rounds, times = 40, 30
	for range rounds {
		v := shadow.MustNew(1, &shadow.Options[conn, note]{Space: s})
		for range times {
			v.Alloc(obj, nil)
			v.FreeAll()
		}
		v.Close()
	}
	want := figures{0, rounds * times, rounds * times, 0, 0}
	wantFigures(t, s, "closing", want)
	if s.ClosedKept() == 0 {
		t.Error("no closed class is kept: nothing is shown")
	}
	eventually(t, "closed classes are forgotten", func() bool {
		v := shadow.MustNew(1, &shadow.Options[conn, note]{Space: s})
		v.Alloc(obj, nil)
		v.Close()
		want.attached++
		want.freed++
		return s.ClosedKept() < 8
	})
	wantFigures(t, s, "forgetting", want)

	v := shadow.MustNew(2, &shadow.Options[conn, note]{Space: s})
	for range 100 {
		v.Alloc(obj, nil)
		v.FreeAll()
	}
	want.attached += 100
	want.freed += 100
	wantFigures(t, s, "FreeAll", want)
	eventually(t, "epochs are forgotten", func() bool { return v.EpochsKept() < 4 })
	wantFigures(t, s, "forgetting epochs", want)
	runtime.KeepAlive(obj)
}

func TestFiguresOfHeldEpochs(t *testing.T) {
	// Ensure that epochs that operations still hold do not hide what others, settled among them, have come to.
	s := shadow.NewSpace(nil)
	v := shadow.MustNew(1, &shadow.Options[conn, note]{Space: s})
	objs := parents(7)
	var built sync.WaitGroup
	finish := make(chan bool)
	for _, obj := range objs[1:] {
		begun := make(chan bool)
		built.Go(func() {
			v.AllocFunc(obj, func(*note) error { close(begun); <-finish; return nil })
		})
		<-begun
		v.FreeAll()
	}
	v.Alloc(objs[0], nil)
	v.FreeAll()
	eventually(t, "the one epoch that nobody holds is settled", func() bool { return s.Stats().EpochsWaiting == 6 })
	if n := v.EpochsKept(); n < 8 {
		t.Errorf("%d epochs are kept: nothing is shown", n)
	}
	if st := s.Stats(); st.Attached != 1 || st.Freed != 1 || st.Live != 0 {
		t.Errorf("%+v", st)
	}
	close(finish)
	built.Wait()
	wantFigures(t, s, "the constructions", figures{0, 7, 7, 0, 0})
	eventually(t, "all are settled", func() bool { return v.EpochsKept() == 1 })
	wantFigures(t, s, "settling", figures{0, 7, 7, 0, 0})
	runtime.KeepAlive(objs)
}

func TestFiguresOfMemory(t *testing.T) {
	// Ensure that bytes, chunks and their waiting are what was attached, whatever the size, for Bytes by the sizes chosen.
	s := shadow.NewSpace(nil)
	objs := parents(64)
	v := shadow.MustNew(1, &shadow.Options[conn, [16]byte]{Space: s, Lifetime: shadow.Manual})
	for _, obj := range objs {
		v.Alloc(obj, nil)
	}
	perChunk := 0 // 32, but 1 in an exploration
	for c := range s.Classes() {
		perChunk = c.SlotsPerChunk
	}
	check := func(live, chunks, waiting int) {
		t.Helper()
		st := s.Stats()
		if st.BytesLive != uintptr(live*24) || st.BytesHeld != uintptr(chunks*perChunk*24) || st.Chunks != chunks || st.ChunksWaiting != waiting ||
			st.TableLoad != float64(st.TableUsed)/float64(st.TableSlots) {
			t.Errorf("%d live in chunks of %d: %+v", live, perChunk, st)
		}
	}
	check(64, 64/perChunk, 0)
	for _, obj := range objs[:40] {
		v.Free(obj)
	}
	check(24, 64/perChunk-40/perChunk, min(1, 40%perChunk))
	v.Close()
	b := shadow.MustNewBytes(2, &shadow.BytesOptions[conn]{Space: s})
	for i, obj := range objs {
		b.Alloc(obj, nil, i*100)
	}
	for c := range s.Classes() {
		least, most := uintptr(0), uintptr(0)
		for i := range objs {
			least += uintptr(i * 100)
			most += uintptr(i*100)*6/5 + 48
		}
		// All but the first lie alone in their chunks. Each of six sizes in use has handles for 32 variables; so has each variable, in an exploration.
		sides := uintptr(6 * 32 * 8)
		if perChunk == 1 {
			sides = 64 * 32 * 8
		}
		if c.BytesLive < least || c.BytesLive > most || c.BytesHeld < c.BytesLive || c.BytesHeld >= c.BytesLive+1024+sides || c.Chunks != 64 ||
			c.SlotsPerChunk != 0 || c.BytesPerSlot != 0 {
			t.Errorf("%+v, between %d and %d bytes expected", c, least, most)
		}
	}
	runtime.KeepAlive(objs)
}

// eventually runs collections until done is true.
func eventually(t testing.TB, what string, done func() bool) {
	t.Helper()
	for range 500 {
		if done() {
			return
		}
		runtime.GC()
		time.Sleep(time.Millisecond)
	}
	t.Fatal("never: " + what)
}
