//go:build shadow_weakvalue && !explore

package shadow_test

// byValue tells whether asking for a parent's death while the collector marks keeps the parent until the next collection.
const byValue = true
