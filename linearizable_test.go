package shadow

import (
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"testing"
	"time"

	"github.com/anishathalye/porcupine"
)

// model is the specification as porcupine wants it.
var model = porcupine.Model{
	Init: func() any { return classState{} },
	Step: func(state, input, _ any) (bool, any) {
		next, ok := specification{}.Step(state.(classState), input.(event), false)
		return ok, next
	},
	DescribeOperation: func(input, _ any) string { return input.(event).String() },
	DescribeState:     func(state any) string { return fmt.Sprint(state) },
}

// byPair takes a history apart by pairs: a Move is a step at each of its two, and FreeAll one at every pair.
func byPair(log []porcupine.Operation, owners int) [][]porcupine.Operation {
	parts := make([][]porcupine.Operation, owners)
	put := func(n uint8, o porcupine.Operation, e event) {
		e.cell, e.other = 0, 0
		o.Input = e
		parts[n] = append(parts[n], o)
	}
	for _, o := range log {
		e := o.Input.(event)
		n := e.cell
		switch e.kind {
		case isFreeAll:
			for n := range parts {
				put(uint8(n), o, e)
			}
			continue
		case isMoveReserve:
			if e.ok {
				e.kind = isReserve
			}
		case isMoveDetach:
			n, e.kind = e.other, isTake
		case isMoveAttach:
			e.kind, e.in = isPublish, e.out
		case isMoveExists:
			e.kind, e.ok = isReserve, false
		case isMoveAbsent:
			n, e.kind, e.out = e.other, isGet, 0
		}
		put(n, o, e)
	}
	return parts
}

// verify checks one history, or a part of one.
func verify(t *testing.T, log []porcupine.Operation) {
	t.Helper()
	if porcupine.CheckOperationsTimeout(model, log, 10*time.Second) != porcupine.Illegal {
		return
	}
	_, info := porcupine.CheckOperationsVerbose(model, log, 10*time.Second)
	file := filepath.Join(t.ArtifactDir(), "history.html")
	if err := porcupine.VisualizePath(model, info, file); err != nil {
		t.Error(err)
	}
	for _, o := range log {
		t.Logf("%d [%d, %d] %v", o.ClientId, o.Call, o.Return, o.Input)
	}
	t.Fatalf("not linearizable; a picture is in %s (go test -artifacts keeps it)", file)
}

// runs makes runs until the time is over and says how many.
func (p parallel) runs(t *testing.T, length time.Duration, check func(log []porcupine.Operation, owners int)) {
	random := rand.New(rand.NewPCG(rand.Uint64(), 0))
	runs, operations := 0, 0
	for begun := time.Now(); time.Since(begun) < length || runs == 0; runs++ {
		log, owners, err := p.run(random)
		if err != nil {
			t.Fatalf("run %d: %v", runs, err)
		}
		operations += len(log)
		check(log, owners)
	}
	t.Logf("%d runs, %d events", runs, operations)
}

func TestLinearizablePairs(t *testing.T) {
	// Ensure (G1, G3, G6, G9, G10) that recorded parallel runs are linearizable pair by pair, FreeAll being an operation on every pair, under all lifetimes, while
	// the table migrates and while objects are dropped and others take their addresses.
	for _, p := range []parallel{
		{lifetime: Manual, hands: 4, steps: 24, slots: 3},
		{lifetime: Manual, hands: 4, steps: 60, slots: 20}, // the table grows, too
		{lifetime: Pinned, hands: 4, steps: 24, slots: 3, replaces: true},
		{lifetime: Collected, hands: 4, steps: 24, slots: 3},
		{lifetime: Collected, hands: 4, steps: 40, slots: 4, replaces: true},
	} {
		p.recorded = true
		t.Run(fmt.Sprintf("%v, %d pairs, replaces %v", p.lifetime, p.slots, p.replaces), func(t *testing.T) {
			p.runs(t, lane(5), func(log []porcupine.Operation, owners int) {
				for _, part := range byPair(log, owners) {
					verify(t, part)
				}
			})
		})
	}
}

