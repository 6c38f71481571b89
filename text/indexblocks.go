package text

import (
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
)

// The files of this package are a magic text of eight bytes and blocks: a length, so
// many bytes, and the CRC-32C of everything so far but the checksums, both in four
// bytes, little end first. A block of length 0 is the last.
const (
	blockSize  = 64 << 10
	blockFrame = 4
)

// blockWriter writes blocks. The first error stays.
type blockWriter struct {
	w       io.Writer
	buf     []byte // of the block, with room for its length
	sum     uint32
	written int64
	err     error
}

func newBlockWriter(w io.Writer, magic string) *blockWriter {
	b := &blockWriter{w: w, buf: make([]byte, blockFrame, blockSize+2*blockFrame)}
	b.sum = crc32.Checksum([]byte(magic), castagnoli())
	b.emit([]byte(magic))
	return b
}

// Write implements [io.Writer]; it tells of no error, close does.
func (b *blockWriter) Write(p []byte) (int, error) {
	for rest := p; len(rest) > 0; {
		n := min(len(rest), blockFrame+blockSize-len(b.buf))
		b.buf, rest = append(b.buf, rest[:n]...), rest[n:]
		if len(b.buf) == blockFrame+blockSize {
			b.flush()
		}
	}
	return len(p), nil
}

// flush ends the block.
func (b *blockWriter) flush() {
	binary.LittleEndian.PutUint32(b.buf, uint32(len(b.buf)-blockFrame))
	b.sum = crc32.Update(b.sum, castagnoli(), b.buf)
	b.emit(binary.LittleEndian.AppendUint32(b.buf, b.sum))
	b.buf = b.buf[:blockFrame]
}

func (b *blockWriter) emit(p []byte) {
	if b.err != nil {
		return
	}
	n, err := b.w.Write(p)
	b.written += int64(n)
	b.err = err
}

// close writes what is left and the last block.
func (b *blockWriter) close() (int64, error) {
	if len(b.buf) > blockFrame {
		b.flush()
	}
	b.flush()
	return b.written, b.err
}

// castagnoli is a lookup: the package crc32 makes the table once.
func castagnoli() *crc32.Table { return crc32.MakeTable(crc32.Castagnoli) }

// blockReader reads blocks, each after its checksum was right, and nothing behind the
// last one. What is wrong with them wraps cause.
type blockReader struct {
	r      io.Reader
	cause  error
	buf    []byte
	rest   []byte // of the block
	sum    uint32
	failed error // io.EOF after the last block
}

func newBlockReader(r io.Reader, magic string, cause error) (*blockReader, error) {
	b := &blockReader{r: r, cause: cause, buf: make([]byte, blockSize+2*blockFrame)}
	head := b.buf[:len(magic)]
	if err := b.fill(head); err != nil {
		return nil, err
	}
	if string(head) != magic {
		return nil, fmt.Errorf("the file does not begin with %q: %w", magic, cause)
	}
	b.sum = crc32.Checksum(head, castagnoli())
	return b, nil
}

// fill reads all of p.
func (b *blockReader) fill(p []byte) error {
	_, err := io.ReadFull(b.r, p)
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return fmt.Errorf("the file is cut off: %w", b.cause)
	}
	return err
}

// more reads the next block if the one before is used up.
func (b *blockReader) more() error {
	if len(b.rest) > 0 || b.failed != nil {
		return b.failed
	}
	b.rest, b.failed = b.block()
	if b.failed == nil && len(b.rest) == 0 {
		b.failed = io.EOF
	}
	return b.failed
}

func (b *blockReader) block() ([]byte, error) {
	if err := b.fill(b.buf[:blockFrame]); err != nil {
		return nil, err
	}
	size := binary.LittleEndian.Uint32(b.buf)
	if size > blockSize {
		return nil, fmt.Errorf("block of %d bytes, limit %d: %w", size, blockSize, b.cause)
	}
	end := blockFrame + int(size)
	if err := b.fill(b.buf[blockFrame : end+blockFrame]); err != nil {
		return nil, err
	}
	b.sum = crc32.Update(b.sum, castagnoli(), b.buf[:end])
	if b.sum != binary.LittleEndian.Uint32(b.buf[end:]) {
		return nil, fmt.Errorf("wrong checksum: %w", b.cause)
	}
	return b.buf[blockFrame:end], nil
}

// Read implements [io.Reader].
func (b *blockReader) Read(p []byte) (int, error) {
	if err := b.more(); err != nil {
		return 0, err
	}
	n := copy(p, b.rest)
	b.rest = b.rest[n:]
	return n, nil
}

// ReadByte implements [io.ByteReader].
func (b *blockReader) ReadByte() (byte, error) {
	if err := b.more(); err != nil {
		return 0, err
	}
	c := b.rest[0]
	b.rest = b.rest[1:]
	return c, nil
}
