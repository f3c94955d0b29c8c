//go:build !shadow_weakvalue || explore

package parent

const wantReadable = true
