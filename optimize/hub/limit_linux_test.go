package hub_test

import (
	"os/signal"
	"syscall"
)

// limitFiles lets writes behind the first n bytes of a file fail, as on a disk
// that is full.
var limitFiles = func(n uint64) error {
	signal.Ignore(syscall.SIGXFSZ)
	return syscall.Setrlimit(syscall.RLIMIT_FSIZE, &syscall.Rlimit{Cur: n, Max: n})
}
