package main

// The tests that kill errors in the table.
var (
	tableExplore  = killer{"./lockfree", "TestExploreExhausted", "explore"}
	tableOverflow = killer{"./lockfree", "TestExploreOverflow", "explore"}
	tableModel    = killer{"./lockfree", "TestModel", ""}
	tableBatch    = killer{"./lockfree", "TestBatch", ""}
	tableRest     = killer{"./lockfree", "TestTableAtRestStays", ""}
	tableSample   = killer{"./lockfree", "TestSampleOfSurvivors", ""}
)

// tableMutants are errors in package lockfree. The seven that are marked are those by which the protocol's model was tested.
var tableMutants = []mutant{
	{
		name: "a reader takes a superseded word for the current one", // model 1
		file: "lockfree/table.go", in: "array.lookup",
		old: "v, found = w&^frozenBit, true", new: "return w &^ frozenBit, true",
		by: tableExplore, why: "a Get during growth would return a variable that was freed in the new array",
	},
	{
		name: "what a migration copies is estimated from the sample",
		file: "lockfree/migrate.go", in: "Table.migrateChunk",
		old: "next.countCopies(copied, among)", new: "next.countCopies(0, 0)",
		by: tableRest, why: "a table could shrink and grow for ever with nobody writing",
	},
	{
		name: "deaths that the sample does not see have nobody recount",
		file: "lockfree/size.go", in: "Table.countDeath",
		old: "\t\tt.remind()", new: "",
		by: tableSample, why: "after a peak a table could stay several times too big",
	},
	{
		name: "a recount does not look for dead pairs",
		file: "lockfree/size.go", in: "Table.recount",
		old: "if isLive(a.slot(i).val.Load()) {", new: "if a.slot(i).val.Load() != undecided {",
		by: tableSample, why: "likewise",
	},
	{
		name: "a writer leaves the old array without a barrier", // model 2
		file: "lockfree/write.go", in: "Table.insertSlow",
		old: "if !a.bar((home+d)&a.mask, at) {", new: "if false {",
		by: tableExplore, why: "another writer could attach the same pair in the old array: two variables",
	},
	{
		name: "a writer passes a slot that it lost to its own pair", // model 5
		file: "lockfree/write.go", in: "Table.insertSlow",
		old: "if t.enter(a, (home+d)&a.mask, at, key, w) {", new: "if !t.enter(a, (home+d)&a.mask, at, key, w) {\n\t\t\t\t\td++\n\t\t\t\t} else {",
		by: tableExplore, why: "two concurrent attachments of one pair would both succeed",
	},
	{
		name: "a delete makes its slot undecided again", // model 6
		file: "lockfree/write.go", in: "Table.Replace",
		old: "CompareAndSwap(v, uint64(new))", new: "CompareAndSwap(v, uint64(new)*(uint64(new)&liveBit))",
		by: tableExplore, why: "a reader would stop at the slot and miss the pairs behind it",
	},
	{
		name: "a second migration begins before the first has ended", // model 7
		file: "lockfree/migrate.go", in: "Table.admit",
		old: "case root.number >= a.number:", new: "case root.number >= a.number || a.next.Load() != nil:",
		by: tableOverflow, why: "a pair copied late into the skipped array would be lost",
	},
	{
		name: "a dead slot is used for another class", // model 8
		file: "lockfree/array.go", in: "array.find",
		old: "case Word(v).Class() != class:", new: "case Word(v).Class() != class && Word(v).State() != Nil:",
		by: tableExplore, why: "what was passed would not stay passed: a pair could stand twice",
	},
	{
		name: "a reader takes not yet copied for absent", // model 9
		file: "lockfree/table.go", in: "array.lookup",
		old: "v, found = w&^frozenBit, true", new: "v, found = 0, true",
		by: tableExplore, why: "a Get during growth would miss a variable that is attached",
	},
	{
		name: "an insert goes on without copying its frozen pair",
		file: "lockfree/write.go", in: "Table.insertSlow",
		old: "t.copy(a.next.Load(), key, v&^frozenBit)", new: "_ = v",
		by: tableExplore, why: "an attach during growth would succeed though the pair has a variable",
	},
	{
		name: "a migration has ended when all its chunks are handed out",
		file: "lockfree/migrate.go", in: "Table.finish",
		old: "if a.done[c/32].Load()&(1<<(c%32)) == 0 {", new: "if false {",
		by: tableExplore, why: "counting work instead of verifying it loses the pairs of a goroutine that stopped",
	},
	{
		name: "a chunk is done when it is handed out",
		file: "lockfree/migrate.go", in: "Table.work",
		old: "spare := t.migrateChunk(root, c)", new: "root.done[c/32].Or(1 << (c % 32))\n\tspare := t.migrateChunk(root, c)",
		by: tableExplore, why: "whoever finishes the migration would leave out what another has only begun",
	},
	{
		name: "a fresh insert needs no ticket",
		file: "lockfree/migrate.go", in: "Table.admit",
		old: "case *paid == root:", new: "case true:",
		by: tableExplore, why: "inserts would fill the new array before the copies are in",
	},
	{
		name: "a ticket of an earlier migration counts",
		file: "lockfree/migrate.go", in: "Table.admit",
		old: "case *paid == root:", new: "case *paid != nil:",
		by: tableExplore, why: "the room for copies would be spent twice",
	},
	{
		name: "a chunk that yielded copies only is worth a ticket",
		file: "lockfree/migrate.go", in: "Table.migrateChunk",
		old: "spare := false", new: "spare := true",
		by: tableExplore, why: "the room for copies would be spent twice",
	},
	{
		name: "an overflowing array's successor is too small",
		file: "lockfree/migrate.go", in: "Table.extend",
		old: "for slots < root.slots()+a.slots() {", new: "for false {",
		by: tableExplore, why: "a table that shrank too much would run out of room for what it holds",
	},
	{
		name: "a copier gives up where there is no room",
		file: "lockfree/migrate.go", in: "Table.copy",
		old: "a = t.extend(a)", new: "return",
		by: tableExplore, why: "a pair would be lost in a table that shrank too much",
	},
	{
		name: "a pair under construction does not migrate",
		file: "lockfree/migrate.go", in: "Table.migrateSlot",
		old: "if !isLive(v) {", new: "if Word(v).State() != Value {",
		by: tableExplore, why: "growth during a constructor would let a second one run for the pair",
	},
	{
		name: "an undecided slot is not frozen",
		file: "lockfree/migrate.go", in: "Table.migrateSlot",
		old: "if !isFrozen(v) {", new: "if !isFrozen(v) && v != undecided {",
		by: tableExplore, why: "an attach would succeed in an array that nobody looks at any more",
	},
	{
		name: "whoever finds no chunk left waits for the others",
		file: "lockfree/migrate.go", in: "Table.work",
		old: "if root.cursor.Load() >= root.chunks {\n\t\tt.finish(root)", new: "if root.cursor.Load() >= root.chunks {",
		by: tableExplore, why: "one stopped goroutine would hold up all others: the table would not be lock-free",
	},
	{
		name: "an undecided slot is decided by a store",
		file: "lockfree/write.go", in: "Table.enter",
		old: "won := s.val.CompareAndSwap(undecided, uint64(w))", new: "won := true\n\ts.val.Store(uint64(w))",
		by: tableExplore, why: "the later of two attachments would overwrite the earlier",
	},
	{
		name: "a slot that nobody can claim is taken for a free one",
		file: "lockfree/array.go", in: "array.find",
		old: "return d, 0, atBarrier", new: "return d, 0, atEmpty",
		by: tableExplore, why: "a reader would call a pair absent that stands in the new array",
	},
	{
		name: "a full path is taken for absent though there is a new array",
		file: "lockfree/write.go", in: "Table.Replace",
		old: "if a.next.Load() == nil {", new: "if true {",
		by: tableExplore, why: "Free during growth would not find what is attached",
	},
	{
		name: "a walk over the table does not know what it has seen",
		file: "lockfree/iterate.go", in: "Table.Range",
		old: "!root.knows(a, k, w.Class())", new: "true",
		by: tableExplore, why: "a pair would be yielded twice during a migration",
	},
	{
		name: "a reader takes a slot that nobody can claim for a free one",
		file: "lockfree/table.go", in: "Table.GetUnsure",
		old: "case frozenKey:\n\t\t\treturn t.getSlow(key, class)", new: "case frozenKey:\n\t\t\treturn 0",
		by: tableExplore, why: "Get during growth would miss what stands in the new array",
	},
	{
		name: "Get does not look at the key of the slot that it has taken",
		file: "lockfree/table.go", in: "Table.Find",
		old: "k == key && w.Tag()", new: "w.Tag()",
		by: tableModel, why: "an object would be given another one's data",
	},
	{
		name: "a reader takes a line with a slot that nobody can claim for the end of a path",
		file: "lockfree/table.go", in: "Table.Find",
		old: "k == emptyKey && !l.Broken()", new: "k == emptyKey",
		by: tableExplore, why: "a lookup would miss data that a migration has moved",
	},
	{
		name: "a reader does not compare the class in the next line",
		file: "lockfree/table.go", in: "Table.GetUnsure",
		old: "k == key && (w.Tag() == Tag(class, Value)", new: "k == key && (w.State() == Value",
		by: tableModel, why: "Get would return data of another class: a type confusion",
	},
	{
		name: "a reader does not compare the key in the next line",
		file: "lockfree/table.go", in: "Table.GetUnsure",
		old: "k == key && (w.Tag() == Tag(class, Value)", new: "k != 0 && (w.Tag() == Tag(class, Value)",
		by: tableModel, why: "an object would be given another one's data",
	},
	{
		name: "a reader does not compare the class of a key's next slot",
		file: "lockfree/table.go", in: "Table.GetUnsure",
		old: "Word(v).Tag()>>classShift == Word(class):", new: "isLive(v) && !isFrozen(v):",
		by: tableExplore, why: "Get would return data of another class: a type confusion",
	},
	{
		name: "an insert at once enters where a migration may have been",
		file: "lockfree/write.go", in: "Table.insertAtOnce",
		old: "a.quiet() && t.enter", new: "t.enter",
		by: tableExplore, why: "a pair would be attached twice, in front of and behind a slot that was frozen",
	},
	{
		name: "who looks takes a line with a slot that nobody can claim for the end of a path",
		file: "lockfree/write.go", in: "Table.Look",
		old: "k == emptyKey && a.quiet()", new: "k == emptyKey",
		by: tableExplore, why: "a pair would be attached twice, in front of and behind a slot that was frozen",
	},
	{
		name: "who looks does not compare the class",
		file: "lockfree/write.go", in: "Table.Look",
		old: "w.Tag() {", new: "Tag(class, w.State()) {",
		by: tableModel, why: "an object would be given another class's data",
	},
	{
		name: "an insert where a look has named a slot does not look again after it has lost it",
		file: "lockfree/write.go", in: "Table.InsertAt",
		old: "return t.insertSlow(from.root, key, w)", new: "return w, at.s != nil",
		by: tableExplore, why: "an attachment would be lost",
	},
	{
		name: "an insert passes an empty slot",
		file: "lockfree/write.go", in: "taken",
		old: "return full & other", new: "return full&other | other",
		by: tableModel, why: "Get would end its walk at the empty slot and miss the pair",
	},
	{
		name: "an insert at once does not count",
		file: "lockfree/write.go", in: "Table.insertAtOnce",
		old: "a.countLive(a.index(s))", new: "",
		by: tableModel, why: "the table would shrink although its pairs are many",
	},
	{
		name: "a reader takes a next line with a slot that nobody can claim for the end of a path",
		file: "lockfree/table.go", in: "Table.GetUnsure",
		old: "k == emptyKey && !l.Broken()", new: "k == emptyKey",
		by: tableExplore, why: "a lookup would miss data that a migration has moved",
	},
	{
		name: "an insert at once revives what was sealed",
		file: "lockfree/write.go", in: "Table.insertAtOnce",
		old: " || isSealed(v)", new: "",
		by: classEnds, why: "an attach would count as before FreeAll though the pair was taken then",
	},
	{
		name: "an insert at once revives another class's pair",
		file: "lockfree/write.go", in: "Table.insertAtOnce",
		old: "Word(v).Tag() != Tag(w.Class(), Nil)", new: "Word(v).State() != Nil",
		by: tableModel, why: "a slot would change its class: a type confusion",
	},
	{
		name: "a word that is not where it was found is taken for changed",
		file: "lockfree/write.go", in: "Table.ReplaceAt",
		old: "return t.Replace(key, old, new)", new: "return false",
		by: tableExplore, why: "Free during growth would leave what is attached",
	},
	{
		name: "a batch does not compare the class",
		file: "lockfree/batch.go", in: "Table.getSome",
		old: "w.Tag() != tag", new: "w.Tag() != tag && w == 0",
		by: tableBatch, why: "GetBatch would return data of another class: a type confusion",
	},
	{
		name: "a small table does not try multipliers",
		file: "lockfree/spread.go", in: "array.evenest",
		old: "best, least = uint8(n), beyond", new: "best, least = 0, beyond",
		by: killer{"./lockfree", "TestSmallTablesTryMultipliers", ""}, why: "objects of some sizes would be heaped up",
	},
	{
		name: "a table does not look whether it heaps keys up",
		file: "lockfree/spread.go", in: "array.judge",
		old: "a.far.Add(d) > mostFar*claims", new: "a.far.Add(d) < 0",
		by: killer{"./lockfree", "TestHeapedKeys", ""}, why: "it would keep a multiplier that heaps them up",
	},
	{
		name: "a table that grows does not look whether it heaps keys up",
		file: "lockfree/spread.go", in: "array.bestSpread",
		old: "a.farther(3)", new: "false",
		by: killer{"./lockfree", "TestSpread", ""}, why: "it would keep a multiplier that is worse than chance",
	},
	{
		name: "a table that replaced others for their multipliers is replaced, too",
		file: "lockfree/migrate.go", in: "Table.begin",
		old: "next.tried = a.tried + 1", new: "next.tried = 0",
		by: killer{"./lockfree", "TestKeysNobodySpreads", ""}, why: "with keys that no multiplier spreads it would migrate for ever",
	},
	{
		name: "a migration hands out some chunks twice and others never",
		file: "lockfree/migrate.go", in: "array.scattered",
		old: "*golden>>32) | 1", new: "*golden>>32)",
		by: killer{"./lockfree", "TestChunksAreScattered", ""}, why: "two tickets for one chunk, and whoever finishes would have most of the work",
	},
	{
		name: "several classes of a key count as keys heaped up",
		file: "lockfree/spread.go", in: "array.farther",
		old: "distance*keys > limit*pairs*pairs", new: "distance > limit*pairs",
		by: killer{"./lockfree", "TestSpreadOfClasses", ""}, why: "tables with several classes would take another multiplier for nothing",
	},
	{
		name: "a lookup takes a full line for the end of a path",
		file: "lockfree/table.go", in: "Line.Absent",
		old: "l[3].key.Load() == emptyKey && ", new: "",
		by: killer{".", "TestModel", ""}, why: "Get would miss what stands in the next line",
	},
	{
		name: "a lookup takes a line with a slot that nobody can claim for the end of a path",
		file: "lockfree/table.go", in: "Line.Absent",
		old: " && !l.Broken()", new: "",
		by: classExplore, why: "Get would miss data that a migration has moved",
	},
	{
		name: "a lookup does not look at the keys in front",
		file: "lockfree/table.go", in: "Line.Front",
		old: "l[0].key.Load(); k == key", new: "l[0].key.Load(); k != key",
		by: killer{".", "TestModel", ""}, why: "an object would be given another one's data",
	},
}
