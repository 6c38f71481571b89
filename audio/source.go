package audio

import (
	"bufio"
	"fmt"
	"io"
	"io/fs"

	"github.com/quintet-ai/quintet"
)

// source reads a file from front to back and knows where it is.
type source struct {
	r    *bufio.Reader
	pos  int64 // bytes taken
	size int64 // an upper bound of the bytes of the whole file, -1 if unknown
	err  error // that ended reading, other than the end of the data
}

// sizeOf asks a reader, not the data, how much there is.
func sizeOf(r io.Reader) int64 {
	switch r := r.(type) {
	case interface{ Len() int }: // bytes.Reader, bytes.Buffer, strings.Reader
		return int64(r.Len())
	case interface{ Stat() (fs.FileInfo, error) }:
		if i, err := r.Stat(); err == nil && i.Mode().IsRegular() {
			return i.Size()
		}
	}
	return -1
}

// fill reads until b is full or the data end. Unlike io.ReadFull it gives an end
// of the data no error, so that the io.ErrUnexpectedEOF of a broken connection
// stays one.
func (s *source) fill(b []byte) (n int, err error) {
	for n < len(b) {
		m, err := s.r.Read(b[n:])
		n += m
		s.pos += int64(m)
		if err == io.EOF {
			return n, nil
		}
		if err != nil {
			s.err = err
			return n, err
		}
	}
	return n, nil
}

// skip passes over n bytes and reports whether they were there.
func (s *source) skip(n int64) (bool, error) {
	m, err := io.CopyN(io.Discard, s.r, n)
	s.pos += m
	if err == io.EOF {
		return false, nil
	}
	return err == nil, err
}

// cappedReader fails where io.LimitedReader would pretend that the data end.
type cappedReader struct {
	r    io.Reader
	left int64
}

func (c *cappedReader) Read(b []byte) (int, error) {
	if int64(len(b)) > c.left {
		b = b[:c.left+1] // one more tells an end from an excess
	}
	n, err := c.r.Read(b)
	if int64(n) > c.left {
		return int(c.left), fmt.Errorf("more bytes than Limits.MaxBytes: %w", quintet.ErrInput)
	}
	c.left -= int64(n)
	return n, err
}
