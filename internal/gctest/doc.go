// Package gctest holds the tests and measurements of what the library promises together with Go's collector: that
// data lives exactly as long as it should, never shorter, never longer, never under another object's name, and that memory
// comes back. Everything goes through the public API.
//
// The default power is small enough for every run of all tests. SHADOW_POWER=20 multiplies the work of the
// stress tests by twenty, fractions are allowed (0.2 under the race detector), and SHADOW_MEASURE=1 runs the measurements, which print tables and judge nothing.
//
// Tests of this kind see errors only by chance. Each says in its first comment how often it has caught the error it is
// for: in how many of 20 runs at default power, with the line that guards against it removed.
package gctest
