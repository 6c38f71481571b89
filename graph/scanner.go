package graph

import (
	"context"
	"fmt"
	"io"

	"github.com/quintet-ai/quintet"
)

// scanner reads a text byte by byte and can look at one byte before it is taken.
// Its tokens are no longer than the limit of the input.
type scanner struct {
	in   *input
	c    byte
	held bool
	buf  []byte // of the token that is read
}

func newScanner(ctx context.Context, r io.Reader, o ReadOptions) scanner {
	return scanner{in: newInput(untilDone{ctx, r}, o.MaxToken)}
}

// peek returns the next byte, io.EOF if there is none.
func (s *scanner) peek() (byte, error) {
	if !s.held {
		c, err := s.in.ReadByte()
		if err != nil {
			return 0, err
		}
		s.c, s.held = c, true
	}
	return s.c, nil
}

// take takes the byte that peek returned.
func (s *scanner) take() { s.held = false }

// must is peek where the text may not end.
func (s *scanner) must() (byte, error) {
	c, err := s.peek()
	if err == io.EOF {
		err = short()
	}
	return c, err
}

// start skips white space and returns the first byte of the next token, io.EOF if
// there is none.
func (s *scanner) start() (byte, error) {
	for {
		s.in.next()
		c, err := s.peek()
		if err != nil || c != ' ' && c != '\t' && c != '\n' && c != '\r' {
			return c, err
		}
		s.take()
	}
}

// expect takes white space and the one byte that must follow.
func (s *scanner) expect(want byte) error {
	c, err := s.start()
	switch {
	case err == io.EOF:
		return short()
	case err != nil:
		return err
	case c != want:
		return fmt.Errorf("%q in the place of %q: %w", c, want, quintet.ErrInput)
	}
	s.take()
	return nil
}

// run takes the bytes that ok accepts, into the memory of the token before.
func (s *scanner) run(ok func(byte) bool) ([]byte, error) {
	s.buf = s.buf[:0]
	for {
		c, err := s.peek()
		if err == io.EOF || err == nil && !ok(c) {
			return s.buf, nil
		}
		if err != nil {
			return nil, err
		}
		s.take()
		s.buf = append(s.buf, c)
	}
}

// restOfLine takes the bytes up to the end of the line.
func (s *scanner) restOfLine() error {
	for {
		s.in.next()
		c, err := s.peek()
		if err == io.EOF || err == nil && c == '\n' {
			return nil
		}
		if err != nil {
			return err
		}
		s.take()
	}
}

// line returns the line of the last byte, for an error.
func (s *scanner) line() int { return max(s.in.line, 1) }

// alphanumeric tells the ASCII letters and digits.
func alphanumeric(c byte) bool {
	return c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z'
}
