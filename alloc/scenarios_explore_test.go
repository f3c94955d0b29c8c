//go:build explore

package alloc

// scenario is an exploration: threads over a bench.
type scenario struct {
	name string
	set  func(b *bench)
	run  func(b *bench, thread func(func()))
}

var scenarios = []scenario{
	{
		"get against reuse", // another pair takes the number, or the same one
		func(b *bench) { b.burn(3); b.attach(0, 10) },
		func(b *bench, thread func(func())) {
			thread(func() { b.get(0) })
			thread(func() { b.free(0); b.world.Collect(); b.attach(1, 11) })
			thread(func() { b.world.Collect(); b.get(1) })
		},
	},
	{
		"get against reuse by a bigger segment",
		func(b *bench) { b.attach(0, 10) },
		func(b *bench, thread func(func())) {
			thread(func() { b.get(0); b.get(1) })
			thread(func() { b.free(0); b.world.Collect(); b.attach(1, 11); b.attach(0, 12) })
		},
	},
	{
		"get twice against reuse",
		func(b *bench) { b.burn(3); b.attach(0, 10) },
		func(b *bench, thread func(func())) {
			thread(func() { b.get(0); b.get(0) })
			thread(func() { b.free(0); b.world.Collect(); b.attach(1, 11); b.attach(0, 12) })
		},
	},
	{
		"free if against reuse", // the same pair gets the same word again
		func(b *bench) { b.burn(3); b.attach(0, 10) },
		func(b *bench, thread func(func())) {
			thread(func() { b.freeIf(0, 10) })
			thread(func() { b.free(0); b.world.Collect(); b.attach(0, 11) })
			thread(func() { b.get(0) })
		},
	},
	{
		"reuse by two generations",
		func(b *bench) { b.burn(3); b.attach(0, 10) },
		func(b *bench, thread func(func())) {
			thread(func() { b.freeIf(0, 10); b.get(0) })
			thread(func() {
				b.free(0)
				b.attach(1, 11)
				b.world.Collect()
				b.free(1)
				b.world.Collect()
				b.attach(0, 12)
			})
		},
	},
	{
		"reuse behind another append", // the reader's directory must lead to the one that is watched
		func(b *bench) { b.burn(3); b.attach(0, 10) },
		func(b *bench, thread func(func())) {
			thread(func() { b.freeIf(0, 10) })
			thread(func() { b.attach(1, 11) })
			thread(func() { b.free(0); b.world.Collect(); b.attach(0, 12) })
		},
	},
	{
		"numbers", // are taken, given back unused and returned by collections at the same time
		func(b *bench) { b.burn(5) },
		func(b *bench, thread func(func())) {
			thread(func() { b.attach(0, 10); b.free(0); b.world.Collect() })
			thread(func() { b.attach(1, 11); b.free(1); b.world.Collect() })
			thread(func() { b.world.Collect(); b.attach(0, 12) })
		},
	},
	{
		"get or attach", // finds what is younger than the directory it holds
		func(b *bench) { b.burn(3) },
		func(b *bench, thread func(func())) {
			thread(func() { b.getOrAttach(0, 10) })
			thread(func() { b.getOrAttach(0, 11); b.attach(1, 12) })
			thread(func() { b.get(0) })
		},
	},
	{
		"young segments", // readers are older than what they read
		func(b *bench) { b.burn(2) },
		func(b *bench, thread func(func())) {
			thread(func() { b.get(0); b.get(1) })
			thread(func() { b.attach(0, 10); b.attach(1, 11) })
		},
	},
	{
		"claims collide", // in a segment, in a cell, in a directory, in the lanes
		func(b *bench) { b.burn(1) },
		func(b *bench, thread func(func())) {
			thread(func() { b.attach(0, 10); b.free(0) })
			thread(func() { b.attach(0, 11); b.attach(1, 12) })
			thread(func() { b.attach(1, 13) })
		},
	},
	{
		"lanes turn", // under claims that have taken theirs
		func(b *bench) { b.burn(1); b.slab.part() },
		func(b *bench, thread func(func())) {
			thread(func() { b.attach(0, 10); b.free(0); b.attach(0, 11) })
			thread(func() { b.attach(1, 12); b.free(1); b.attach(1, 13) })
		},
	},
	{
		"frees collide",
		func(b *bench) { b.burn(1); b.attach(0, 10); b.attach(1, 11) },
		func(b *bench, thread func(func())) {
			thread(func() { b.free(0); b.attach(0, 12) })
			thread(func() { b.free(1); b.world.Collect(); b.attach(1, 13) })
			thread(func() { b.free(0) })
		},
	},
	{
		"range",
		func(b *bench) { b.burn(2); b.attach(0, 10) },
		func(b *bench, thread func(func())) {
			thread(func() { b.walk(0); b.slab.Len() })
			thread(func() { b.free(0); b.world.Collect(); b.attach(0, 11); b.attach(1, 12) })
		},
	},
	{
		"range over what stays",
		func(b *bench) { b.burn(1); b.attach(0, 10); b.attach(1, 11) },
		func(b *bench, thread func(func())) {
			thread(func() { b.walk(11) })
			thread(func() { b.free(0); b.world.Collect(); b.attach(0, 12); b.free(0) })
			thread(func() { b.get(0); b.get(1) })
		},
	},
}
