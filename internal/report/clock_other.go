//go:build !linux

package report

import "time"

const clockName = "wall time"

var epoch = time.Now()

// cpuTime is a stopwatch: the standard library has no clock of a thread here.
func cpuTime(bool) time.Duration { return time.Since(epoch) }
