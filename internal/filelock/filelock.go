// Package filelock locks a file against other processes, and against other opened
// files of this one.
//
//	err := filelock.Try(f) // nil, ErrLocked, or what went wrong
//
// Closing the file ends the lock.
//
// # Limits
//
// Locks are advisory: they exclude only those who ask. Systems without flock and
// LockFileEx are [quintet.ErrUnsupported].
package filelock

import (
	"errors"
	"os"
)

// ErrLocked says that somebody else has the lock.
var ErrLocked = errors.New("locked by another process")

// Try locks f for this opened file alone and does not wait: [ErrLocked] if another
// one has the lock.
func Try(f *os.File) error { return try(f) }
