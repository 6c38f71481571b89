//go:build !(darwin || dragonfly || freebsd || linux || netbsd || openbsd || windows)

package filelock

import (
	"fmt"
	"os"
	"runtime"

	"github.com/quintet-ai/quintet"
)

func try(*os.File) error {
	return fmt.Errorf("no file locks on %s: %w", runtime.GOOS, quintet.ErrUnsupported)
}
