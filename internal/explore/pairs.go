package explore

// Pairs is the model of a map from a few pairs to non-zero words: a register
// for each pair, with 0 for absent.
type Pairs struct{}

// PairsState is what each pair has.
type PairsState [8]uint64

// PairKind is a kind of operation on a pair.
type PairKind uint8

// The operations. Got and OK are results; OK says that the operation did what it is for.
const (
	PairGet     PairKind = iota // Got is the value; OK if there is one
	PairInsert                  // if absent, becomes New: OK. Got is what is there afterwards
	PairDelete                  // becomes absent; Got is what was there; OK if there was something
	PairReplace                 // becomes New (0: absent) if it is Old; OK if it was
)

func (k PairKind) String() string {
	return [...]string{"get", "insert", "delete", "replace"}[k]
}

// PairOp is an operation on a pair with its results.
type PairOp struct {
	Kind     PairKind
	Pair     uint8
	Old, New uint64
	Got      uint64
	OK       bool
}

// Init returns the state in which all pairs are absent.
func (Pairs) Init() PairsState { return PairsState{} }

// Step is the sequential specification.
func (Pairs) Step(s PairsState, o PairOp, pending bool) (PairsState, bool) {
	old := s[o.Pair]
	got, ok := old, old != 0
	switch o.Kind {
	case PairInsert:
		if ok = old == 0; ok {
			s[o.Pair], got = o.New, o.New
		}
	case PairDelete:
		s[o.Pair] = 0
	case PairReplace:
		if ok = old == o.Old; ok {
			s[o.Pair] = o.New
		}
		return s, pending || o.OK == ok
	}
	return s, pending || o.OK == ok && o.Got == got
}
