package fuzz

import (
	"encoding/binary"
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strconv"
	"testing"
)

// command is one step of a program. What the fields mean is the target's business; all values mean something, so
// that every input is a program.
type command struct {
	Op, Which uint8
	Key       uint16
	Arg       uint32
}

const (
	commandBytes = 8
	mostCommands = 1 << 12
)

// commands decodes a program. A truncated tail is no command.
func commands(program []byte) []command {
	c := make([]command, min(len(program)/commandBytes, mostCommands))
	if _, err := binary.Decode(program, binary.LittleEndian, c); err != nil {
		panic(err)
	}
	return c
}

var update = flag.Bool("update", false, "write the generated seeds to testdata again")

// TestSeeds writes the generated seeds, if asked, and otherwise checks that they are there.
func TestSeeds(t *testing.T) {
	// Ensure that every target has seeds, and that they are long enough to grow tables and to end chunks and segments.
	for _, target := range []string{"FuzzTable", "FuzzSlab", "FuzzBytes", "FuzzProgram"} {
		dir := filepath.Join("testdata", "fuzz", target)
		for seed := range uint64(6) {
			program := generate(seed)
			name := filepath.Join(dir, fmt.Sprintf("generated-%d", seed))
			want := "go test fuzz v1\n[]byte(" + strconv.Quote(string(program)) + ")\n"
			if *update {
				if err := os.MkdirAll(dir, 0o777); err != nil {
					t.Fatal(err)
				}
				if err := os.WriteFile(name, []byte(want), 0o666); err != nil {
					t.Fatal(err)
				}
			}
			if got, err := os.ReadFile(name); err != nil || string(got) != want {
				t.Errorf("%s is not what go test ./fuzz -update would write (%v)", name, err)
			}
		}
	}
}

// generate makes a program of random commands: the greater the seed, the fewer the different keys.
func generate(seed uint64) (program []byte) {
	r := rand.New(rand.NewPCG(seed, 0))
	habit := make([]uint8, 12) // some commands more often than others
	for i := range habit {
		habit[i] = uint8(r.Uint32())
	}
	for range 700 {
		c := command{
			Op: habit[r.IntN(len(habit))], Which: uint8(r.Uint32()),
			Key: uint16(r.Uint32()) >> (2 * seed), Arg: r.Uint32(),
		}
		var err error
		if program, err = binary.Append(program, binary.LittleEndian, c); err != nil {
			panic(err)
		}
	}
	return program
}
