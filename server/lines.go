package server

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"iter"
	"mime"
	"net/http"
	"strconv"
	"sync"

	"github.com/quintet-ai/quintet"
	"github.com/quintet-ai/quintet/server/auth"
)

// ofLines reports whether a body is JSON in lines.
func ofLines(r *http.Request) bool {
	kind, _, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	return err == nil && kind == linesType
}

// batchOfLines answers a batch whose items are the lines of the body, and whose other
// fields are parameters of the URL. Items are read as they are worked on, so that there
// may be any number of them.
func (s *Server) batchOfLines(w http.ResponseWriter, r *http.Request) error {
	v := r.URL.Query()
	q := BatchRequest{Type: v.Get("operation_type"), Operations: list(v.Get("operations"))}
	if size := v.Get("batch_size"); size != "" {
		n, err := strconv.Atoi(size)
		if err != nil {
			return fmt.Errorf("batch_size is %.20q: %w", size, quintet.ErrInput)
		}
		q.BatchSize = n
	}
	p, _ := auth.FromContext(r.Context())
	if err := s.checkItems(q, p); err != nil {
		return err
	}
	r, out := s.answerPieces(w, r, linesType)
	defer out.end()
	in := &lineReader{s: s, r: bufio.NewReaderSize(r.Body, firstPart), max: s.maxLine(q.Type), who: p}
	n, err := 0, error(nil)
	for one := range s.results(r.Context(), q, in.all(r.Context())) {
		in.answered()
		n++
		if err = out.line(one); err != nil {
			break
		}
	}
	failed := in.end()
	if err == nil && failed != nil {
		err = errors.Join(failed, out.line(BatchResult{Index: n, Error: problemOf(failed)}))
	}
	return errors.Join(err, r.Context().Err())
}

// maxLine bounds an item of a batch of lines as the route of its type bounds a body.
func (s *Server) maxLine(kind string) int {
	if s.opt.MaxBody > 0 {
		return int(s.opt.MaxBody)
	}
	if kind == "text" {
		return 1 << 20
	}
	return largeBody
}

// lineReader yields the lines of a body, each when the caller may do one thing more.
type lineReader struct {
	s   *Server
	r   *bufio.Reader
	max int
	who auth.Principal

	err error // why they ended

	mu    sync.Mutex
	sizes []int // of the lines that have no answer yet
}

// all yields the lines until the end or an error. Empty ones are none.
func (l *lineReader) all(ctx context.Context) iter.Seq[json.RawMessage] {
	return func(yield func(json.RawMessage) bool) {
		for {
			line, err := l.line(ctx)
			if len(line) > 0 && !yield(line) {
				return
			}
			if err != nil {
				l.err = err
				return
			}
		}
	}
}

func (l *lineReader) line(ctx context.Context) ([]byte, error) {
	line, err := readLine(l.r, l.max)
	if err != nil && !errors.Is(err, io.EOF) {
		return nil, fmt.Errorf("body: %w", inputUnless(err))
	}
	if line = bytes.TrimSpace(line); len(line) == 0 {
		return nil, err
	}
	if wait := l.s.limit.wait(ctx, l.who); wait != nil {
		return nil, wait
	}
	if full := l.s.reserve(len(line)); full != nil {
		return nil, full
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.sizes = append(l.sizes, len(line))
	return line, err
}

// readLine reads up to the end of a line, which the last one may lack. The caller owns it.
func readLine(r *bufio.Reader, most int) (line []byte, err error) {
	for {
		part, err := r.ReadSlice('\n')
		if len(line)+len(part) > most+1 {
			return nil, fmt.Errorf("a line has more than %d bytes: %w", most, errTooLarge)
		}
		line = append(line, part...)
		if !errors.Is(err, bufio.ErrBufferFull) {
			return line, err
		}
	}
}

// answered says that the oldest line without an answer has one.
func (l *lineReader) answered() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.s.held.Add(int64(-l.sizes[0]))
	l.sizes = l.sizes[1:]
}

// end gives back what is left, and says why the lines ended if that is not their end.
func (l *lineReader) end() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, n := range l.sizes {
		l.s.held.Add(int64(-n))
	}
	l.sizes = nil
	if errors.Is(l.err, io.EOF) {
		return nil
	}
	return l.err
}
