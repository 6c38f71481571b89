//go:build darwin || dragonfly || freebsd || linux || netbsd || openbsd

package hub

import (
	"errors"
	"os"
	"path"
	"syscall"
)

// tryLock locks f or fails with errLocked. Each opened file holds a lock of its
// own, so goroutines of a process exclude each other too.
func tryLock(f *os.File) error {
	for {
		err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
		switch {
		case errors.Is(err, syscall.EINTR):
			continue
		case errors.Is(err, syscall.EWOULDBLOCK):
			return errLocked
		}
		return err
	}
}

// syncDirOf makes the entry of name in its directory last.
func syncDirOf(root *os.Root, name string) error {
	d, err := root.Open(path.Dir(name))
	if err != nil {
		return err
	}
	return errors.Join(ignoreInvalid(d.Sync()), d.Close())
}

// ignoreInvalid forgives file systems that cannot sync a directory.
func ignoreInvalid(err error) error {
	if errors.Is(err, syscall.EINVAL) || errors.Is(err, syscall.ENOTSUP) {
		return nil
	}
	return err
}
