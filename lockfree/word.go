package lockfree

// A Word is what a pair maps to: {index:37, frozen:1, class:24, state:2}, most
// significant bit first, so that one look at the lower half tells whether a slot is the one that a lookup wants. The frozen bit is the table's own mark of a slot that
// has been superseded; no word given to or returned by an exported function
// has it. The zero Word means absent.
type Word uint64

// State is the state of a pair.
type State uint8

const (
	None     State = 0 // no word at all
	Value    State = 1 // the pair is there
	Nil      State = 2 // the pair was there; its slot is kept for its return
	Building State = 3 // the pair is reserved by whoever builds its value
)

// MaxClass is the greatest class number.
const MaxClass = 1<<24 - 1

// MaxIndex is the greatest index.
const MaxIndex = 1<<(64-IndexShift) - 1

// IndexShift is how many bits of a word lie below those of the index.
const IndexShift = 27

// Sealed is the index of a [Nil] word that no insert may revive: Replace writes it to end a pair for good, as far as
// inserts are concerned that started before. See [Table.InsertFrom].
const Sealed = MaxIndex

const (
	stateBits  = 2
	stateMask  = 1<<stateBits - 1
	classShift = stateBits

	// liveBit is set in Value and Building and in no other state.
	liveBit = 1

	// undecided is the val of a slot whose key is claimed and whose class is open.
	undecided = 0
	frozenBit = 1 << (IndexShift - 1)

	// tagMask are the bits of a word that are not its index.
	tagMask = 1<<IndexShift - 1

	// The key of a slot that nobody has claimed, and of one that nobody can claim any more.
	emptyKey  = 0
	frozenKey = 1<<64 - 1
)

// MakeWord returns the word of a pair of class with an index and a state. It
// panics if class exceeds [MaxClass] or index [MaxIndex].
func MakeWord(class uint32, index uint64, s State) Word {
	if class > MaxClass || index > MaxIndex {
		panic("lockfree: class or index out of range")
	}
	return Word(index)<<IndexShift | Word(class)<<classShift | Word(s&stateMask)
}

// Class returns the class of the pair.
func (w Word) Class() uint32 { return uint32(w>>classShift) & MaxClass }

// Index returns the index given to [MakeWord].
func (w Word) Index() uint64 { return uint64(w >> IndexShift) }

// State returns the state of the pair.
func (w Word) State() State { return State(w & stateMask) }

// Tag is what the words of a class in a state have in common: all but the index. No slot that has been superseded has it.
func Tag(class uint32, s State) Word { return MakeWord(class, 0, s) }

// Tag returns w without its index, which is [Tag] of its class and state, unless the slot that it stands in has been superseded.
func (w Word) Tag() Word { return Word(uint32(w) & tagMask) }

// Untagged tells whether [Word.Tag] is 0: for whoever compares by exclusive or, and wants no more than the index of what is equal.
func (w Word) Untagged() bool { return uint32(w)&tagMask == 0 }

// isFrozen tells whether val v is that of a superseded slot.
func isFrozen(v uint64) bool { return v&frozenBit != 0 }

// isLive tells whether val v, frozen or not, is Value or Building.
func isLive(v uint64) bool { return v&liveBit != 0 }

// isSealed tells whether val v, frozen or not, refuses inserts.
func isSealed(v uint64) bool { return Word(v).State() == Nil && Word(v).Index() == Sealed }
