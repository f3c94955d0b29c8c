// Package fuzz holds the library against plain maps. Its tests are programs of fixed-size
// little-endian commands that both sides execute; go test runs the committed ones, and
//
//	go test ./fuzz -run '^$' -fuzz FuzzProgram -fuzzminimizetime 1x
//
// makes new ones until it finds a difference or is stopped; without -fuzzminimizetime it spends a minute on
// making each new program short before it goes on. The targets are FuzzTable (package
// lockfree), FuzzSlab (package alloc), FuzzBytes and FuzzProgram (the whole of package shadow).
//
// FuzzConcurrent is about programs for several goroutines. Under the explorer the bytes are the schedule, too: what is found is replayed
// by the same bytes, and one goroutine may be suspended for ever:
//
//	go test -tags explore ./fuzz -run '^$' -fuzz FuzzConcurrent -fuzzminimizetime 1x
//
// Without the tag the goroutines are real, and the schedule is the machine's.
package fuzz
