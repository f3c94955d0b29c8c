// Package tidy holds the rules of the house as tests: what a reader of the
// code may rely on, checked on every file of the repository. A rule is a function from the files of one
// package directory to complaints, so that each can be shown to bite on a few lines of source.
package tidy
