package vector

import "github.com/quintet-ai/quintet/internal/wal"

// OpenIn is Open in a file system of the caller.
func OpenIn[K Key](fs wal.FS, dir string, o Options) (*Collection[K], error) {
	return openIn[K](fs, dir, o)
}
