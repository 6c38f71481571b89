//go:build !(darwin || dragonfly || freebsd || linux || netbsd || openbsd)

package cloudstore

import "os"

// syncDirOf does nothing where directories cannot be synced; on Windows, renames
// are logged.
func syncDirOf(*os.Root, string) error { return nil }
