package server

import (
	"context"
	"crypto/rand"
	"fmt"
	"log/slog"
	"net/http"
	"net/netip"
	"runtime/debug"
	"strings"
	"sync/atomic"
	"time"

	"github.com/quintet-ai/quintet"
	"github.com/quintet-ai/quintet/server/auth"
)

// state is what is known of a request, for the log.
type state struct {
	id        string
	remote    netip.Addr
	route     route
	principal auth.Principal
	about     string // the person that the path names
	err       error

	conn   *http.ResponseController     // of the connection, for its deadlines
	base   context.Context              // without the bound of time of the work
	cancel context.CancelFunc           // ends the work; nil before it
	slot   atomic.Pointer[atomic.Int64] // that the request holds; nil for none
	began  bool                         // the answer
	body   *received                    // nil if there is none
}

type stateKey struct{}

// stateOf returns the state of a request that came through observe.
func stateOf(r *http.Request) *state { return r.Context().Value(stateKey{}).(*state) }

// recorder is a response whose status and length are noted. With its first byte the work
// is done, and who is slow to take the rest holds no slot.
type recorder struct {
	http.ResponseWriter
	st     *state
	status int
	bytes  int64
}

// WriteHeader implements [http.ResponseWriter].
func (a *recorder) WriteHeader(status int) {
	if a.status == 0 {
		a.begin(status)
	}
	a.ResponseWriter.WriteHeader(status)
}

func (a *recorder) begin(status int) {
	a.status, a.st.began = status, true
	a.st.release()
}

// Write implements [http.ResponseWriter].
func (a *recorder) Write(b []byte) (int, error) {
	if a.status == 0 {
		a.begin(http.StatusOK)
	}
	n, err := a.ResponseWriter.Write(b)
	a.bytes += int64(n)
	return n, err
}

// Flush implements [http.Flusher].
func (a *recorder) Flush() { _ = a.st.conn.Flush() } // a connection that cannot is a test's

// Unwrap lets [http.ResponseController] find the connection.
func (a *recorder) Unwrap() http.ResponseWriter { return a.ResponseWriter }

// observe is the outermost: it names the request, catches panics, and says at the end
// what happened.
func (s *Server) observe(inner http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		start := time.Now()
		st := &state{id: requestID(r), remote: s.remote(r), route: route{method: r.Method, pattern: "none"}, conn: http.NewResponseController(w)}
		a := &recorder{ResponseWriter: w, st: st}
		w.Header().Set("X-Request-Id", st.id)
		r = r.WithContext(context.WithValue(r.Context(), stateKey{}, st))
		defer func() {
			if v := recover(); v != nil {
				if v == http.ErrAbortHandler { //nolint:errorlint // net/http compares it so
					panic(v)
				}
				st.err = fmt.Errorf("panic: %v\n%s", v, debug.Stack())
				if a.status == 0 {
					fail(a, r, st.err)
				}
			}
			s.note(r, st, a, time.Since(start))
		}()
		if r.Body != nil && r.Body != http.NoBody { // also one that nobody will read: the connection waits for it
			// An error of the deadline means that the connection has none, as in tests.
			_ = st.conn.SetReadDeadline(start.Add(s.opt.Timeout))
		}
		inner.ServeHTTP(a, r)
	})
}

// note tells the log, the observer and the auditor of a request.
func (s *Server) note(r *http.Request, st *state, a *recorder, took time.Duration) {
	level := slog.LevelInfo
	attrs := []slog.Attr{
		slog.String("id", st.id), slog.String("method", r.Method), slog.String("route", st.route.pattern),
		slog.Int("status", a.status), slog.Int64("bytes", a.bytes), slog.Float64("ms", ms(took)),
		slog.String("remote", st.remote.String()), slog.String("subject", st.principal.Subject),
	}
	if st.err != nil {
		attrs = append(attrs, slog.String("error", st.err.Error()))
		if a.status >= 500 && codeOf(st.err).Code == internal.Code {
			level = slog.LevelError
		}
	}
	s.opt.Logger.LogAttrs(r.Context(), level, "request", attrs...)
	s.opt.Observer.Observe(quintet.Event{Pipeline: "http", Op: st.route.name(), Items: 1, Took: took, Batch: 1, Err: st.err})
	touched := st.route.about || r.Method != http.MethodGet && r.Method != http.MethodHead
	refused := a.status == http.StatusUnauthorized || a.status == http.StatusForbidden
	if s.opt.Audit != nil && (refused || touched) {
		e := AuditEvent{
			At: time.Now(), Principal: st.principal, Permission: st.route.permission, Route: st.route.name(),
			Path: r.URL.Path, Remote: st.remote.String(), RequestID: st.id, Status: a.status,
		}
		if st.route.about {
			e.Path, e.About = st.route.pattern, st.about
		}
		s.opt.Audit.Audit(e)
	}
}

// requestID takes the caller's ID if it is harmless, else it makes one.
func requestID(r *http.Request) string {
	id := r.Header.Get("X-Request-Id")
	if id == "" || len(id) > 64 || strings.ContainsFunc(id, func(c rune) bool {
		return !(c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c == '-' || c == '_' || c == '.')
	}) {
		return rand.Text()
	}
	return id
}

// remote returns the address of the caller: the last in X-Forwarded-For that is none of
// our proxies, if a proxy of ours sends it, else that of the connection.
func (s *Server) remote(r *http.Request) netip.Addr {
	ap, err := netip.ParseAddrPort(r.RemoteAddr)
	if err != nil {
		return netip.Addr{}
	}
	addr := ap.Addr().Unmap()
	hops := strings.Split(strings.Join(r.Header.Values("X-Forwarded-For"), ","), ",")
	for i := len(hops) - 1; i >= 0 && contains(s.opt.Proxies, addr); i-- {
		hop, err := netip.ParseAddr(strings.TrimSpace(hops[i]))
		if err != nil {
			break
		}
		addr = hop.Unmap().WithZone("")
	}
	return addr
}

func contains(all []netip.Prefix, addr netip.Addr) bool {
	for _, p := range all {
		if p.Contains(addr) {
			return true
		}
	}
	return false
}

// protect sets headers for browsers, and turns away addresses that may not call and
// changes that a browser sends for a page of another origin.
func (s *Server) protect(inner http.Handler, cross *http.CrossOriginProtection) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("X-Frame-Options", "DENY")
		h.Set("Referrer-Policy", "no-referrer")
		h.Set("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'")
		h.Set("Cache-Control", "no-store")
		if r.TLS != nil {
			h.Set("Strict-Transport-Security", "max-age=31536000")
		}
		if st := stateOf(r); len(s.opt.Allow) > 0 && !contains(s.opt.Allow, st.remote) {
			fail(w, r, s.failed(r, st, fmt.Errorf("this address may not call: %w", errForbidden)))
			return
		}
		if err := cross.Check(r); err != nil {
			fail(w, r, s.failed(r, stateOf(r), fmt.Errorf("%w: %w", err, errForbidden)))
			return
		}
		inner.ServeHTTP(w, r)
	})
}
