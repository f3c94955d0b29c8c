package main

import "sync/atomic"

// ledger knows of every variable what has become of it.
//
// A number is drawn before its variable is attached. What then happens is set as bits of the
// number's entry, by whoever learns it first, in any order that the library allows: a variable may be destroyed before the
// call that attached it has returned.
type ledger struct {
	next    atomic.Uint64
	entries []atomic.Uint64
}

const (
	attached  = 1 << iota // the attaching call returned success
	refused               // the attaching call failed, or found another variable
	destroyed             // Destroy was called
	taken                 // Take returned it
	sweepBits = 8         // above: the sweeps that had begun when the attaching call returned
)

func newLedger(size int) *ledger { return &ledger{entries: make([]atomic.Uint64, size)} }

// draw returns a new number, and false if the ledger is full.
func (l *ledger) draw() (uint64, bool) {
	if l.full() {
		return 0, false
	}
	n := l.next.Add(1) - 1
	return n, n < uint64(len(l.entries))
}

func (l *ledger) full() bool { return l.next.Load() >= uint64(len(l.entries)) }

// mark sets bits of an entry. It returns what is wrong if one of the others was set that exclude them.
func (l *ledger) mark(n uint64, bits, excluded uint64) string {
	if n >= uint64(len(l.entries)) {
		return "its number was never drawn"
	}
	if old := l.entries[n].Or(bits) & excluded; old != 0 {
		return "it was " + fate(old) + " already, now it is " + fate(bits)
	}
	return ""
}

func (l *ledger) attach(n, sweeps uint64) string {
	return l.mark(n, attached|sweeps<<sweepBits, attached|refused)
}
func (l *ledger) refuse(n uint64) string {
	return l.mark(n, refused, attached|refused|destroyed|taken)
}
func (l *ledger) destroy(n uint64) string { return l.mark(n, destroyed, refused|destroyed|taken) }
func (l *ledger) take(n uint64) string    { return l.mark(n, taken, refused|destroyed|taken) }

// see checks a variable that a reader found; swept is the number of the last sweep
// that was over before the reader began to look.
func (l *ledger) see(n, swept uint64) string {
	if n >= uint64(len(l.entries)) {
		return "its number was never drawn"
	}
	switch e := l.entries[n].Load(); {
	case e&refused != 0:
		return "it was never attached"
	case e&attached != 0 && e>>sweepBits < swept:
		return "it was attached before a FreeAll that had ended before"
	}
	return ""
}

// totals counts fates; open is how many have none, or were attached and have not ended.
func (l *ledger) totals() (all, ended, open int) {
	for i := range l.entries[:min(l.next.Load(), uint64(len(l.entries)))] {
		switch e := l.entries[i].Load(); {
		case e&refused != 0:
		case e&attached == 0:
			open++
		default:
			all++
			if e&(destroyed|taken) != 0 {
				ended++
			} else {
				open++
			}
		}
	}
	return all, ended, open
}

func (l *ledger) reset() {
	clear(l.entries)
	l.next.Store(0)
}

func fate(bits uint64) string {
	switch {
	case bits&destroyed != 0:
		return "destroyed"
	case bits&taken != 0:
		return "taken"
	case bits&refused != 0:
		return "refused"
	case bits&attached != 0:
		return "attached"
	}
	return "unborn"
}
