package wal

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"time"

	"github.com/quintet-ai/quintet"
)

// Tag says what a log is of; a store keeps its unchangeable options in it.
type Tag [16]byte

const (
	headerSize = 64
	version    = 2
	oldest     = 1 // of the versions that are read

	magicLog      = "QNTLOG\r\n"
	magicSnapshot = "QNTSNP\r\n"
)

// header is the first part of every file.
type header struct {
	magic string
	seq   uint64
	made  time.Time
	tag   Tag
}

func table() *crc32.Table { return crc32.MakeTable(crc32.Castagnoli) }

func (h header) bytes() []byte {
	b := make([]byte, headerSize)
	copy(b, h.magic)
	binary.LittleEndian.PutUint32(b[8:], version)
	binary.LittleEndian.PutUint64(b[16:], h.seq)
	binary.LittleEndian.PutUint64(b[24:], uint64(h.made.UnixNano()))
	copy(b[32:], h.tag[:])
	binary.LittleEndian.PutUint32(b[12:], crc32.Checksum(b, table()))
	return b
}

// readHeader reads the header of the file called name, which has to be of the
// given kind.
func readHeader(r io.Reader, name, magic string) (h header, err error) {
	b := make([]byte, headerSize)
	if _, err := io.ReadFull(r, b); err != nil {
		if err == io.EOF || errors.Is(err, io.ErrUnexpectedEOF) {
			return h, corrupt(name, 0, "file ends in its header")
		}
		return h, err
	}
	sum := binary.LittleEndian.Uint32(b[12:])
	clear(b[12:16])
	switch {
	case !bytes.HasPrefix(b, []byte(magic)):
		return h, corrupt(name, 0, "magic bytes are %q, want %q", b[:8], magic)
	case sum != crc32.Checksum(b, table()):
		return h, corrupt(name, 0, "wrong checksum of the header")
	case binary.LittleEndian.Uint32(b[8:]) < oldest || binary.LittleEndian.Uint32(b[8:]) > version:
		return h, fmt.Errorf("%s: format version %d, want %d to %d: %w",
			name, binary.LittleEndian.Uint32(b[8:]), oldest, version, quintet.ErrUnsupported)
	}
	h.magic, h.seq = magic, binary.LittleEndian.Uint64(b[16:])
	h.made = time.Unix(0, int64(binary.LittleEndian.Uint64(b[24:])))
	copy(h.tag[:], b[32:])
	return h, nil
}

// TagError says that a file belongs to a store with another tag.
type TagError struct {
	File string // its path
	Tag  Tag    // of the file
}

// Error prints "file: other tag: invalid option".
func (e *TagError) Error() string { return e.File + ": other tag: " + quintet.ErrOption.Error() }

// Unwrap returns [quintet.ErrOption].
func (e *TagError) Unwrap() error { return quintet.ErrOption }

// check compares the tag with the wanted one.
func (h header) check(file string, want Tag) error {
	if h.tag != want {
		return &TagError{File: file, Tag: h.tag}
	}
	return nil
}