func TestLinearizableClass(t *testing.T) {
	// Ensure (G9, G10) that recorded parallel runs on a class of two objects are linearizable as a whole: FreeAll is one operation on both pairs.
	for _, lifetime := range []Lifetime{Manual, Pinned, Collected} {
		t.Run(fmt.Sprint(lifetime), func(t *testing.T) {
			p := parallel{lifetime: lifetime, hands: 4, steps: 12, slots: 2, recorded: true}
			p.runs(t, lane(3), func(log []porcupine.Operation, _ int) { verify(t, log) })
		})
	}
}

func TestUnrecorded(t *testing.T) {
	// Ensure (G2, G7, G11) that parallel runs without a clock, which would order what races, show nobody half-built data, and lose and double no variable.
	for _, p := range []parallel{
		{lifetime: Manual, hands: 6, steps: 300, slots: 3},
		{lifetime: Manual, hands: 6, steps: 300, slots: 30},
		{lifetime: Pinned, hands: 6, steps: 300, slots: 3},
		{lifetime: Collected, hands: 6, steps: 300, slots: 3},
		{lifetime: Collected, hands: 6, steps: 300, slots: 3, replaces: true},
	} {
		t.Run(fmt.Sprintf("%v, %d pairs, replaces %v", p.lifetime, p.slots, p.replaces), func(t *testing.T) {
			p.runs(t, lane(5), func([]porcupine.Operation, int) {})
		})
	}
}

func TestHistoriesBite(t *testing.T) {
	// Ensure that histories in which something is wrong are found to be not linearizable, as a class and pair by pair.
	at := func(call, ret int64, e event) porcupine.Operation {
		return porcupine.Operation{Input: e, Call: call, Return: ret}
	}
	attach := at(1, 2, event{kind: isAlloc, in: 7, ok: true})
	for name, log := range map[string][]porcupine.Operation{
		"lost":             {attach, at(3, 4, event{kind: isGet})},
		"attached twice":   {attach, at(1, 3, event{kind: isAlloc, in: 8, ok: true})},
		"after FreeAll":    {attach, at(3, 4, event{kind: isFreeAll}), at(5, 6, event{kind: isGet, out: 7})},
		"freed twice":      {attach, at(3, 6, event{kind: isFree, ok: true}), at(4, 5, event{kind: isFreeIf, in: 7, ok: true})},
		"moved and there":  {attach, at(3, 4, event{kind: isMoveReserve, cell: 1, by: 1, ok: true}), at(3, 4, event{kind: isMoveDetach, cell: 1, by: 1, out: 7}), at(3, 4, event{kind: isMoveAttach, cell: 1, by: 1, out: 7}), at(5, 6, event{kind: isTake, out: 7})},
		"built by a loser": {attach, at(3, 4, event{kind: isReserve, by: 1, ok: true})},
		"refused":          {at(1, 2, event{kind: isAlloc, in: 7})},
	} {
		if porcupine.CheckOperations(model, log) {
			t.Errorf("%s: linearizable as a class", name)
		}
		illegal := false
		for _, part := range byPair(log, 2) {
			illegal = illegal || !porcupine.CheckOperations(model, part)
		}
		if !illegal {
			t.Errorf("%s: linearizable pair by pair", name)
		}
	}
	// What only the class as a whole shows: a FreeAll that ends one pair before the other.
	half := []porcupine.Operation{
		attach, at(1, 2, event{kind: isAlloc, cell: 1, in: 8, ok: true}), at(3, 10, event{kind: isFreeAll}),
		at(4, 5, event{kind: isGet}), at(6, 7, event{kind: isGet, cell: 1, out: 8}),
	}
	if porcupine.CheckOperations(model, half) {
		t.Error("half a FreeAll: linearizable")
	}
}
