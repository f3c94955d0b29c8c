package trace

// Data is what is attached to a parent, and what a lookup has to bring back.
type Data struct {
	Number, Visits uint64
}

// Parent is the beginning of every object that the replay makes; the rest is as long as the recorded object was. It has a
// pointer, so that the collector looks at it, and room for data of its own, which only the floor uses.
type Parent struct {
	Next  *Parent
	field Data
}

// object is a parent with the size of P besides.
type object[P any] struct {
	Parent
	rest P
}

func newObject[P any]() *Parent { return &new(object[P]).Parent }

// makers make an object for a number of words, as big as the size class of Go's allocator that holds it.
var makers = func() (by [MaxSize/8 + 1]func() *Parent) {
	word := 0
	for _, class := range classes {
		for ; word <= class.size/8; word++ {
			by[word] = class.make
		}
	}
	return by
}()

// classes are the allocator's size classes from the smallest parent to the biggest.
var classes = []struct {
	size int
	make func() *Parent
}{
	{24, newObject[[0]uint64]}, {32, newObject[[1]uint64]}, {48, newObject[[3]uint64]}, {64, newObject[[5]uint64]},
	{80, newObject[[7]uint64]}, {96, newObject[[9]uint64]}, {112, newObject[[11]uint64]}, {128, newObject[[13]uint64]},
	{144, newObject[[15]uint64]}, {160, newObject[[17]uint64]}, {176, newObject[[19]uint64]}, {192, newObject[[21]uint64]},
	{208, newObject[[23]uint64]}, {224, newObject[[25]uint64]}, {240, newObject[[27]uint64]}, {256, newObject[[29]uint64]},
	{288, newObject[[33]uint64]}, {320, newObject[[37]uint64]}, {352, newObject[[41]uint64]}, {384, newObject[[45]uint64]},
	{416, newObject[[49]uint64]}, {448, newObject[[53]uint64]}, {480, newObject[[57]uint64]}, {512, newObject[[61]uint64]},
	{640, newObject[[77]uint64]}, {768, newObject[[93]uint64]}, {1024, newObject[[125]uint64]}, {1280, newObject[[157]uint64]},
	{1536, newObject[[189]uint64]}, {2048, newObject[[253]uint64]},
}
