package alloc

// Index names a slot of a [Pool].
type Index uint32

// Pool is a [Slab] of variables of type T. Use it where another structure keeps the indices in words of its own: an index takes four bytes, and
// the collector does not look at it.
//
// The life of a variable: Claim, initialise, Enliven, publish the index; later, unpublish the index, so that exactly one goroutine does, and Free.
// A goroutine that reads published indices holds the pool:
//
//	h := pool.Hold()
//	v := pool.At(h, alloc.Index(word.Load()))
//	alloc.Keep(h)
//
// The pointer stays good after Keep and after Free: its memory is used for nothing
// else while anyone can reach it. Only the index needs to be held.
type Pool[T any] struct {
	slab Slab
}

// NewPool returns an empty pool. Single is set by itself if T holds pointers; there are no sides.
func NewPool[T any](o LayoutOptions) *Pool[T] {
	p := new(Pool[T])
	o.Single = o.Single || pointerful[T]()
	o.Sides = false // a pool's users have no way to them
	p.slab.Init(LayoutOf[T](o))
	return p
}

// Claim returns a zeroed variable that has never been used, and its index. See [Slab.Claim].
func (p *Pool[T]) Claim() (Index, *T) {
	d := p.slab.Hold()
	index, at := p.slab.Claim()
	Keep(d)
	return Index(index), typed[T](at)
}

// Enliven makes a claimed variable live, that is, seen by Range and Len.
func (p *Pool[T]) Enliven(i Index) { p.slab.Enliven(uint32(i)) }

// Free ends a live variable. Exactly one caller may do so.
func (p *Pool[T]) Free(i Index) { p.slab.Free(uint32(i)) }

// Discard ends a variable that was claimed and never enlivened.
func (p *Pool[T]) Discard(i Index) { p.slab.Discard(uint32(i)) }

// Hold begins an operation, as [Slab.Hold] does.
func (p *Pool[T]) Hold() *Directory { return p.slab.Hold() }

// At returns the variable that i names, or nil if it has been freed with its whole chunk. The index was loaded, or claimed, while d was held. An
// index that the pool never gave out is nil or another variable, never a wild pointer.
func (p *Pool[T]) At(d *Directory, i Index) *T {
	if d.covers(uint32(i)) {
		return typed[T](d.find(uint32(i)))
	}
	if newer := p.slab.dir.Load(); newer.covers(uint32(i)) {
		return typed[T](newer.find(uint32(i)))
	}
	return nil
}

// Range calls yield for the live variables until it returns false. See [Slab.Range].
func (p *Pool[T]) Range(yield func(Index, *T) bool) {
	p.slab.Range(func(index uint32, at Pointer) bool { return yield(Index(index), typed[T](at)) })
}

// Len counts the live variables. See [Slab.Len].
func (p *Pool[T]) Len() int { return p.slab.Len() }

// Stats returns the statistics of p. See [Slab.Stats].
func (p *Pool[T]) Stats() Stats { return p.slab.Stats() }

// covers tells whether d knows a segment that has a slot for index.
func (d *Directory) covers(index uint32) bool {
	n := int(index >> d.segShift)
	return n < len(d.segments) && d.segments[n] != nil && index&d.segMask < d.segments[n].slots
}
