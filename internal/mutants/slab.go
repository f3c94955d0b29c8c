package main

// The tests that kill errors in the slabs.
var (
	slabExplore = killer{"./alloc", "TestExplore", "explore"}
	slabLayouts = killer{"./alloc", "TestLayouts", ""}
)

// slabMutants are errors in package alloc.
var slabMutants = []mutant{
	{
		name: "a segment number is given out again at once",
		file: "alloc/slab.go", in: "Slab.retire",
		old: "atomic.WhenUnreachable(d.era, giveBack, ", new: "func(f func(retired), r retired) { f(r) }(giveBack, ",
		by: slabExplore, why: "without limbo a stopped reader's index leads to another variable's data",
	},
	{
		name: "the collector is asked about the new directory instead of the old",
		file: "alloc/slab.go", in: "Slab.retire",
		old: "WhenUnreachable(d.era", new: "WhenUnreachable(s.newest().era",
		by: slabExplore, why: "numbers would come back late or never, and directories grow for ever",
	},
	{
		name: "a directory is appended after it can be found",
		file: "alloc/slab.go", in: "Slab.append",
		old: "if !d.next.CompareAndSwap(nil, next) {", new: "if s.dir.CompareAndSwap(d, next); !d.next.CompareAndSwap(nil, next) {",
		by: slabExplore, why: "a stopped operation would not keep the newer directories alive: its numbers would be reused under it",
	},
	{
		name: "a directory is found before its era is",
		file: "alloc/slab.go", in: "Slab.advance",
		old: "d.era.next.Store(next.era)", new: "defer d.era.next.Store(next.era)",
		by: slabExplore, why: "a stopped operation would not keep the newer eras alive: numbers would be reused under it",
	},
	{
		name: "who appends a directory leaves it to others to move on",
		file: "alloc/slab.go", in: "Slab.append",
		old: "s.advance(d, next)", new: "_ = s",
		by: slabExplore, why: "an index could be published before anybody can look it up",
	},
	{
		name: "nobody moves on to a directory for another",
		file: "alloc/slab.go", in: "Slab.newest",
		old: "s.advance(d, next)", new: "_ = s",
		by: slabExplore, why: "one stopped goroutine would hold up all claims",
	},
	{
		name: "an unknown index gets no second look at the directory",
		file: "alloc/slab.go", in: "Slab.atSlow",
		old: "s.dir.Load()", new: "d",
		by: slabExplore, why: "a variable in a segment that is younger than the operation would be taken for absent",
	},
	{
		name: "who loses the race for a cell keeps his own chunk",
		file: "alloc/slab.go", in: "segment.fill",
		old: "chunk = atomic.LoadPointer(c)", new: "",
		by: slabExplore, why: "the data would be written where nobody finds it",
	},
	{
		name: "a number that was not needed is not given back",
		file: "alloc/slab.go", in: "Slab.claimSlow",
		old: "if reused {", new: "if false {",
		by: slabExplore, why: "segment numbers would leak until there are none",
	},
	{
		name: "a chunk is released by its first end",
		file: "alloc/segment.go", in: "Layout.wholeChunk",
		old: "freed&chunk == chunk", new: "freed&chunk != 0",
		by: slabExplore, why: "live variables of the chunk would be found no more",
	},
	{
		name: "a segment is retired with its first group",
		file: "alloc/segment.go", in: "segment.complete",
		old: "if g.done.Add(1) != g.groups() {", new: "if g.done.Add(1) == 0 {",
		by: killer{"./alloc", "TestModel", ""}, why: "live variables of the segment would be found no more",
	},
	{
		name: "an end leaves the live bit",
		file: "alloc/segment.go", in: "segment.free",
		old: "Add(bit<<groupSlots - bit)", new: "Add(bit << groupSlots)",
		by: slabExplore, why: "All, Len and sweeps would see variables that have ended",
	},
	{
		name: "a number is popped without a look at others",
		file: "alloc/numbers.go", in: "numbers.pop",
		old: "if s.top.CompareAndSwap(top, top.next) {", new: "if s.top.Store(top.next); true {",
		by: slabExplore, why: "one number would stand for two segments",
	},
	{
		name: "a retired segment stays in its lane",
		file: "alloc/directory.go", in: "Directory.without",
		old: "c.lanes[lane] = nil", new: "_ = lane",
		by: slabExplore, why: "the directory would keep what it let go of, and claims would come from it",
	},
	{
		name: "slots are not aligned for 64-bit atomics",
		file: "alloc/layout.go", in: "layoutOf",
		old: "newLayout(sizeOf[P]()", new: "newLayout(sizeOf[P]()-4",
		by: slabLayouts, why: "neighbours would overlap, and atomic operations on data would fault",
	},
	{
		name: "a claim goes to a lane of slots of another size",
		file: "alloc/directory.go", in: "Directory.lane",
		old: "return size*(d.laneMask+1) + ", new: "return ",
		by: slabLayouts, why: "data would be bigger than its slot",
	},
	{
		name: "goroutines that have one lane keep it for ever",
		file: "alloc/directory.go", in: "Directory.turned",
		old: "c.turn = (d.turn + step) % 32", new: "_ = step",
		by: killer{"./alloc", "TestLanesPart", ""}, why: "an attachment would take twice as long, in one of eight pairs of goroutines",
	},
	{
		name: "goroutines that were parted meet in the next directory",
		file: "alloc/directory.go", in: "Directory.again",
		old: "turn:     d.turn,", new: "",
		by: killer{"./alloc", "TestLanesTurn", ""}, why: "parting would last to the next segment",
	},
	{
		name: "collisions part nobody when there are enough lanes",
		file: "alloc/slab.go", in: "Slab.part",
		old: "next := d.turned", new: "next := d.again",
		by: killer{"./alloc", "TestLanesTurn", ""}, why: "an attachment would take twice as long, in one of eight pairs of goroutines",
	},
	{
		name: "more lanes mix the sizes of slots",
		file: "alloc/directory.go", in: "Directory.widened",
		old: "slices.Chunk(d.lanes, int(d.laneMask)+1)", new: "slices.Chunk(d.lanes, len(d.lanes))",
		by: killer{"./alloc", "TestLanesAreOfASize", ""}, why: "data would be bigger than its slot",
	},
	{
		name: "a chunk whose slots have all been freed stays in its cell",
		file: "alloc/segment.go", in: "segment.complete",
		old: "atomic.StorePointer(g.cell(slot>>g.layout.chunkShift), nil)", new: "",
		by: classExplore, why: "its memory would never come back, and a Get that began before the segment's number was given away would find it",
	},
	{
		name: "who loses the race for a Side keeps his own",
		file: "alloc/unsafe.go", in: "segment.addSide",
		old: "words = g.sideOf(n)", new: "",
		by: slabExplore, why: "a handle would be written where nobody finds it: its variable would be taken for a dead one",
	},
	{
		name: "a Side goes with the first of its chunks",
		file: "alloc/segment.go", in: "segment.complete",
		old: "	n := slot >> groupShift\n", new: "	n := slot >> groupShift\n	if g.sides != nil {\n		atomic.StorePointer(g.sideCell(n), nil)\n	}\n",
		by: slabExplore, why: "live variables would be taken for dead ones",
	},
	{
		name: "a Side stays when its group has gone",
		file: "alloc/segment.go", in: "segment.complete",
		old: "	if g.sides != nil {", new: "	if false {",
		by: killer{"./alloc", "TestModel", ""}, why: "256 bytes of every group would be kept as long as its segment",
	},
	{
		name: "a freed slot keeps its word in the Side",
		file: "alloc/segment.go", in: "segment.blank",
		old: "g.sides == nil", new: "true",
		by: slabExplore, why: "the collector would follow the handles of variables that have ended, until their whole group has",
	},
	{
		name: "a slot's word is cleared after the slot is free",
		file: "alloc/slab.go", in: "Slab.Free",
		old: "	g.blank(index & d.segMask)", new: "	if word := g.sideWord(index & d.segMask); g.sides != nil && word != nil {\n		defer atomic.StorePointer(word, nil)\n	}",
		by: slabExplore, why: "what has ended would be found by its word for a while",
	},
	{
		name: "a discarded slot keeps its word in the Side",
		file: "alloc/slab.go", in: "Slab.Discard",
		old: "	g.blank(index & d.segMask)\n", new: "",
		by: killer{"./alloc", "TestModel", ""}, why: "the collector would follow what a claimer wrote who then gave up, until the whole group has ended",
	},
	{
		name: "all groups share a Side",
		file: "alloc/unsafe.go", in: "segment.sideCell",
		old: "cellFrom(g.sides, n)", new: "cellFrom(g.sides, n&0)",
		by: killer{"./alloc", "TestModel", ""}, why: "variables would have each other's handles",
	},
	{
		name: "a place leads to another slot's word",
		file: "alloc/unsafe.go", in: "Directory.SideWord",
		old: "& d.segMask)", new: "& (d.segMask >> 1))",
		by: killer{"./alloc", "TestModel", ""}, why: "a variable would be compared with another's handle, and be taken for a dead one",
	},
}
