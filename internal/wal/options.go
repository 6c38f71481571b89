package wal

import (
	"io"
	"time"

	"github.com/quintet-ai/quintet/internal/mmap"
)

// Policy says when appended records are made to last.
type Policy int

// The policies.
const (
	Always Policy = iota // before Append returns
	Every                // an interval after Append at the latest
	Never                // when the operating system does, at segment ends and in Close
)

// Options configures a [Log].
type Options struct {
	// Tag must be that of the files which are there.
	Tag Tag

	// Policy says when appended records are made to last, Interval how
	// long at the latest after an Append with Every. Default: 100 ms.
	Policy   Policy
	Interval time.Duration

	// SegmentBytes is the size at which a new segment begins. Default: 64 MiB.
	SegmentBytes int64

	// FS is where the files are. Default: OS.
	FS FS
}

func (o Options) withDefaults() Options {
	if o.Interval == 0 {
		o.Interval = 100 * time.Millisecond
	}
	if o.SegmentBytes == 0 {
		o.SegmentBytes = 64 << 20
	}
	if o.FS == nil {
		o.FS = OS{}
	}
	return o
}

// Handler receives what a directory holds, in order: the blocks of the newest
// good snapshot, then the records after it. Its errors count as corruption. It
// must not keep what it is given. All fields but Map are required.
type Handler struct {
	// Reset forgets all blocks: another snapshot will be tried.
	Reset func()

	// Map, if set, receives a snapshot's file as memory, where that is possible,
	// and has to close it. The blocks that follow are parts of it, in which each
	// begins at a multiple of 32, and may be kept as long as it is open.
	Map func(*mmap.Pages)

	// Block receives a block of a snapshot, Record the payload of a record.
	Block  func(block []byte) error
	Record func(payload []byte) error
}

// fileReader reads a File from its start.
func fileReader(f File) io.Reader { return io.NewSectionReader(f, 0, 1<<62) }
