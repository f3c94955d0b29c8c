package micro

// Getter looks up every pick of a block, reads the first word of what is attached, and returns how
// many were found and the sum of the words: a user looks data up to use it, and a sum that comes out
// right shows that nobody skipped the work.
type Getter interface {
	Get(picks []*Parent) (hits int, sum uint64)
}

// Batcher looks up a block in batches of 16.
type Batcher interface {
	GetBatch(picks []*Parent) (hits int, sum uint64)
}

// Table is a contestant that can attach and detach.
type Table interface {
	Getter
	AttachOne(parent *Parent) // the parent must have nothing attached
	Attach(parents []*Parent) // AttachOne of each
	Churn(picks []*Parent)    // of each pick: detach, then get or attach
	Len() int
	Close()
}

// Implementation names a contestant and makes an empty table of it.
type Implementation struct {
	Name string // as benchmark names have it
	Long string // as tables for people have it
	New  func() Table
}

// The names the bars ask for.
const (
	ShadowManual    = "shadow-manual"
	ShadowCollected = "shadow-collected"
	Xsync4          = "xsync4"
	Xsync4Pointer   = "xsync4-pointer"
	SyncMap         = "syncmap"
	WeakIdiom       = "weak-idiom"
)

// Implementations are all contestants, shadow first.
func Implementations() []Implementation {
	return []Implementation{
		{ShadowManual, "shadow Manual", newShadowManual},
		{ShadowCollected, "shadow Collected", newShadowCollected},
		{Xsync4, "xsync v4 {ptr,id}", newXsync4},
		{Xsync4Pointer, "xsync v4 pointer only", newXsync4Pointer},
		{"xsync3", "xsync v3 {ptr,id}", newXsync3},
		{SyncMap, "sync.Map {ptr,id}", newSyncMap},
		{"rwmutex", "map + RWMutex {ptr,id}", newLockedMap},
		{WeakIdiom, "sync.Map of weak pointers", newWeakIdiom},
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
