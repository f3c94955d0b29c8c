//go:build race

package gctest

// defaultPower is less where everything takes ten times as long.
const defaultPower = 0.2

const racing = true
