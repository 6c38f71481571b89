package server

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/quintet-ai/quintet"
	"github.com/quintet-ai/quintet/server/auth"
	"github.com/quintet-ai/quintet/server/jobs"
)

// Code is what a client can act on when a request fails.
type Code struct {
	Code   string `json:"code"`   // stands in every error
	Status int    `json:"status"` // of the answer
	Title  string `json:"title"`  // what it means
	cause  error
}

// statusClientGone is not sent: nobody is there to read it.
const statusClientGone = 499

// table is the only place where a cause becomes a code and a status. The first that
// fits counts.
var table = []Code{
	{"canceled", statusClientGone, "the caller went away", context.Canceled},
	{"deadline", http.StatusGatewayTimeout, "the work took longer than it may", context.DeadlineExceeded},
	{"unauthenticated", http.StatusUnauthorized, "credentials are missing", auth.ErrNoCredentials},
	{"unauthenticated", http.StatusUnauthorized, "credentials are not valid", auth.ErrDenied},
	{"forbidden", http.StatusForbidden, "the caller may not do this", errForbidden},
	{"not_found", http.StatusNotFound, "no such thing, or not the caller's", errNotFound},
	{"not_found", http.StatusNotFound, "no such thing, or not the caller's", jobs.ErrNotFound},
	{"method_not_allowed", http.StatusMethodNotAllowed, "the route has other methods", errMethod},
	{"too_large", http.StatusRequestEntityTooLarge, "the body is longer than it may be", errTooLarge},
	{"media_type", http.StatusUnsupportedMediaType, "the body is of another type", errMediaType},
	{"rate_limited", http.StatusTooManyRequests, "the caller sends more than it may", errRate},
	{"overloaded", http.StatusServiceUnavailable, "the server has enough to do", errOverloaded},
	{"unsupported", http.StatusUnprocessableEntity, "not supported here", quintet.ErrUnsupported},
	{"busy", http.StatusTooManyRequests, "too many calls in flight", quintet.ErrBusy},
	{"closed", http.StatusServiceUnavailable, "the server is shutting down", quintet.ErrClosed},
	{"option", http.StatusBadRequest, "a parameter makes no sense", quintet.ErrOption},
	{"input", http.StatusBadRequest, "the input makes no sense", quintet.ErrInput},
	{"model", http.StatusInternalServerError, "a model cannot be used", quintet.ErrModel},
}

var internal = Code{"internal", http.StatusInternalServerError, "something went wrong inside", nil}

// Codes returns the codes that errors have, each once.
func Codes() []Code {
	var out []Code
	seen := map[string]bool{}
	for _, c := range append(table[1:len(table):len(table)], internal) {
		if !seen[c.Code] {
			seen[c.Code] = true
			out = append(out, c)
		}
	}
	return out
}

var (
	errForbidden  = errors.New("not allowed")
	errNotFound   = errors.New("no such thing")
	errMethod     = errors.New("method not allowed")
	errTooLarge   = errors.New("body too large")
	errMediaType  = errors.New("media type")
	errRate       = errors.New("too many requests")
	errOverloaded = errors.New("too many requests in flight")
)

func codeOf(err error) Code {
	var tooLarge *http.MaxBytesError
	if errors.As(err, &tooLarge) {
		err = errTooLarge
	}
	for _, c := range table {
		if errors.Is(err, c.cause) {
			return c
		}
	}
	return internal
}

// detail is what the caller may know of an error: all of it if it is about the
// request, no more than the title if it is about the server.
func (c Code) detail(err error) string {
	if c.Status >= 500 || c.Status == http.StatusUnauthorized {
		return c.Title
	}
	return err.Error()
}

// Problem is the body of an error under /api, as RFC 9457 has it.
type Problem struct {
	Type      string `json:"type"`                 // always "about:blank"
	Title     string `json:"title"`                // of the code
	Status    int    `json:"status"`               // of the answer
	Detail    string `json:"detail,omitempty"`     // about this request
	Code      string `json:"code"`                 // one of [Codes]
	RequestID string `json:"request_id,omitempty"` // as in the server's log
}

// openAIError is the body of an error under /v1.
type openAIError struct {
	Error openAIErrorBody `json:"error"`
}

type openAIErrorBody struct {
	Message string  `json:"message"`
	Type    string  `json:"type"`
	Param   *string `json:"param"`
	Code    string  `json:"code"`
}

func openAIErrorOf(err error) openAIError {
	c, kind := codeOf(err), "invalid_request_error"
	if c.Status >= 500 {
		kind = "server_error"
	}
	return openAIError{openAIErrorBody{c.detail(err), kind, nil, c.Code}}
}

// kserveError is the body of an error under /v2.
type kserveError struct {
	Error string `json:"error"`
}

// fail answers with an error in the dialect of the path.
func fail(w http.ResponseWriter, r *http.Request, err error) {
	c := codeOf(err)
	h := w.Header()
	switch c.Status {
	case http.StatusUnauthorized:
		h.Set("WWW-Authenticate", `Bearer realm="quintet"`)
	case http.StatusTooManyRequests, http.StatusServiceUnavailable:
		if h.Get("Retry-After") == "" {
			h.Set("Retry-After", "1")
		}
	}
	h.Del("Content-Encoding")
	switch path := r.URL.Path; {
	case strings.HasPrefix(path, "/v1/"):
		send(w, c.Status, openAIErrorOf(err))
	case path == "/v2" || strings.HasPrefix(path, "/v2/"):
		send(w, c.Status, kserveError{c.detail(err)})
	default:
		h.Set("Content-Type", "application/problem+json")
		send(w, c.Status, Problem{"about:blank", c.Title, c.Status, c.detail(err), c.Code, h.Get("X-Request-Id")})
	}
}

// send answers with JSON.
func send(w http.ResponseWriter, status int, body any) {
	b, err := json.Marshal(body)
	if err != nil { // NaN or infinity in a result
		b, status = []byte(`{"code":"internal","status":500,"title":"the result has no JSON form","type":"about:blank"}`), 500
	}
	sendBytes(w, status, append(b, '\n'))
}

// sendBytes answers with what is JSON already.
func sendBytes(w http.ResponseWriter, status int, b []byte) {
	if w.Header().Get("Content-Type") == "" {
		w.Header().Set("Content-Type", "application/json")
	}
	w.Header().Set("Content-Length", strconv.Itoa(len(b))) // else a long one goes out in chunks
	w.WriteHeader(status)
	_, _ = w.Write(b)
}

// ms is a duration for a client.
func ms(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }
