//go:build !race

package gctest

const defaultPower = 1

const racing = false
