package wal

import (
	"fmt"

	"github.com/quintet-ai/quintet"
)

// ErrCorrupt is the cause of every [CorruptError].
var ErrCorrupt = fmt.Errorf("stored data is damaged: %w", quintet.ErrInput)

// CorruptError says where stored data does not make sense, and why.
type CorruptError struct {
	File   string // its path, or a name for what was read from a stream
	Offset int64  // of the header or record in bytes
	Err    error  // what is wrong, which need not wrap a cause
}

// Error prints "file: offset n: why: stored data is damaged: invalid input".
func (e *CorruptError) Error() string {
	return fmt.Sprintf("%s: offset %d: %v: %v", e.File, e.Offset, e.Err, ErrCorrupt)
}

// Unwrap returns ErrCorrupt and what is wrong.
func (e *CorruptError) Unwrap() []error { return []error{ErrCorrupt, e.Err} }

func corrupt(file string, offset int64, format string, args ...any) error {
	return &CorruptError{File: file, Offset: offset, Err: fmt.Errorf(format, args...)}
}
