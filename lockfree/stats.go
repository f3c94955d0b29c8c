package lockfree

// Stats describes a table at about one moment.
type Stats struct {
	Slots      int    // slots of the current array
	Claimed    int    // estimate: slots that have a key, live or dead
	Live       int    // estimate: live pairs
	Migrations uint64 // ended since the beginning
	Migrating  bool   // whether one is under way
	Bytes      int    // memory of all arrays
}

// Stats returns what the table knows about itself, in constant time. The fields
// are read one after the other while the table may be changing.
func (t *Table) Stats() Stats {
	root := t.root.Load()
	s := Stats{
		Slots:      int(root.slots()),
		Claimed:    int(root.claimed(root.claims.Load())),
		Live:       int(root.living(root.live.Load())),
		Migrations: root.number - 1,
	}
	moved := min(root.cursor.Load(), root.chunks)
	for a := root; a != nil; a = a.next.Load() {
		s.Bytes += int(a.bytes())
		if a != root {
			s.Migrating = true
			s.Live += int(a.living(a.live.Load()))
		}
	}
	if s.Migrating {
		// What has been moved is counted in both arrays.
		s.Live -= int(root.living(root.live.Load()) * int64(moved) / int64(root.chunks))
	}
	s.Live = max(s.Live, 0)
	return s
}

// Generations returns the numbers of the current array and of the newest one.
// They are equal outside of migrations. Each array's number is its
// predecessor's plus one, so once the first exceeds what the second has been,
// every pair has been moved since.
func (t *Table) Generations() (root, newest uint64) {
	a := t.root.Load()
	root = a.number
	for next := a.next.Load(); next != nil; next = a.next.Load() {
		a = next
	}
	return root, a.number
}
