package graph

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
	"math"
	"strconv"

	"github.com/quintet-ai/quintet"
)

// EdgeSource yields edges one at a time, or the error that ends them.
type EdgeSource[K comparable] = iter.Seq2[Edge[K], error]

// FromEdges builds the graph of a source. It stops at the first error of the
// source, at the first edge that breaks a rule of [Builder.AddEdge], or soon
// after ctx ends.
func FromEdges[K comparable](ctx context.Context, src EdgeSource[K], o BuilderOptions) (*Graph[K], error) {
	if src == nil {
		return nil, fmt.Errorf("graph: nil source of edges: %w", quintet.ErrInput)
	}
	b := NewBuilder[K](o)
	if err := b.AddEdges(until(ctx, src)); err != nil {
		return nil, err
	}
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	return b.Build()
}

// until yields what src yields and the error of ctx when it has ended.
func until[K comparable](ctx context.Context, src EdgeSource[K]) EdgeSource[K] {
	return func(yield func(Edge[K], error) bool) {
		n := 0
		for e, err := range src {
			if n%4096 == 0 && err == nil {
				err = ctx.Err()
			}
			n++
			if !yield(e, err) || err != nil {
				return
			}
		}
	}
}

// FileKey is a type of nodes that files can hold: a text of any kind, or a whole
// number in decimal digits.
type FileKey interface{ int | int64 | string }

// ReadError says where a file is not what its format asks for. It wraps
// [quintet.ErrInput], [quintet.ErrUnsupported] or the error of the reader.
type ReadError struct {
	Format string // such as "GraphML"
	Line   int    // from 1
	Err    error
}

// Error prints the format, the line and the reason.
func (e *ReadError) Error() string {
	return "graph: " + e.Format + " line " + strconv.Itoa(e.Line) + ": " + e.Err.Error()
}

// Unwrap returns the reason.
func (e *ReadError) Unwrap() error { return e.Err }

// parseKey reads a key of a file.
func parseKey[K FileKey](s string) (key K, err error) {
	switch p := any(&key).(type) {
	case *string:
		*p = s
	case *int:
		*p, err = strconv.Atoi(s)
	case *int64:
		*p, err = strconv.ParseInt(s, 10, 64)
	}
	if err != nil {
		err = fmt.Errorf("node %s is not a whole number: %w", show(s), quintet.ErrInput)
	}
	return key, err
}

// keyText is the inverse of parseKey.
func keyText[K FileKey](k K) string {
	switch k := any(k).(type) {
	case string:
		return k
	case int:
		return strconv.Itoa(k)
	case int64:
		return strconv.FormatInt(k, 10)
	}
	panic("graph: a key of no file type")
}

// parseWeight reads a weight, which must be finite.
func parseWeight(s string) (float32, error) {
	w, err := strconv.ParseFloat(s, 32)
	if err != nil || math.IsNaN(w) || math.IsInf(w, 0) {
		return 0, fmt.Errorf("weight %s is not a finite number: %w", show(s), quintet.ErrInput)
	}
	return float32(w), nil
}

// weightText is the shortest text that parseWeight reads as w.
func weightText(w float32) string { return strconv.FormatFloat(float64(w), 'g', -1, 32) }

// input reads a document and counts its lines. It refuses to give more than max
// bytes between two calls of next, so that no decoder above it can be made to
// hold more than that.
type input struct {
	r         *bufio.Reader
	line      int // of the last byte given
	left, max int
	fed       bool   // the last byte given ended its line
	failed    error  // of r or of the limit
	long      []byte // a line that does not fit the buffer of r
}

func newInput(r io.Reader, max int) *input {
	return &input{r: bufio.NewReaderSize(r, 1<<16), line: 1, left: max, max: max}
}

// next gives back the whole allowance.
func (in *input) next() { in.left = in.max }

func (in *input) tooLong() error {
	return fmt.Errorf("more than %d bytes in one piece: %w", in.max, quintet.ErrInput)
}

// ReadByte implements [io.ByteReader].
func (in *input) ReadByte() (byte, error) {
	if in.left--; in.left < 0 {
		in.failed = in.tooLong()
		return 0, in.failed
	}
	c, err := in.r.ReadByte()
	if err != nil {
		if err != io.EOF {
			in.failed = err
		}
		return 0, err
	}
	in.count(c)
	return c, nil
}

// count takes note of a byte that is given.
func (in *input) count(c byte) {
	if in.fed {
		in.line++
	}
	in.fed = c == '\n'
}

// Read implements [io.Reader], which decoders ask for and do not use beside
// ReadByte: it gives one byte.
func (in *input) Read(p []byte) (int, error) {
	if len(p) == 0 {
		return 0, nil
	}
	c, err := in.ReadByte()
	if err != nil {
		return 0, err
	}
	p[0] = c
	return 1, nil
}

// text returns the next line without its end, in memory that the following call
// writes over, and io.EOF after the last.
func (in *input) text() ([]byte, error) {
	line, err := in.r.ReadSlice('\n')
	if errors.Is(err, bufio.ErrBufferFull) {
		line, err = in.longText(line)
	}
	if err != nil && (err != io.EOF || len(line) == 0) {
		return nil, err
	}
	in.line++
	if len(line) > in.max {
		return nil, in.tooLong()
	}
	return withoutEnd(line), nil
}

// longText puts a line together that starts with part and does not fit the buffer.
func (in *input) longText(part []byte) (line []byte, err error) {
	in.long = append(in.long[:0], part...)
	for err = bufio.ErrBufferFull; errors.Is(err, bufio.ErrBufferFull) && len(in.long) <= in.max; {
		part, err = in.r.ReadSlice('\n')
		in.long = append(in.long, part...)
	}
	if errors.Is(err, bufio.ErrBufferFull) {
		err = nil // too long
	}
	return in.long, err
}

func withoutEnd(line []byte) []byte {
	line = bytes.TrimSuffix(line, []byte{'\n'})
	return bytes.TrimSuffix(line, []byte{'\r'})
}
