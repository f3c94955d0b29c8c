package main

// parentMutants are errors in package parent, which asks the runtime about parents.
var parentMutants = []mutant{
	{
		name: "a handle answers for any address",
		file: "internal/parent/unsafe.go", in: "Word.Is",
		old: "h.Address() == addr", new: "h.Address() != 0",
		by: killer{"./internal/parent", "TestKinds", ""}, why: "pointers to different offsets of an object would be one parent",
	},
	{
		name: "package variables are remembered as heap",
		file: "internal/parent/unsafe.go", in: "classifySlow",
		old: "return Immortal", new: "known.add(uintptr(p))\n\t\treturn Immortal",
		by: killer{"./internal/parent", "TestKinds", ""}, why: "read-only data beside them would end the process in weak.Make",
	},
	{
		name: "the question to the runtime leaves its cleanup",
		file: "internal/parent/unsafe.go", in: "classifySlow",
		old: "cleanup.Stop()", new: "_ = cleanup",
		by: killer{"./internal/parent", "TestCheckFinalizers", ""}, why: "GODEBUG=checkfinalizers=1 would report every small parent",
	},
	{
		name: "a remembered region forgets its neighbours",
		file: "internal/parent/regions.go", in: "regions.add",
		old: ".Or(1 << (number % 32))", new: ".Store(1 << (number % 32))",
		by: killer{"./internal/parent", "TestRegions", ""}, why: "every first attach would pay for the question again",
	},
	{
		name: "only the first element of an array is looked at",
		file: "internal/parent/unsafe.go", in: "Fields.PointInto",
		old: "i*a.stride", new: "i*a.stride*0",
		by: killer{"./internal/parent", "TestPointInto", ""}, why: "data that keeps its own parent alive would be accepted",
	},
}
