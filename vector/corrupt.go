package vector

import (
	"fmt"

	"github.com/quintet-ai/quintet/internal/wal"
)

// ErrCorrupt is the cause of every [CorruptError]. It wraps [quintet.ErrInput].
var ErrCorrupt = wal.ErrCorrupt

// CorruptError says where a file of a collection, or a backup, is damaged in a
// way that no crash explains. [Open] leaves such files as they are.
type CorruptError struct {
	File   string // its path, or "backup"
	Offset int64  // of the damaged part in bytes
	Err    error  // what is wrong
}

// Error prints "file: offset n: what: stored data is damaged: invalid input".
func (e *CorruptError) Error() string {
	return fmt.Sprintf("%s: offset %d: %v: %v", e.File, e.Offset, e.Err, ErrCorrupt)
}

// Unwrap returns ErrCorrupt and what is wrong.
func (e *CorruptError) Unwrap() []error { return []error{ErrCorrupt, e.Err} }
