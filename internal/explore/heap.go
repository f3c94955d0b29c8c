//go:build explore

package explore

// heap is the collector as the scheduler plays it: what the threads hold and
// what the roots name is reachable, and so is what that reaches.
type heap struct {
	watchers []watcher
	roots    []func() any
	edges    []func(p any) any
	reached  []any
}

type watcher struct {
	object any
	run    func()
}

func (h *heap) reset() {
	clear(h.watchers)
	clear(h.roots)
	clear(h.edges)
	clear(h.reached)
	h.watchers, h.roots, h.edges, h.reached = h.watchers[:0], h.roots[:0], h.edges[:0], h.reached[:0]
}

// Root registers a place that keeps an object reachable whatever the threads
// hold. Accesses of get are not steps.
func Root[T any](w *World, get func() *T) {
	w.heap.roots = append(w.heap.roots, func() any {
		if p := get(); p != nil {
			return p
		}
		return nil
	})
}

// Chain registers that every reachable *T keeps next of it reachable. Accesses of next
// are not steps.
func Chain[T any](w *World, next func(*T) *T) { Edge(w, next) }

// Edge is Chain from one type to another.
func Edge[T, U any](w *World, next func(*T) *U) {
	w.heap.edges = append(w.heap.edges, func(p any) any {
		if t, ok := p.(*T); ok {
			if n := next(t); n != nil {
				return n
			}
		}
		return nil
	})
}

// Collect is a collection and the cleanups that follow from it, run by the calling
// thread: what atomic.WhenUnreachable registered for objects that are not
// reachable now. It returns how many ran. It is a step like any other, and so are the
// accesses of the cleanups. In a set-up or check it is not interleaved.
func (w *World) Collect() int {
	w.step(0, true)
	h := &w.heap
	w.quiet = true
	h.reached = h.reached[:0]
	for _, root := range h.roots {
		h.mark(root())
	}
	for _, t := range w.threads[:w.live] {
		for _, p := range t.held {
			h.mark(p)
		}
	}
	w.quiet = false

	var ripe []watcher
	kept := h.watchers[:0]
	for _, c := range h.watchers {
		if h.isReached(c.object) {
			kept = append(kept, c)
		} else {
			ripe = append(ripe, c)
		}
	}
	clear(h.watchers[len(kept):])
	h.watchers = kept
	for _, c := range ripe {
		c.run()
	}
	return len(ripe)
}

func (h *heap) isReached(p any) bool {
	for _, q := range h.reached {
		if p == q {
			return true
		}
	}
	return false
}

func (h *heap) mark(p any) {
	if p == nil || h.isReached(p) {
		return
	}
	h.reached = append(h.reached, p)
	for _, edge := range h.edges {
		h.mark(edge(p))
	}
}

// hold is atomic.OnHold. Set-up and check hold nothing: they are not interleaved.
func (w *World) hold(p any) {
	if t := w.current; t != nil && !t.unwinding {
		t.held = append(t.held, p)
	}
}

// keep is atomic.OnKeep. Keep of what is not held is allowed, as it is with the real one.
func (w *World) keep(p any) {
	t := w.current
	if t == nil || t.unwinding {
		return
	}
	for i := len(t.held) - 1; i >= 0; i-- {
		if t.held[i] == p {
			last := len(t.held) - 1
			t.held[i] = t.held[last]
			t.held[last] = nil
			t.held = t.held[:last]
			return
		}
	}
}

// watch is atomic.OnWatch.
func (w *World) watch(p any, run func()) {
	if t := w.current; t != nil && t.unwinding {
		return
	}
	w.wild++
	w.heap.watchers = append(w.heap.watchers, watcher{p, run})
}
