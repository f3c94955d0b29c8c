// Package guide has the programs of docs/guide.md: its tests run them, and the guide quotes them word for word.
package guide
