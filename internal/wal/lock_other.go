//go:build !(darwin || dragonfly || freebsd || linux || netbsd || openbsd || windows)

package wal

import (
	"fmt"
	"os"
	"runtime"

	"github.com/quintet-ai/quintet"
)

func tryLock(*os.File) error {
	return fmt.Errorf("no file locks on %s: %w", runtime.GOOS, quintet.ErrUnsupported)
}

func syncDir(string) error { return nil }
