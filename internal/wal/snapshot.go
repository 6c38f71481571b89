package wal

import (
	"bufio"
	"errors"
	"io"
	"time"

	"github.com/quintet-ai/quintet/internal/mmap"
)

// A Blocks function calls add for every block of a snapshot, in order. The
// blocks may be used again when add returns.
type Blocks func(add func(block []byte) error) error

// WriteSnapshot writes a snapshot to w: what [ReadSnapshot] reads.
func WriteSnapshot(w io.Writer, tag Tag, blocks Blocks) error {
	_, err := writeSnapshot(w, header{magic: magicSnapshot, made: time.Now(), tag: tag}, blocks)
	return err
}

func writeSnapshot(w io.Writer, h header, blocks Blocks) (size int64, err error) {
	buf := bufio.NewWriterSize(w, 1<<16)
	seq, scratch := uint64(1), []byte(nil)
	put := func(kind uint32, block []byte) error {
		if err := tooLarge(block); err != nil {
			return err
		}
		scratch = appendRecord(scratch[:0], kind, seq, 0, block)
		seq++
		n, err := buf.Write(scratch)
		size += int64(n)
		return err
	}
	n, err := buf.Write(h.bytes())
	size = int64(n)
	if err == nil {
		err = blocks(func(block []byte) error { return put(kindData, block) })
	}
	if err == nil {
		err = put(kindEnd, nil)
	}
	if err == nil {
		err = buf.Flush()
	}
	return size, err
}

// ReadSnapshot reads the snapshot called name from r, to the end of r, and
// passes its blocks to load, which must not keep them. An error of load counts
// as corruption. Nothing that load was given may be used unless the result is
// nil: the blocks that are missing come last.
func ReadSnapshot(r io.Reader, name string, tag Tag, load func(block []byte) error) error {
	_, err := readSnapshot(r, name, tag, func(block []byte, _ int64) error { return load(block) })
	return err
}

// readSnapshot tells load also where in the file each block is.
func readSnapshot(r io.Reader, name string, tag Tag, load func([]byte, int64) error) (h header, err error) {
	buf := bufio.NewReaderSize(r, 1<<16)
	if h, err = readHeader(buf, name, magicSnapshot); err != nil {
		return h, err
	}
	if err := h.check(name, tag); err != nil {
		return h, err
	}
	records := reader{r: buf, name: name, at: headerSize, next: 1}
	for {
		at := records.at
		rec, block, err := records.read()
		if err == io.EOF || errors.Is(err, io.ErrUnexpectedEOF) {
			return h, corrupt(name, at, "file is not complete")
		}
		if err != nil {
			return h, err
		}
		if rec.kind == kindEnd {
			return h, atEnd(buf, name, records.at)
		}
		if err := load(block, at+recordSize); err != nil {
			return h, &CorruptError{File: name, Offset: at, Err: err}
		}
	}
}

// Map returns the newest snapshot as memory and calls add with its blocks, which may
// be kept as long as that is open. Nothing is checked but the headers of the blocks: the
// file was written, or read and checked, by this process. The error is that of add,
// one of the file system, or wraps [errors.ErrUnsupported].
func (l *Log) Map(add func(block []byte) error) (*mmap.Pages, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.snap.name == "" {
		return nil, errors.ErrUnsupported
	}
	name := l.path(l.snap.name)
	f, err := l.o.FS.Open(name, false)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	pages, err := mapFile(f)
	if err != nil {
		return nil, err
	}
	if err := eachBlock(pages.Bytes(), name, l.snap.size, add); err != nil {
		pages.Close()
		return nil, err
	}
	return pages, nil
}

func eachBlock(b []byte, name string, size int64, add func(block []byte) error) error {
	if int64(len(b)) != size {
		return corrupt(name, 0, "file has %d bytes, had %d", len(b), size)
	}
	for at := headerSize; at+recordSize <= len(b); {
		r, ok := parseRecord(b[at:])
		begin, end := at+recordSize, at+recordSize+int(r.length)
		if !ok || end > len(b) {
			return corrupt(name, int64(at), "header of a record: %w", errChecksum)
		}
		if r.kind == kindEnd {
			return nil
		}
		if err := add(b[begin:end:end]); err != nil {
			return err
		}
		at = end + padding(int(r.length))
	}
	return corrupt(name, size, "file is not complete")
}

// atEnd wants nothing more in r.
func atEnd(r *bufio.Reader, name string, at int64) error {
	switch _, err := r.ReadByte(); {
	case err == nil:
		return corrupt(name, at, "bytes after the end")
	case err != io.EOF:
		return err
	}
	return nil
}
