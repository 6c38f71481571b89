//go:build darwin || dragonfly || freebsd || linux || netbsd || openbsd

package cloudstore

import (
	"errors"
	"os"
	"path"
	"path/filepath"
	"syscall"
)

// syncDirOf makes the entry of name in its directory last.
func syncDirOf(root *os.Root, name string) error {
	d, err := root.Open(path.Dir(filepath.ToSlash(name)))
	if err != nil {
		return err
	}
	err = d.Sync()
	if errors.Is(err, syscall.EINVAL) || errors.Is(err, syscall.ENOTSUP) { // there are such file systems
		err = nil
	}
	return errors.Join(err, d.Close())
}
