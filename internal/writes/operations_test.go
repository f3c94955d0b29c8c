//go:build explore

package writes

import "github.com/shadowvars/shadow"

var (
	lifetimes = []shadow.Lifetime{shadow.Collected, shadow.Pinned, shadow.Manual}
	none      [3]int
)

// operations are all that are counted. A usual number is exact: it is what most operations write. The others write more, because they
// are the sixteenth, which brings an estimate up to date, or the first or the last of a chunk, or the last of a segment.
var operations = []operation{
	{"get-hit", true, none, 0, 0, func(s *subject, i int) { must(s.v.get(s.objs[i])) }},
	{"get-miss", false, none, 0, 0, func(s *subject, i int) { must(!s.v.get(s.objs[i])) }},
	{"has", true, none, 0, 0, func(s *subject, i int) { must(s.v.has(s.objs[i])) }},
	{"get-batch", true, none, 0, 0, func(s *subject, i int) { must(s.v.getBatch(s.objs[i/16*16:i/16*16+16]) == 16) }},
	{"getoralloc-hit", true, none, 0, 0, func(s *subject, i int) { must(s.v.getOrAlloc(s.objs[i])) }},
	{"getorallocfunc-hit", true, none, 0, 0, func(s *subject, i int) { must(s.v.getOrAllocFunc(s.objs[i])) }},
	{"alloc-exists", true, none, 0, 0, func(s *subject, i int) { must(!s.v.alloc(s.objs[i])) }},
	{"free-miss", false, none, 0, 0, func(s *subject, i int) { must(!s.v.free(s.objs[i])) }},

	// The slot's number, its live bit, the table's key and value. Its parent and handle are written before anybody can find it, and are not shared then.
	{"alloc", false, [3]int{4, 4, 4}, 1, 1, func(s *subject, i int) { must(s.v.alloc(s.objs[i])) }},
	{"getoralloc-miss", false, [3]int{4, 4, 4}, 1, 1, func(s *subject, i int) { must(!s.v.getOrAlloc(s.objs[i])) }},
	// The same, the value twice, and in and out of the lists of constructions under way.
	{"allocfunc", false, [3]int{7, 7, 7}, 1, 1, func(s *subject, i int) { must(s.v.allocFunc(s.objs[i])) }},
	// The table's value, the slot's handle or pin, its freed bit.
	{"free", true, [3]int{3, 3, 2}, 1, 0, func(s *subject, i int) { must(s.v.free(s.objs[i])) }},
	// The same and the class's count of what was taken.
	{"take", true, [3]int{4, 4, 3}, 1, 1, func(s *subject, i int) { must(s.v.take(s.objs[i])) }},
	// Both values, the reservation's number and end, the parent's words, and in and out of the lists.
	{"move", false, [3]int{12, 10, 10}, 1, 2, func(s *subject, i int) { must(s.v.move(s.objs[i], s.others[i])) }},
	// The table's key is still there.
	{"free-and-alloc", true, [3]int{6, 6, 5}, 2, 1, func(s *subject, i int) { must(s.v.free(s.objs[i]) && s.v.alloc(s.objs[i])) }},
}

// grow is an attachment in a table that grows from nothing to what is counted. There is no usual number worth telling.
var grow = operation{"grow", false, none, 0, 0, func(s *subject, i int) { must(s.v.alloc(s.objs[i])) }}
