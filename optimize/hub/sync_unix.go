//go:build darwin || dragonfly || freebsd || linux || netbsd || openbsd

package hub

import (
	"errors"
	"os"
	"path"
	"syscall"
)

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
