package wal

import (
	"errors"
	"fmt"
	"os"

	"golang.org/x/sys/windows"

	"github.com/quintet-ai/quintet"
)

// tryLock does not wait. Each opened file holds a lock of its own, so opening a
// directory twice in one process is refused too.
func tryLock(f *os.File) error {
	const flags = windows.LOCKFILE_EXCLUSIVE_LOCK | windows.LOCKFILE_FAIL_IMMEDIATELY
	err := windows.LockFileEx(windows.Handle(f.Fd()), flags, 0, 1, 0, new(windows.Overlapped))
	if errors.Is(err, windows.ERROR_LOCK_VIOLATION) || errors.Is(err, windows.ERROR_IO_PENDING) {
		return fmt.Errorf("%s is locked, the directory is open elsewhere: %w", f.Name(), quintet.ErrBusy)
	}
	return err
}

// syncDir does nothing: directories cannot be synced here, renames are logged.
func syncDir(string) error { return nil }
