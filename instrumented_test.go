//go:build race || explore || faults

package shadow_test

// instrumented tells whether costs are other than in a normal build.
const instrumented = true
