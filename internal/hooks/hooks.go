// Package hooks lets the tests of one package reach an internal constructor of another. A package registers the
// constructor here when it is initialised; nothing outside of tests calls it.
package hooks

// NewTable is lockfree's constructor of a table with a first size and a number of homes of the caller's choice: one home makes a
// constant hash, 0 are as many as there is room for, otherwise a power of two, and slots 0 is the smallest table. The result is a *lockfree.Table.
var NewTable func(slots, homes uintptr) any

// CheckSpace is package shadow's check of all invariants of a space, a *shadow.Space that nobody uses meanwhile: for the stress program.
var CheckSpace func(space any) error
