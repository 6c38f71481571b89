package report

import (
	"syscall"
	"time"
)

const clockName = "CPU time"

// cpuTime returns the CPU time that the process or the calling thread has used.
func cpuTime(process bool) time.Duration {
	who := syscall.RUSAGE_THREAD
	if process {
		who = syscall.RUSAGE_SELF
	}
	var u syscall.Rusage
	if err := syscall.Getrusage(who, &u); err != nil {
		panic("report: getrusage: " + err.Error()) // it knows both values of who
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
