package jobs

import "github.com/quintet-ai/quintet/internal/wal"

// On returns the options with another file system.
func (o Options) On(files wal.FS) Options {
	o.files = files
	return o
}
