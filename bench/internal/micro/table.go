package micro

//go:generate go run ./generate

// Getter looks up every pick of a block, reads the first word of what is attached, and returns how
// many were found and the sum of the words: a user looks data up to use it, and a sum that comes out
// right shows that nobody skipped the work.
type Getter interface {
	Get(picks []*Parent) (hits int, sum uint64)
}

// Dependent is Get in which the word that was read tells where the next pick stands, so that the processor cannot
// begin a lookup before the one before it has ended. It ends at a miss.
type Dependent interface {
	GetDependent(picks []*Parent) (hits int, sum uint64)
}

// Batcher looks up a block in batches of a given size, at most MaxBatch.
type Batcher interface {
	GetBatch(picks []*Parent, batch int) (hits int, sum uint64)
}

// MaxBatch is the longest batch there is a buffer for.
const MaxBatch = 256

// Table is a contestant that can attach and detach.
type Table interface {
	Getter
	Dependent
	AttachOne(parent *Parent) // the parent must have nothing attached
	Attach(parents []*Parent) // AttachOne of each
	Detach(parents []*Parent) // of each that has something attached: detach
	// GetOrAttach is Get that attaches where nothing is, and counts that as found.
	GetOrAttach(picks []*Parent) (hits int, sum uint64)
	Churn(picks []*Parent) // of each pick: detach, then get or attach
	Walk() (n int, sum uint64)
	Len() int
	Close()
}

// Clearer ends everything at once, as the contestant understands it: only shadow's readers see it happen at one instant
// whatever the size, a locked map's wait.
type Clearer interface {
	Clear()
}

// Identified tells several kinds of data on one parent apart, by ids from 0.
type Identified interface {
	AttachIDs(parents []*Parent, ids int)
	GetIDs(picks []*Parent, ids int) (hits int, sum uint64)
}

// Implementation names a contestant and makes an empty table of it.
type Implementation struct {
	Name string // as benchmark names have it
	Long string // as tables for people have it
	New  func() Table
	Big  func(n int) Table // with room for n; nil if the contestant cannot

	// Some can do less than the rest.
	Alone     bool // one goroutine at a time, readers included
	OneWriter bool // one goroutine at a time may write, and no reader meanwhile
	Weak      bool // lets go of entries whose parents were collected, by itself
}

// The names that are asked for elsewhere.
const (
	ShadowManual    = "shadow-manual"
	ShadowCollected = "shadow-collected"
	ShadowPinned    = "shadow-pinned"
	Xsync4          = "xsync4"
	Xsync4Pointer   = "xsync4-pointer"
	SyncMap         = "syncmap"
	WeakIdiom       = "weak-idiom"
)

// Implementations are all contestants, shadow first.
func Implementations() []Implementation {
	return []Implementation{
		{Name: ShadowManual, Long: "shadow Manual", New: newShadowManual, Big: bigShadowManual},
		{Name: ShadowPinned, Long: "shadow Pinned", New: newShadowPinned, Big: bigShadowPinned},
		{Name: ShadowCollected, Long: "shadow Collected", New: newShadowCollected, Big: bigShadowCollected, Weak: true},
		{Name: Xsync4, Long: "xsync v4 {ptr,id}", New: newXsync4, Big: bigXsync4},
		{Name: Xsync4Pointer, Long: "xsync v4 pointer only", New: newXsync4Pointer, Big: bigXsync4Pointer},
		{Name: "xsync3", Long: "xsync v3 {ptr,id}", New: newXsync3, Big: bigXsync3},
		{Name: "xsync3-pointer", Long: "xsync v3 pointer only", New: newXsync3Pointer, Big: bigXsync3Pointer},
		{Name: SyncMap, Long: "sync.Map {ptr,id}", New: newSyncMap},
		{Name: "syncmap-pointer", Long: "sync.Map pointer only", New: newSyncMapPointer},
		{Name: "haxmap", Long: "haxmap, by address", New: newHaxmap, Big: bigHaxmap, OneWriter: true},
		{Name: "sharded", Long: "64 maps + Mutex {ptr,id}", New: newSharded, Big: bigSharded},
		{Name: "rwmutex", Long: "map + RWMutex {ptr,id}", New: newLockedMap, Big: bigLockedMap},
		{Name: WeakIdiom, Long: "sync.Map of weak pointers", New: newWeakIdiom, Weak: true},
		{Name: "plain", Long: "Go map, one goroutine {ptr,id}", New: newPlainMap, Big: bigPlainMap, Alone: true},
	}
}

// Find returns the implementation of that name. A wrong name is a mistake in this module.
func Find(name string) Implementation {
	for _, implementation := range Implementations() {
		if implementation.Name == name {
			return implementation
		}
	}
	panic("micro: no contestant " + name)
}

// pair is the rivals' key: which object, which kind of data. The pointer is real, so the rivals keep
// every parent alive until its entry is deleted; a bare address would let the collector take the parent and hand its
// address, with the old data, to another object.
type pair struct {
	parent *Parent
	id     uint64
}

const id = 7

// newData is a copy of its own of what is attached: all rivals keep a pointer to it, because attached data is changed
// in place. (A value in the map's entry would save a load and could only be replaced as a whole.)
func newData() *Data {
	data := dataOf
	return &data
}
