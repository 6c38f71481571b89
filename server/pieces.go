package server

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"sync"
	"time"

	"github.com/klauspost/compress/gzhttp"
)

// pieces is an answer that is sent piece by piece, each at once. A caller who does not
// take a piece within Options.Timeout is gone.
type pieces struct {
	w       http.ResponseWriter
	flush   *http.ResponseController
	conn    *http.ResponseController
	timeout time.Duration
	cancel  context.CancelFunc // ends the work for a caller who is gone

	mu   sync.Mutex
	buf  []byte
	gone bool
	quit chan struct{}
	done sync.WaitGroup
}

// The media types of answers in pieces.
const (
	linesType  = "application/x-ndjson"
	eventsType = "text/event-stream"
)

// answerPieces begins an answer of a media type. The request that it returns has a
// context that ends when the caller is gone. The answer must be ended.
func (s *Server) answerPieces(w http.ResponseWriter, r *http.Request, media string) (*http.Request, *pieces) {
	ctx, cancel := context.WithCancel(r.Context())
	p := &pieces{
		w: w, flush: http.NewResponseController(w), conn: stateOf(r).conn, timeout: s.opt.Timeout,
		cancel: cancel, quit: make(chan struct{}),
	}
	h := w.Header()
	h.Set("Content-Type", media)
	h.Set("X-Accel-Buffering", "no") // nginx passes on each piece
	h.Set(gzhttp.HeaderNoCompression, "1")
	_ = p.conn.EnableFullDuplex() // HTTP/2 is so anyway
	if media == eventsType {
		_ = p.write(":\n\n") // the caller sees that it is served
		p.done.Go(func() { p.keepAlive(s.opt.KeepAlive) })
	}
	return r.WithContext(ctx), p
}

// keepAlive sends comments until the end.
func (p *pieces) keepAlive(every time.Duration) {
	ticker := time.NewTicker(every)
	defer ticker.Stop()
	for {
		select {
		case <-p.quit:
			return
		case <-ticker.C:
			if p.write(":\n\n") != nil {
				return
			}
		}
	}
}

// line sends a value as a line of JSON, event as a server-sent event of a name.
func (p *pieces) line(v any) error { return p.send("", v, "\n") }

func (p *pieces) event(name string, v any) error {
	return p.send("event: "+name+"\ndata: ", v, "\n\n")
}

// data sends an event without a name.
func (p *pieces) data(v any) error { return p.send("data: ", v, "\n\n") }

func (p *pieces) send(before string, v any, after string) error {
	b, err := json.Marshal(v)
	if err != nil {
		return fmt.Errorf("the result has no JSON form: %w", err)
	}
	return p.write(before, string(b), after)
}

// write sends a piece, or says that nobody takes it.
func (p *pieces) write(parts ...string) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.gone {
		return errGone
	}
	p.buf = p.buf[:0]
	for _, part := range parts {
		p.buf = append(p.buf, part...)
	}
	_ = p.conn.SetWriteDeadline(time.Now().Add(p.timeout)) // an error: a connection of a test, which has none
	_, err := p.w.Write(p.buf)
	if err == nil {
		err = p.flushed()
	}
	if err == nil {
		return nil
	}
	p.gone = true
	p.cancel()
	_ = p.conn.SetReadDeadline(time.Now()) // nobody waits for more of the body
	return errGone
}

// flushed flushes what is on its way to the connection, which says whether it could.
func (p *pieces) flushed() error {
	_ = p.flush.Flush()
	err := p.conn.Flush()
	if errors.Is(err, http.ErrNotSupported) {
		return nil
	}
	return err
}

var errGone = fmt.Errorf("the caller went away: %w", context.Canceled)

// end ends the answer.
func (p *pieces) end() {
	close(p.quit)
	p.done.Wait()
	p.cancel()
	if !p.gone {
		_ = p.conn.SetWriteDeadline(time.Time{}) // the next request has its own
	}
}

// problemOf is an error in the middle of an answer.
func problemOf(err error) *Problem {
	c := codeOf(err)
	return &Problem{"about:blank", c.Title, c.Status, c.detail(err), c.Code, ""}
}
