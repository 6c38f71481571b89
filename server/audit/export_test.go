package audit

import "github.com/quintet-ai/quintet/internal/wal"

// On returns options for another file system.
func (o Options) On(files wal.FS) Options {
	o.files = files
	return o
}
