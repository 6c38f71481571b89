//go:build !(darwin || dragonfly || freebsd || linux || netbsd || openbsd)

package wal

// syncDir does nothing where directories cannot be synced; on Windows, renames are
// logged.
func syncDir(string) error { return nil }
