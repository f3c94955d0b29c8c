package fuzz

import (
	"sync"
	"testing"
)

// fates counts the variables of each token: those attached, taken and destroyed. Destructors may run in the background, hence the lock.
type fates struct {
	mu    sync.Mutex
	count map[uint64]*fate
}

type fate struct{ attached, taken, destroyed int }

func newFates() *fates { return &fates{count: map[uint64]*fate{}} }

func (f *fates) of(token uint64) *fate {
	if f.count[token] == nil {
		f.count[token] = new(fate)
	}
	return f.count[token]
}

func (f *fates) attach(token uint64) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.of(token).attached++
}

func (f *fates) take(token uint64) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.of(token).taken++
}

// destroy is the destructor of every class.
func (f *fates) destroy(_ *parent, d *datum) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.of(d.token).destroyed++
}

// open is how many variables have not ended.
func (f *fates) open() (n int) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, n1 := range f.count {
		n += n1.attached - n1.taken - n1.destroyed
	}
	return n
}

func (f *fates) check(t *testing.T) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for token, n := range f.count {
		if n.attached != n.taken+n.destroyed {
			t.Errorf("token %d: %+v", token, *n)
		}
	}
}
