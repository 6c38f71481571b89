package report

import (
	"time"

	"golang.org/x/sys/unix"
)

const clockName = "CPU time"

// cpuTime returns the CPU time that the process or the calling thread has used.
// These clocks count nanoseconds, where getrusage may count ticks of the scheduler.
func cpuTime(process bool) time.Duration {
	clock := int32(unix.CLOCK_THREAD_CPUTIME_ID)
	if process {
		clock = unix.CLOCK_PROCESS_CPUTIME_ID
	}
	var t unix.Timespec
	if err := unix.ClockGettime(clock, &t); err != nil {
		panic("report: clock_gettime: " + err.Error()) // Linux knows both clocks
	}
	return time.Duration(t.Nano())
}
