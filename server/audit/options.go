package audit

import (
	"bytes"
	"cmp"
	"fmt"
	"log/slog"
	"slices"
	"time"

	"github.com/quintet-ai/quintet"
	"github.com/quintet-ai/quintet/internal/wal"
)

// Options configures [Open].
type Options struct {
	// Key of the HMAC of records: 32 bytes or more, from a random source. Default:
	// none, and the chain is of SHA-256, which anybody can make anew.
	Key []byte

	// SubjectKey, of 32 bytes or more and not Key, hides who sent a request: see
	// "People's data" above. Default: none, and subjects and addresses are kept.
	SubjectKey []byte

	// MaxBytes is about how long a file gets before the next begins. Default: 64 MiB.
	MaxBytes int64

	// Pending bounds the events in memory that are not on disk yet, such as while it
	// is full. More are counted as dropped. Default: 10,000.
	Pending int

	// Retry is how long to wait after the disk could not be written. Default: 1 s.
	Retry time.Duration

	// NoSync leaves it to the system when records are really on disk.
	NoSync bool

	// Logger hears when the disk cannot be written and when it can be again. Default:
	// slog.Default().
	Logger *slog.Logger

	files wal.FS // for tests
}

func (o Options) withDefaults() (Options, error) {
	for _, key := range [][]byte{o.Key, o.SubjectKey} {
		if key != nil && len(key) < 32 {
			return o, fmt.Errorf("key of an audit log has %d bytes, not 32 or more: %w", len(key), quintet.ErrOption)
		}
	}
	switch {
	case o.MaxBytes < 0 || o.Pending < 0 || o.Retry < 0:
		return o, fmt.Errorf("negative bound of an audit log: %w", quintet.ErrOption)
	case o.Key != nil && bytes.Equal(o.Key, o.SubjectKey):
		return o, fmt.Errorf("one key for two ends of an audit log: %w", quintet.ErrOption)
	}
	o.MaxBytes = cmp.Or(o.MaxBytes, 64<<20)
	o.Pending = cmp.Or(o.Pending, 10_000)
	o.Retry = cmp.Or(o.Retry, time.Second)
	if o.Logger == nil {
		o.Logger = slog.Default()
	}
	if o.files == nil {
		o.files = wal.OS{}
	}
	o.Key, o.SubjectKey = slices.Clone(o.Key), slices.Clone(o.SubjectKey)
	return o, nil
}
