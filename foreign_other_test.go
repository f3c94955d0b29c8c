//go:build !unix

package shadow_test

import "testing"

// foreignConn is a conn in memory that Go's collector knows nothing of.
func foreignConn(t testing.TB) *conn {
	t.Skip("no foreign memory here")
	return nil
}
