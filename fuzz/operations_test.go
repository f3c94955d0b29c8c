package fuzz

import (
	"errors"
	"runtime"

	"github.com/shadowvars/shadow"
)

var errConstructor = errors.New("the constructor failed")

func (r *run) token() uint64 {
	r.next++
	return r.next
}

// attached notes that d is now o's, with the token that it must have.
func (r *run) attached(c *class, o *parent, d *datum, token uint64) {
	r.t.Helper()
	if d == nil || d.token != token {
		r.t.Fatalf("%v: attached %v, want token %d", c.id, d, token)
	}
	c.model[o], c.tokens[d] = d, token
	r.fates.attach(token)
}

// ended notes that o's variable has ended, and keeps a pointer to its data.
func (r *run) ended(c *class, o *parent) {
	if d := c.model[o]; d != nil {
		r.held, r.tokens = append(r.held, d), append(r.tokens, c.tokens[d])
		delete(c.model, o)
		delete(c.tokens, d)
	}
}

// refusal is the error of attaching to o.
func (c *class) refusal(o *parent) error {
	switch {
	case o == nil:
		return shadow.ErrNilObject
	case c.model[o] != nil:
		return shadow.ErrExists
	}
	return nil
}

func (r *run) expect(err, want error) {
	r.t.Helper()
	if !errors.Is(err, want) {
		r.t.Fatalf("error %v, want %v", err, want)
	}
}

func (r *run) alloc(c *class, o *parent, how uint8) {
	token := r.token()
	want := c.refusal(o)
	var d *datum
	var err error
	switch how % 32 {
	case 0, 1:
		d, err = c.Alloc(o, &datum{token})
	case 2:
		d, err = c.AllocFunc(o, r.constructor(c, o, token, nil))
	case 3:
		if want == nil {
			want = errConstructor
		}
		_, err = c.AllocFunc(o, r.constructor(c, o, token, errConstructor))
	case 4:
		token = 0
		d, err = c.Alloc(o, nil)
	}
	r.expect(err, want)
	if want == nil {
		r.attached(c, o, d, token)
	}
}

// constructor looks around while the pair is under construction.
func (r *run) constructor(c *class, o *parent, token uint64, result error) func(*datum) error {
	return func(d *datum) error {
		if d.token != 0 || c.Get(o) != nil || c.Has(o) || c.Free(o) || c.Take(o) != nil || c.FreeIf(o, d) {
			r.t.Errorf("%v: a pair under construction is not absent", c.id)
		}
		_, err := c.Alloc(o, nil)
		r.expect(err, shadow.ErrExists)
		d.token = token
		return result
	}
}

func (r *run) getOrAlloc(c *class, o *parent, how uint8) {
	token := r.token()
	old, want := c.model[o], error(nil)
	if o == nil {
		want = shadow.ErrNilObject
	}
	var d *datum
	var loaded bool
	var err error
	switch how % 32 {
	case 5:
		d, loaded, err = c.GetOrAlloc(o, &datum{token})
	case 6:
		d, loaded, err = c.GetOrAllocFunc(o, r.constructor(c, o, token, nil))
	case 7:
		if want == nil && old == nil {
			want = errConstructor
		}
		d, loaded, err = c.GetOrAllocFunc(o, r.constructor(c, o, token, errConstructor))
	}
	r.expect(err, want)
	switch {
	case loaded != (old != nil) || loaded && d != old:
		r.t.Fatalf("%v: loaded %v, %v, but there was %v", c.id, loaded, d, old)
	case want == nil && !loaded:
		r.attached(c, o, d, token)
	}
}

func (r *run) get(c *class, o *parent) {
	want := c.model[o]
	if got := c.Get(o); got != want || c.Has(o) != (want != nil) {
		r.t.Fatalf("%v: Get gives %v, want %v", c.id, got, want)
	}
	if want != nil && want.token != c.tokens[want] {
		r.t.Fatalf("%v: the data is %d, was %d", c.id, want.token, c.tokens[want])
	}
}

func (r *run) free(c *class, o *parent) {
	want := c.model[o] != nil
	r.ended(c, o)
	if got := c.Free(o); got != want {
		r.t.Fatalf("%v: Free is %v, want %v", c.id, got, want)
	}
}

