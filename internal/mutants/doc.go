// Command mutants tests the tests. Each mutant is a deliberate error of one line or so in the real code, applied by
// go test -overlay, with the test that must fail for it:
//
//	go run ./internal/mutants              all of them, and the tests without any error for comparison
//	go run ./internal/mutants -only seal   those whose names, files or tests match
//	go run ./internal/mutants -list        what they are and why each matters
//
// It prints a table and exits with 1 if a mutant survives, does not compile or no longer applies. The package's own test looks only whether
// every mutant still applies and whether the named tests exist, so that a change of the code that moves one is noticed at once.
//
// A mutant is found by the function it is in and a text that occurs there once. An error that changes nothing that anybody
// can observe is no mutant: where a rewrite makes one harmless, take another.
package main
