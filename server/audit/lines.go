package audit

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"iter"
)

// lines yields the lines of r without their ends. The last, if it has no end, comes
// with [io.ErrUnexpectedEOF], and one that is too long with [bufio.ErrTooLong]. A line
// is good until the next.
func lines(r io.Reader) iter.Seq2[[]byte, error] {
	return func(yield func([]byte, error) bool) {
		br := bufio.NewReaderSize(r, 64<<10)
		for {
			line, err := br.ReadSlice('\n')
			if errors.Is(err, bufio.ErrBufferFull) {
				line, err = longLine(br, line)
			}
			switch {
			case err == nil:
				if !yield(line[:len(line)-1], nil) {
					return
				}
				continue
			case errors.Is(err, io.EOF) && len(line) > 0:
				err = io.ErrUnexpectedEOF
			case errors.Is(err, io.EOF):
				return
			}
			yield(line, err)
			return
		}
	}
}

// longLine reads the rest of a line that is longer than the buffer of br.
func longLine(br *bufio.Reader, begin []byte) (line []byte, err error) {
	line = bytes.Clone(begin)
	for len(line) <= maxLine {
		more, err := br.ReadSlice('\n')
		line = append(line, more...)
		if !errors.Is(err, bufio.ErrBufferFull) {
			return line, err
		}
	}
	return line, bufio.ErrTooLong
}
