package measure

import (
	"fmt"
	"strings"
)

// availableOf reads the MemAvailable line of /proc/meminfo, 0 if there is none.
func availableOf(text string) uint64 {
	for line := range strings.Lines(text) {
		var kilobytes uint64
		if _, err := fmt.Sscanf(line, "MemAvailable: %d kB", &kilobytes); err == nil {
			return kilobytes << 10
		}
	}
	return 0
}
