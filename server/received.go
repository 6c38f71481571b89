package server

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net/http"
	"time"
)

// received is a body that was read whole. Its bytes are used again for another request
// unless they are kept.
type received struct {
	bytes.Reader
	b    []byte
	kept bool
}

// Close implements [io.Closer].
func (*received) Close() error { return nil }

// A body gets firstPart bytes before any of it has come; a buffer of more than reused
// bytes is not used again.
const (
	firstPart = 4 << 10
	reused    = 16 << 10
)

// receive reads the body of a request. What all bodies hold is bounded by
// Options.BodyMemory, counted as it comes: who announces much and sends little holds
// little.
func (s *Server) receive(w http.ResponseWriter, r *http.Request, st *state) (io.ReadCloser, error) {
	if r.Body == nil || r.Body == http.NoBody {
		return http.NoBody, nil
	}
	limit := s.maxBody(st.route)
	if r.ContentLength > limit {
		w.Header().Set("Connection", "close") // the rest is not read
		return nil, &http.MaxBytesError{Limit: limit}
	}
	from := http.MaxBytesReader(w, r.Body, limit)
	st.body = s.bodies.Get().(*received)
	if err := s.reserve(cap(st.body.b)); err != nil {
		st.body = nil
		return nil, err
	}
	for {
		if len(st.body.b) == cap(st.body.b) {
			if err := s.grow(st.body, r.ContentLength); err != nil {
				return nil, err
			}
		}
		b := st.body.b
		n, err := from.Read(b[len(b):cap(b)])
		st.body.b = b[:len(b)+n]
		if errors.Is(err, io.EOF) {
			st.body.Reset(st.body.b)
			return st.body, nil
		}
		if err != nil {
			return nil, fmt.Errorf("body: %w", inputUnless(err))
		}
	}
}

// grow makes a body twice as large, but not larger than it was announced.
func (s *Server) grow(body *received, announced int64) error {
	size := 2 * cap(body.b)
	if announced >= int64(len(body.b)) && announced < int64(size) {
		size = int(announced) + 1
	}
	if err := s.reserve(size - cap(body.b)); err != nil {
		return err
	}
	body.b = append(make([]byte, 0, size), body.b...)
	return nil
}

// reserve counts memory of bodies.
func (s *Server) reserve(n int) error {
	if s.held.Add(int64(n)) > s.opt.BodyMemory {
		s.held.Add(int64(-n))
		return errFull
	}
	return nil
}

// forget gives back the memory of a body.
func (s *Server) forget(body *received) {
	if body == nil {
		return
	}
	s.held.Add(int64(-cap(body.b)))
	if !body.kept && cap(body.b) <= reused {
		body.b = body.b[:0]
		body.Reset(nil)
		s.bodies.Put(body)
	}
}

// bodyOf returns the bytes of a body, which are valid until the request is answered.
func bodyOf(r *http.Request) ([]byte, error) {
	if body, ok := r.Body.(*received); ok {
		return body.b, nil
	}
	b, err := io.ReadAll(r.Body)
	if err != nil {
		err = fmt.Errorf("body: %w", inputUnless(err))
	}
	return b, err
}

// keptBodyOf is bodyOf for bytes that may be used for longer than the request, such as by
// a decoder that has not seen yet that nobody waits for it.
func keptBodyOf(r *http.Request) ([]byte, error) {
	if body, ok := r.Body.(*received); ok {
		body.kept = true
	}
	return bodyOf(r)
}

// paced is a body that is read piece by piece, each of which must come in time.
type paced struct {
	io.ReadCloser
	conn    *http.ResponseController
	timeout time.Duration
}

// Read implements [io.Reader].
func (p *paced) Read(b []byte) (int, error) {
	_ = p.conn.SetReadDeadline(time.Now().Add(p.timeout)) // an error: a connection of a test, which has none
	return p.ReadCloser.Read(b)
}
