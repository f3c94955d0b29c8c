//go:build !unix

package gctest

import "time"

// processorTime is not known here: the measurements print 0.
func processorTime() time.Duration { return 0 }
