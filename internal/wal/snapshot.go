package wal

import (
	"bufio"
	"errors"
	"io"
	"time"
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
	_, err := readSnapshot(r, name, tag, load)
	return err
}

func readSnapshot(r io.Reader, name string, tag Tag, load func([]byte) error) (h header, err error) {
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
		if err := load(block); err != nil {
			return h, &CorruptError{File: name, Offset: at, Err: err}
		}
	}
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
