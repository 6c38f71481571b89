package hub

import (
	"errors"
	"os"

	"golang.org/x/sys/windows"
)

// tryLock locks f or fails with errLocked. Each opened file holds a lock of its
// own, so goroutines of a process exclude each other too.
func tryLock(f *os.File) error {
	const flags = windows.LOCKFILE_EXCLUSIVE_LOCK | windows.LOCKFILE_FAIL_IMMEDIATELY
	err := windows.LockFileEx(windows.Handle(f.Fd()), flags, 0, 1, 0, new(windows.Overlapped))
	if errors.Is(err, windows.ERROR_LOCK_VIOLATION) || errors.Is(err, windows.ERROR_IO_PENDING) {
		return errLocked
	}
	return err
}

// syncDirOf does nothing: directories cannot be synced here, renames are logged.
func syncDirOf(*os.Root, string) error { return nil }