// freeIf asks with the data of another parent, with data that has ended, and with the right data.
func (r *run) freeIf(c *class, o, other *parent) {
	d := c.model[o]
	if wrong := c.model[other]; wrong != d && c.FreeIf(o, wrong) {
		r.t.Fatalf("%v: FreeIf of another parent's data", c.id)
	}
	if n := len(r.held); n > 0 && c.FreeIf(o, r.held[n-1]) {
		r.t.Fatalf("%v: FreeIf of ended data", c.id)
	}
	if got := c.FreeIf(o, d); got != (d != nil) {
		r.t.Fatalf("%v: FreeIf is %v", c.id, got)
	}
	r.ended(c, o)
}

func (r *run) take(c *class, o *parent) {
	want := c.model[o]
	if got := c.Take(o); got != want {
		r.t.Fatalf("%v: Take gives %v, want %v", c.id, got, want)
	}
	if want != nil {
		r.fates.take(want.token)
	}
	r.ended(c, o)
}

// transfer is the error of Move and Copy; any is allowed where several apply.
func (c *class) transfer(dst, src *parent) error {
	switch {
	case dst == nil:
		return shadow.ErrNilObject
	case dst == src:
		return shadow.ErrExists
	case c.model[src] == nil && c.model[dst] != nil:
		return errAny
	case c.model[src] == nil:
		return shadow.ErrAbsent
	}
	return c.refusal(dst)
}

var errAny = errors.New("any error")

func (r *run) move(c *class, dst, src *parent) {
	want := c.transfer(dst, src)
	d := c.model[src]
	got, err := c.Move(dst, src)
	switch {
	case want == errAny && err != nil:
	case want != nil:
		r.expect(err, want)
	default:
		r.expect(err, nil)
		if got != d || got.token != c.tokens[d] {
			r.t.Fatalf("%v: Move gives %v, want %v", c.id, got, d)
		}
		c.model[dst] = d
		delete(c.model, src)
	}
}

func (r *run) copy(c *class, dst, src *parent) {
	want := c.transfer(dst, src)
	d := c.model[src]
	got, err := c.Copy(dst, src)
	switch {
	case want == errAny && err != nil:
	case want != nil:
		r.expect(err, want)
	default:
		r.expect(err, nil)
		if got == d {
			r.t.Fatalf("%v: Copy gives its source", c.id)
		}
		r.attached(c, dst, got, c.tokens[d])
	}
}

// total checks a number of variables that may or may not include the orphans of Collected.
func (r *run) total(c *class, what string, got, model int) {
	r.t.Helper()
	least := model
	if c.lifetime == shadow.Pinned {
		least += c.orphans
	}
	if got < least || got > model+c.orphans {
		r.t.Fatalf("%v: %s is %d, want %d and up to %d orphans", c.id, what, got, model, c.orphans)
	}
}

func (r *run) endAll(c *class) {
	for o := range c.model {
		r.ended(c, o)
	}
	c.orphans = 0
}

func (r *run) freeAll(c *class) {
	n := len(c.model)
	r.total(c, "FreeAll", c.FreeAll(), n)
	r.endAll(c)
	if c.Len() != 0 {
		r.t.Fatalf("%v: Len is %d after FreeAll", c.id, c.Len())
	}
}

// freeFunc frees what has an odd token, and nothing of orphans.
func (r *run) freeFunc(c *class) {
	byData := map[*datum]*parent{}
	for o, d := range c.model {
		byData[d] = o
	}
	want := 0
	for d := range byData {
		if d.token%2 == 1 {
			want++
		}
	}
	got := c.FreeFunc(func(o *parent, d *datum) bool {
		mine, ok := byData[d]
		if ok && o != mine && c.lifetime != shadow.Manual {
			r.t.Errorf("%v: FreeFunc shows %p with the data of %p", c.id, o, mine)
		}
		return ok && d.token%2 == 1
	})
	if got != want {
		r.t.Fatalf("%v: FreeFunc is %d, want %d", c.id, got, want)
	}
	for d, o := range byData {
		if d.token%2 == 1 {
			r.ended(c, o)
		}
	}
}

