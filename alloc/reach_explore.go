//go:build explore

package alloc

// Current returns the newest directory, and Next the one after d: what the explorer, playing the collector, must know
// to tell what is reachable.
func (s *Slab) Current() *Directory { return s.dir.Load() }

// Next returns the directory after d, nil for the newest.
func (d *Directory) Next() *Directory { return d.next.Load() }
