package main

// The tests that kill errors in classes and lifetimes.
var (
	classExplore = killer{".", "TestExplore", "explore"}
	classEnds    = killer{".", "TestExploreEnds", "explore"}
	classNumbers = killer{".", "TestExploreClassNumbers", "explore"}
	classSlots   = killer{".", "TestExploreClassNumbers", "explore,shadow_fullsize"} // a chunk of one slot has no other slot that keeps it
	classMove    = killer{".", "TestExploreTwoMovesAndDeaths", "explore"}
	classWaiters = killer{".", "TestExploreWaiters", "explore"}
	classAll     = killer{".", "TestExploreAll", "explore"}
	classGraves  = killer{".", "TestExploreGraveyard", "explore"}
	classWalks   = killer{".", "TestExploreWalks", "explore"}
)

// classMutants are errors in the root package.
var classMutants = []mutant{
	{
		name: "an attachment at once copies its data after publication",
		file: "attachcopy.go", in: "attachCopy",
		old: "\tif data != nil {\n\t\tatomic.PlainWrite(as[T](q))\n\t\t*as[T](q) = *data\n\t}\n", new: "\tdefer func() {\n\t\tif data != nil && p != nil && !loaded {\n\t\t\tatomic.PlainWrite(p)\n\t\t\t*p = *data\n\t\t}\n\t}()\n",
		by: classExplore, why: "a reader would see zeroed data",
	},
	{
		name: "an attachment at once does not look whether FreeAll overtook it",
		file: "attachcopy.go", in: "attachCopy",
		old: "c.epoch.Load() != e && c.overtaken", new: "false && c.overtaken",
		by: classEnds, why: "a variable of a replaced epoch would never be destroyed",
	},
	{
		name: "a pinned attachment at once does not look whether FreeAll overtook it",
		file: "attachcopy.go", in: "attachCopy",
		old: "c.epoch.Load() != e && c.overtaken", new: "c.lifetime != Pinned && c.epoch.Load() != e && c.overtaken",
		by: classEnds, why: "a variable of a replaced epoch would never be destroyed",
	},
	{
		name: "an attachment at once does not confirm its epoch",
		file: "attachcopy.go", in: "attachCopy",
		old: "c.epoch.Load() != e || e.closed", new: "e.closed",
		by: classExplore, why: "an insert would not meet the seal of a pair that has migrated meanwhile",
	},
	{
		name: "an attachment at once lets go before it inserts",
		file: "attachcopy.go", in: "attachCopy",
		old: "\tfor inserted := false; !inserted; {", new: "\tdrop(e, d)\n\tfor inserted := false; !inserted; {",
		by: classExplore, why: "the index could be another variable's by then",
	},
	{
		name: "what FreeAll overtook at once is not destroyed",
		file: "attachcopy.go", in: "attachCopy",
		old: "if overtaken {", new: "if overtaken && false {",
		by: classExplore, why: "Destroy would not run for it",
	},
	{
		name: "an attachment at once takes its start after it has confirmed its epoch",
		file: "attachcopy.go", in: "attachCopy",
		old: "var at lockfree.Spot", new: "from = c.table.Start()\n\tvar at lockfree.Spot",
		by: classEnds, why: "an insert would not meet the seal of a pair that has migrated meanwhile",
	},
	{
		name: "an attachment at once that lost its race is given back as one that never lived",
		file: "attachcopy.go", in: "attachCopy",
		old: "c.withdraw(e, index, q)", new: "e.discard(index)",
		by: killer{"./fuzz", "FuzzConcurrent", "explore"}, why: "Len would count it for ever, and every walk would look at it",
	},
	{
		name: "an attachment at once is published before its slot is live",
		file: "attachcopy.go", in: "attachCopy",
		old: "e.slab.Enliven(index)", new: "defer e.slab.Enliven(index)",
		by: classEnds, why: "a sweep would not see it, and its end would spoil the counts",
	},
	{
		name: "Alloc takes a dead entry for a variable",
		file: "attachcopy.go", in: "attachCopy",
		old: " && c.at(e, d, w, o.address()) != nil", new: "",
		by: classExplore, why: "a dead object's entry would block a new one at its address",
	},
	{
		name: "an attachment at once does not look where its data points",
		file: "attachcopy.go", in: "attachCopy",
		old: " || c.self != nil", new: "",
		by: killer{".", "TestErrSelf", ""}, why: "the parent would be kept alive by its own data",
	},
	{
		name: "an attachment at once is not recorded",
		file: "attachcopy.go", in: "attachCopy",
		old: " || c.profile != nil", new: "",
		by: killer{".", "TestProfileOneSampleAStack", ""}, why: "the profile would lack it",
	},
	{
		name: "an attachment at once that meets a dead entry begins anew",
		file: "attachcopy.go", in: "attachCopy",
		old: "(w.State() != lockfree.Value || c.met(e, d, w, o) != nil)", new: "w != 0",
		by: killer{".", "TestAttachMeetsTheDead", "explore"}, why: "it would claim a second slot",
	},
	{
		name: "the data is copied after publication",
		file: "attachcopy.go", in: "attachInSteps",
		old: "if data != nil {\n\t\t\tatomic.PlainWrite(as[T](a.slot))\n\t\t\t*as[T](a.slot) = *data\n\t\t}\n\t\tq, loaded, again, err := a.publish(waits)",
		new: "q, loaded, again, err := a.publish(waits)\n\t\tif data != nil && !loaded && err == nil {\n\t\t\tatomic.PlainWrite(as[T](a.slot))\n\t\t\t*as[T](a.slot) = *data\n\t\t}",
		by:  classExplore, why: "a reader would see zeroed data",
	},
	{
		name: "an attach does not look whether FreeAll overtook it",
		file: "attach.go", in: "attach.settle",
		old: "a.c.epoch.Load() == a.guard.e", new: "a.c.epoch.Load() != nil",
		by: classEnds, why: "a variable of a replaced epoch would never be destroyed",
	},
	{
		name: "a construction does not look whether FreeAll overtook it",
		file: "build.go", in: "attach.build",
		old: "a.settle()", new: "a.guard.leave()",
		by: classEnds, why: "a variable of a replaced epoch would never be destroyed",
	},
	{
		name: "a sweep leaves words that an attach may revive",
		file: "freeall.go", in: "class.sweep",
		old: "e.sealed()", new: "e.dead()",
		by: classExplore, why: "an attach would count as before FreeAll though the pair was taken then",
	},
	{
		name: "an overtaken attach leaves a word that another may revive",
		file: "attach.go", in: "class.overtaken",
		old: "e.sealed()", new: "e.dead()",
		by: classEnds, why: "two attachments of one pair would succeed with nothing between them",
	},
	{
		name: "a constructor keeps the table's arrays",
		file: "build.go", in: "attach.build",
		old: "a.forget()", new: "a.from = lockfree.Start{}",
		by: killer{"./internal/gctest", "TestOperationThatLasts", ""}, why: "a slow constructor would keep every array of the table from then to its end",
	},
	{
		name: "who waits for a constructor keeps the table's arrays",
		file: "attach.go", in: "attach.let",
		old: "a.forget()", new: "",
		by: killer{"./internal/gctest", "TestOperationThatLasts", ""}, why: "a slow constructor would keep every array of the table from then to its end",
	},
	{
		name: "an insert revives a sealed pair",
		file: "lockfree/write.go", in: "Table.insertSlow",
		old: "if isSealed(v) {\n\t\t\t\treturn Word(v), false", new: "if false {\n\t\t\t\treturn Word(v), false",
		by: classExplore, why: "an attach would count as before FreeAll though the pair was taken then",
	},
	{
		name: "an insert does not come by the arrays that it began in",
		file: "lockfree/write.go", in: "Table.InsertAt",
		old: "t.insertSlow(from.root, key, w)", new: "t.insertSlow(t.root.Load(), key, w)",
		by: classEnds, why: "an insert would not meet the seal of a pair that has migrated meanwhile",
	},
	{
		name: "an attach takes its start after it has confirmed its epoch",
		file: "attach.go", in: "attach.enter",
		old: "return c.epoch.Load() == e && !e.closed", new: "same := c.epoch.Load() == e && !e.closed\n\ta.from = c.table.Start()\n\treturn same",
		by: classEnds, why: "an insert would not meet the seal of a pair that has migrated meanwhile",
	},
	{
		name: "a Get trusts the address that it began with",
		file: "class.go", in: "class.getFast",
		old: "x.Untagged() && key == uint64(uintptr(obj))", new: "x.Untagged()",
		by: killer{".", "TestStackMoves", "explore"}, why: "an object on a stack that moves would be given the data of the object that gets its address",
	},
	{
		name: "Get takes a line for the end of a path",
		file: "class.go", in: "class.getFast",
		old: "w == 0 && l.Absent()", new: "w == 0",
		by: classExplore, why: "Get would miss data that a migration has moved",
	},
	{
		name: "Get holds the epoch until it loads the word",
		file: "class.go", in: "class.getFast",
		old: "atomic.Hold(c.epoch.Load())", new: "c.epoch.Load()",
		by: classSlots, why: "the class number could be another class's by then: a type confusion",
	},
	{
		name: "Get holds the directory until it loads the word",
		file: "class.go", in: "class.getFast",
		old: "	w := l.Front", new: "	alloc.Keep(d)\n	w := l.Front",
		by: classExplore, why: "the index could be another segment's by then, whose cells are more",
	},
	{
		name: "Get does not compare the handle",
		file: "class.go", in: "class.getFast",
		old: "h != nil && uint64(h.Address()) == key", new: "h != nil",
		by: classExplore, why: "an object would be given the data of a dead one that had its address",
	},
	{
		name: "a lookup that takes long does not compare the handle",
		file: "class.go", in: "class.at",
		old: "!handleIn(d.SideWord(at)).Is(addr)", new: "handleIn(d.SideWord(at)) == nil",
		by: killer{"./fuzz", "FuzzConcurrent", "explore"}, why: "an object would be given the data of a dead one that had its address",
	},
	{
		name: "an attach does not compare the handle",
		file: "class.go", in: "class.owns",
		old: "e.handle(index).Is(addr)", new: "e.handle(index) != nil",
		by: classExplore, why: "a dead object's entry would block the object at its address",
	},
	{
		name: "an insert takes a dead entry for its pair's",
		file: "free.go", in: "class.met",
		old: "c.owns(e, e.index(w), o.address())", new: "true",
		by: classExplore, why: "a dead object's data would be given to the object at its address, or keep it from having any",
	},
	{
		name: "a dead entry is ended without being condemned",
		file: "free.go", in: "class.bury",
		old: " || !casHandle(side, h, condemned)", new: "",
		by: classMove, why: "the reaper would end a variable that Move has just given to a living parent",
	},
	{
		name: "a condemned entry is left to who condemned it",
		file: "free.go", in: "class.bury",
		old: "h := handleIn(side)", new: "h := handleIn(side)\n\tif h == condemned {\n\t\treturn false\n\t}",
		by: classExplore, why: "a stopped reaper would block every attach at a dead object's address",
	},
	{
		name: "Free decides after it has let go of the directory",
		file: "free.go", in: "class.detach",
		old: "w, at := c.table.Find(key, g.e.number)", new: "w, at := c.table.Find(key, g.e.number)\n\th := g\n\th.leave()",
		by: classEnds, why: "FreeIf would end a newer variable whose index is the same number",
	},
	{
		name: "Free trusts the address that it began with",
		file: "free.go", in: "class.detach",
		old: " && key == o.key()", new: "",
		by: killer{".", "TestStackMoves", "explore"}, why: "a stack that moves would make it end a stranger's variable",
	},
	{
		name: "FreeIf does not compare the data",
		file: "free.go", in: "class.detach",
		old: "data != nil && p != data", new: "false",
		by: classExplore, why: "FreeIf would end a variable that it was not given",
	},
	{
		name: "a variable is published before its slot is live",
		file: "attach.go", in: "attach.publish",
		old: "a.describe()", new: "c.adopt(a.slot, a.side, a.o, a.handle)\n\tdefer e.slab.Enliven(a.index)",
		by: classEnds, why: "a sweep would not see it, and its end would spoil the counts",
	},
	{
		name: "a variable that lost its race is given back as one that never lived",
		file: "attach.go", in: "attach.withdraw",
		old: "a.c.withdraw(a.guard.e, a.index, a.slot)", new: "a.discard()",
		by: classEnds, why: "Len would count it for ever, and every walk would look at it",
	},
	{
		name: "a failed construction leaves a variable",
		file: "build.go", in: "attach.abandon",
		old: "a.guard.e.dead()", new: "a.guard.e.word(a.index, lockfree.Value)",
		by: killer{"./fuzz", "FuzzConcurrent", "explore"}, why: "data that its constructor gave up would be attached",
	},
	{
		name: "those who wait are woken before the variable is there",
		file: "build.go", in: "attach.build",
		old: "a.mustReplace(s.word, a.guard.e.word(a.index, lockfree.Value))\n\tc.sites.finish(s)",
		new: "c.sites.finish(s)\n\ta.mustReplace(s.word, a.guard.e.word(a.index, lockfree.Value))",
		by:  classWaiters, why: "a waiter would spin while the constructor's goroutine is stopped",
	},
	{
		name: "a constructor's panic leaves its pair under construction",
		file: "build.go", in: "attach.build",
		old: "built := false", new: "built := true",
		by: killer{".", "TestFaults", ""}, why: "nobody could ever attach to the object again, and GetOrAlloc would wait for ever",
	},
	{
		name: "an exit in the background ends all destruction",
		file: "reaper.go", in: "graveyard.empty",
		old: "if n != nil {", new: "if false {",
		by: killer{".", "TestFaultsInTheBackground", ""}, why: "destructors of collected parents would be lost",
	},
	{
		name: "a failed construction wakes nobody",
		file: "build.go", in: "attach.abandon",
		old: "a.c.sites.finish(s)", new: "a.c.sites.remove(s)",
		by: classWaiters, why: "a waiter would sleep for ever",
	},
	{
		name: "a class number is given out again without limbo",
		file: "numbers.go", in: "class.retire",
		old: "atomic.WhenUnreachable(e, func(r retired) { r.proven() }, r)", new: "r.proven()",
		by: classNumbers, why: "a stopped attach of a former epoch would put its index into another: a type confusion",
	},
	{
		name: "a class number is given out while an array holds it",
		file: "numbers.go", in: "numbers.promote",
		old: "if root > list.since {", new: "if root > 0 {",
		by: classNumbers, why: "seals of a former epoch would stop attaches of the new one",
	},
	{
		name: "a Goexit in a destructor ends the sweep",
		file: "freeall.go", in: "sweeper.finish",
		old: "if s.cut && rest != nil {", new: "if false {",
		by: killer{".", "TestDestroyPanics", ""}, why: "the rest of the class would not be destroyed",
	},
	{
		name: "an attach runs a dead object's destructor",
		file: "free.go", in: "class.met",
		old: "c.space.destroyLater(c, p)", new: "c.destroyData(object{}, p)",
		by: killer{".", "TestBuriedInTheBackground", "explore"}, why: "Destroy would run inside Alloc, under its caller's locks",
	},
	{
		name: "an ended variable keeps its pinned parent",
		file: "attach.go", in: "class.release",
		old: "c.setPin(p, nil)", new: "_ = p",
		by: killer{"./internal/gctest", "TestRetention", ""}, why: "who holds the data of a freed variable would keep its parent alive",
	},
	{
		name: "All does not ask the table",
		file: "iterate.go", in: "class.each",
		old: "!present", new: "!present && false",
		by: classAll, why: "All would show variables that lost the race for their pair",
	},
	{
		name: "the first who hands over dead data has nobody destroy it",
		file: "reaper.go", in: "graveyard.add",
		old: "n.depth&(n.depth-1) == 0", new: "n.depth > 1 && n.depth&(n.depth-1) == 0",
		by: classGraves, why: "a destructor could wait for the next collection to run",
	},
	{
		name: "the destroyer does not look once more",
		file: "reaper.go", in: "graveyard.dig",
		old: "for y.top.Load()", new: "if y.top.Load()",
		by: classGraves, why: "a destructor could wait for the next death to run",
	},
	{
		name: "a walk forgets who asked meanwhile",
		file: "reaper.go",
		old:  "if s.reaper.walks.Add(-asked) == 0 {", new: "if s.reaper.walks.Store(asked - asked); true {",
		by: classWalks, why: "a death could be found a collection too late",
	},
	{
		name: "a class whose last handle is closed is opened again",
		file: "space.go", in: "class.retain",
		old: "if n == 0 {", new: "if false {",
		by: killer{".", "TestExploreOpenAndClose", "explore"}, why: "a new handle would be on a class that is being emptied",
	},
	{
		name: "what a constructor built is not looked at for its parent",
		file: "build.go", in: "attach.build",
		old: "if a.pointsIntoParent() {", new: "if false {",
		by: killer{".", "TestErrSelf", ""}, why: "a Collected variable would keep its own parent alive for ever",
	},
	{
		name: "Free does not ask whether its replace won",
		file: "free.go", in: "class.detach",
		old: "!c.table.ReplaceAt(at, o.key(), w, g.e.dead())", new: "!c.table.ReplaceAt(at, o.key(), w, g.e.dead()) && false",
		by: classExplore, why: "two callers would free one variable, and the destructor would run twice",
	},
	{
		name: "FreeAll sweeps and keeps the epoch",
		file: "freeall.go", in: "class.freeAll",
		old: "c.replaceEpoch(e, c.newEpoch())", new: "c.sweep(e)",
		by: classExplore, why: "what is attached meanwhile would be freed or not, one by one: FreeAll would have no single moment",
	},
	{
		name: "All names the parent that a variable is being moved to",
		file: "iterate.go", in: "class.meet",
		old: "o.pointer != nil && o.address() == addr", new: "(o.pointer != nil || addr == 0)",
		by: classExplore, why: "FreeFunc could free a variable under a parent that it never had",
	},
	{
		name: "Move takes the reservation for granted",
		file: "move.go", in: "attach.relocate",
		old: "a.reserveFree(s); err != nil", new: "a.reserveFree(s); err != nil && false",
		by: classExplore, why: "Move would put its variable in the place of another",
	},
	{
		name: "Move forgets to give its reservation back",
		file: "move.go", in: "attach.relocate",
		old: "a.mustReplace(s.word, e.dead())", new: "",
		by: classExplore, why: "nobody could attach to the destination any more",
	},
	{
		name: "who buries a dead entry does not ask whether he won",
		file: "free.go", in: "class.bury",
		old: "if !c.win(e, index, c.address(p), e.dead()) {\n\t\treturn false\n\t}", new: "c.win(e, index, c.address(p), e.dead())",
		by: classExplore, why: "a variable would be destroyed twice",
	},
	{
		name: "data that may point into its parent is refused before anybody has looked at the pair",
		file: "attach.go", in: "attach.begin",
		old: "p != nil {", new: "p != nil && a.c.self == nil {",
		by: killer{".", "TestErrSelfComesLast", ""}, why: "GetOrAlloc would fail though there is a variable to be found",
	},
	{
		name: "a batch trusts the addresses that it began with",
		file: "batch.go", in: "getSome",
		old: " && key == of(objs[i]).key()", new: "",
		by: killer{".", "TestStackMoves", "explore"}, why: "likewise",
	},
	{
		name: "a Get that takes long, Take and Copy trust the address that they began with",
		file: "class.go", in: "class.find",
		old: "key != o.key()", new: "false",
		by: killer{".", "TestStackMoves", "explore"}, why: "Copy would copy the data of the object that gets the address of one on a stack that moves",
	},
	{
		name: "bytes take a slot that is one size too small",
		file: "sizes.go", in: "byteSizes.slot",
		old: "(n+bytesAlign-1)/bytesAlign", new: "n/bytesAlign",
		by: killer{".", "TestByteSizes", ""}, why: "bytes would run into the next slot",
	},
}