func (r *run) freeObject(o *parent) {
	want := 0
	for _, c := range r.classes {
		if c.model[o] != nil {
			want++
			r.ended(c, o)
		}
	}
	if got := r.space.FreeObject(o); got != want {
		r.t.Fatalf("FreeObject is %d, want %d", got, want)
	}
}

// drop lets a parent go, after what is the caller's duty under Manual, and takes a new one, which has no variables.
func (r *run) drop(i int) {
	old := r.parents[i]
	for _, c := range r.classes {
		if c.lifetime == shadow.Manual {
			r.free(c, old)
		} else if d := c.model[old]; d != nil {
			delete(c.model, old)
			delete(c.tokens, d)
			c.orphans++
		}
	}
	r.parents[i] = new(parent)
	for _, c := range r.classes {
		r.get(c, r.parents[i])
	}
}

// collect lets the collector find the orphans.
func (r *run) collect() {
	if r.cycles++; r.cycles > 4 {
		return
	}
	runtime.GC()
	runtime.GC()
	r.space.Reap()
	for _, c := range r.classes {
		if c.lifetime == shadow.Collected {
			r.total(c, "Len", c.Len(), len(c.model))
		}
	}
}

// reopen closes all handles of a class and opens it anew.
func (r *run) reopen(c *class) {
	if c.more != nil {
		if n := c.more.Close(); n != 0 {
			r.t.Fatalf("%v: Close of one of two handles is %d", c.id, n)
		}
		c.more = nil
	}
	n := len(c.model)
	old := c.handle
	r.total(c, "Close", old.Close(), n)
	r.endAll(c)
	o := r.parents[0]
	_, err := old.Alloc(o, nil)
	r.expect(err, shadow.ErrClosed)
	if old.Get(o) != nil || old.Close() != 0 || old.Len() != 0 || old.FreeAll() != 0 {
		r.t.Fatalf("%v: a closed handle is not empty", c.id)
	}
	c.handle = c.open()
}

// second opens a second handle, or closes the first in its favour.
func (r *run) second(c *class) {
	if c.more == nil {
		c.more = c.open()
		return
	}
	if n := c.handle.Close(); n != 0 {
		r.t.Fatalf("%v: Close of one of two handles is %d", c.id, n)
	}
	c.handle, c.more = c.more, nil
}

// pad attaches to n parents and frees again, so that tables migrate and slabs retire.
func (r *run) pad(c *class, n int) {
	for len(r.pads) < n {
		r.pads = append(r.pads, new(parent))
	}
	for _, o := range r.pads[:n] {
		if _, err := c.Alloc(o, nil); err != nil {
			r.t.Fatalf("%v: %v", c.id, err)
		}
		r.fates.attach(0)
	}
	r.total(c, "Len", c.Len(), len(c.model)+n)
	for _, o := range r.pads[:n] {
		if !c.Free(o) {
			r.t.Fatalf("%v: Free of what was just attached is false", c.id)
		}
	}
}

func (r *run) batch(c *class, n uint32) {
	objects := append(r.parents[n%uint32(len(r.parents)):], nil)
	dst := make([]*datum, len(objects))
	hits := c.GetBatch(objects, dst)
	for i, o := range objects {
		if dst[i] != c.model[o] {
			r.t.Fatalf("%v: GetBatch gives %v, want %v", c.id, dst[i], c.model[o])
		}
		if dst[i] != nil {
			hits--
		}
	}
	if hits != 0 {
		r.t.Fatalf("%v: GetBatch counts %d too many", c.id, hits)
	}
}

// compare holds a class as a whole against its model.
func (r *run) compare(c *class) {
	r.total(c, "Len", c.Len(), len(c.model))
	seen := map[*datum]bool{}
	for o, d := range c.All() {
		mine := c.lifetime != shadow.Manual && c.model[o] == d || c.lifetime == shadow.Manual && o == nil && c.tokens[d] != 0
		if seen[d] {
			r.t.Fatalf("%v: All yields %v twice", c.id, d)
		}
		if mine || c.lifetime == shadow.Manual {
			seen[d] = true
		}
	}
	if len(seen) != len(c.model) {
		r.t.Fatalf("%v: All yields %d of %d", c.id, len(seen), len(c.model))
	}
}
