package measure

import "time"

// Clock tells time passed since some moment; only differences mean anything.
type Clock func() time.Duration

var clockBegin = time.Now()

// Wall is the time on the wall: right for what waits for others, wrong by what other processes take of
// the processors.
func Wall() time.Duration { return time.Since(clockBegin) }
