package explore

import "testing"

func TestLinearizable(t *testing.T) {
	// Ensure histories are judged as their definition says, with pending operations taken or left.
	get := func(got uint64) PairOp { return PairOp{Kind: PairGet, Got: got, OK: got != 0} }
	insert := func(v, got uint64) PairOp { return PairOp{Kind: PairInsert, New: v, Got: got, OK: v == got} }
	remove := func(got uint64) PairOp { return PairOp{Kind: PairDelete, Got: got, OK: got != 0} }
	type events = []Event[PairOp]
	for _, c := range []struct {
		name string
		want bool
		events
	}{
		{"nothing", true, nil},
		{"get of nothing", true, events{{get(0), 0, 1}}},
		{"get out of thin air", false, events{{get(1), 0, 1}}},
		{"get after insert", true, events{{insert(1, 1), 0, 1}, {get(1), 2, 3}}},
		{"stale get", false, events{{insert(1, 1), 0, 1}, {get(0), 2, 3}}},
		{"overlapping get, before", true, events{{insert(1, 1), 0, 2}, {get(0), 1, 3}}},
		{"overlapping get, after", true, events{{insert(1, 1), 0, 2}, {get(1), 1, 3}}},
		{"two inserts, both win", false, events{{insert(1, 1), 0, 2}, {insert(2, 2), 1, 3}}},
		{"two inserts, one wins", true, events{{insert(1, 2), 0, 2}, {insert(2, 2), 1, 3}}},
		{"seen, then not", false, events{{insert(1, 1), 0, 9}, {get(1), 1, 2}, {get(0), 3, 4}}},
		{"deleted twice", false, events{{insert(1, 1), 0, 1}, {remove(1), 2, 4}, {remove(1), 3, 5}}},
		{"pending insert seen", true, events{{insert(1, 0), 0, -1}, {get(1), 1, 2}}},
		{"pending insert not seen", true, events{{insert(1, 0), 0, -1}, {get(0), 1, 2}}},
		{"pending insert before its call", false, events{{get(1), 0, 1}, {insert(1, 0), 2, -1}}},
		{"pending insert comes and goes", false, events{{insert(1, 0), 0, -1}, {get(1), 1, 2}, {get(0), 3, 4}}},
		{"pending delete explains", true, events{{insert(1, 1), 0, 1}, {get(1), 3, 4}, {PairOp{Kind: PairDelete}, 2, -1}, {get(0), 5, 6}}},
		{"replace of another", false, events{{insert(1, 1), 0, 1}, {PairOp{Kind: PairReplace, Old: 2, OK: true}, 2, 3}}},
	} {
		if got := Linearizable(Pairs{}, c.events); got != c.want {
			t.Errorf("%s: %v", c.name, got)
		}
	}
}

// refusing is a model that takes no pending operation.
type refusing struct{ Pairs }

func (m refusing) Step(s PairsState, o PairOp, pending bool) (PairsState, bool) {
	if pending {
		return s, false
	}
	return m.Pairs.Step(s, o, pending)
}

func TestPendingMayBeLeftOut(t *testing.T) {
	// Ensure a pending operation that the model refuses is left out, and a completed one is not.
	op := PairOp{Kind: PairGet}
	if !Linearizable(refusing{}, []Event[PairOp]{{op, 0, -1}, {op, 1, 2}}) {
		t.Error("a pending operation must be done")
	}
	op.OK = true
	if Linearizable(refusing{}, []Event[PairOp]{{op, 0, 1}}) {
		t.Error("a completed operation is left out")
	}
}
