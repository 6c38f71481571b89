package auth

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"net/netip"
	"time"

	"github.com/quintet-ai/quintet"
)

// LoginOptions configures [NewLogin].
type LoginOptions struct {
	// Users log in. It is needed.
	Users *Users

	// Sessions are what they get. It is needed.
	Sessions *Sessions

	// Remote returns where a request comes from, for the bound on failed logins.
	// Behind a proxy it must look at the headers of that proxy, or all callers are
	// one. Default: the address of the connection.
	Remote func(*http.Request) netip.Addr
}

// Login answers the requests of a login page:
//
//	POST    {"name": …, "password": …, "code": …}   begins a session
//	GET                                             says whose session it is
//	DELETE                                          ends it
//
// The body of POST is a [LoginRequest]; POST and GET answer with [LoginState]. All errors
// are problems of RFC 9457 with the codes of package server: 401 for whatever is wrong
// with a login, 403 for a login that another site sends, 429 with Retry-After after too
// many. It is safe for concurrent use.
type Login struct {
	opt   LoginOptions
	cross *http.CrossOriginProtection
}

// LoginRequest is what somebody logs in with.
type LoginRequest struct {
	Name     string `json:"name"`           // of the user
	Password string `json:"password"`       // in plain text
	Code     string `json:"code,omitempty"` // of the user's app; empty without one
}

// LoginState is what a page knows of its session.
type LoginState struct {
	Subject string    `json:"subject"` // who logged in
	Tenant  string    `json:"tenant"`  // of the subject
	Roles   []string  `json:"roles"`   // of the subject, to hide what it may not do
	CSRF    string    `json:"csrf"`    // to be sent in CSRFHeader
	Expires time.Time `json:"expires"` // the end of the session at the latest
}

// NewLogin returns a handler for logins. The error wraps [quintet.ErrOption].
func NewLogin(o LoginOptions) (*Login, error) {
	if o.Users == nil || o.Sessions == nil {
		return nil, fmt.Errorf("login without users or sessions: %w", quintet.ErrOption)
	}
	if o.Remote == nil {
		o.Remote = func(r *http.Request) netip.Addr {
			ap, _ := netip.ParseAddrPort(r.RemoteAddr)
			return ap.Addr()
		}
	}
	return &Login{o, http.NewCrossOriginProtection()}, nil
}

// ServeHTTP implements [http.Handler].
func (l *Login) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Cache-Control", "no-store")
	w.Header().Set("X-Content-Type-Options", "nosniff")
	switch r.Method {
	case http.MethodPost:
		l.begin(w, r)
	case http.MethodGet, http.MethodHead:
		s, err := l.opt.Sessions.Load(r)
		l.answer(w, s, err)
	case http.MethodDelete:
		_, err := l.opt.Sessions.Authenticate(r)
		if err == nil {
			err = l.opt.Sessions.End(w, r)
		}
		if err != nil {
			l.answer(w, Session{}, err)
			return
		}
		w.WriteHeader(http.StatusNoContent)
	default:
		w.Header().Set("Allow", "GET, HEAD, POST, DELETE")
		refuse(w, http.StatusMethodNotAllowed, "method_not_allowed", "the route has other methods")
	}
}

func (l *Login) begin(w http.ResponseWriter, r *http.Request) {
	if err := l.cross.Check(r); err != nil {
		refuse(w, http.StatusForbidden, "forbidden", "another site sends this")
		return
	}
	var body LoginRequest
	// A form of another site cannot have this type.
	if kind, _, err := mime.ParseMediaType(r.Header.Get("Content-Type")); err != nil || kind != "application/json" {
		refuse(w, http.StatusUnsupportedMediaType, "media_type", "the body must be application/json")
		return
	}
	d := json.NewDecoder(http.MaxBytesReader(w, r.Body, 8<<10))
	d.DisallowUnknownFields()
	if d.Decode(&body) != nil || d.Decode(&struct{}{}) != io.EOF { //nolint:errorlint // Decode returns it as it is
		refuse(w, http.StatusBadRequest, "input", "the body makes no sense")
		return
	}
	p, err := l.opt.Users.Login(r.Context(), Attempt{body.Name, body.Password, body.Code, l.opt.Remote(r)})
	var s Session
	if err == nil {
		s, err = l.opt.Sessions.Start(w, r, p)
	}
	l.answer(w, s, err)
}

// answer tells of a session, or as little as possible of an error.
func (l *Login) answer(w http.ResponseWriter, s Session, err error) {
	switch {
	case err == nil:
		w.Header().Set("Content-Type", "application/json")
		p := s.Principal
		_ = json.NewEncoder(w).Encode(LoginState{p.Subject, p.Tenant, append([]string{}, p.Roles...), s.CSRF, s.Expires})
	case errors.Is(err, ErrLocked):
		window := l.opt.Users.attempts.opt.Window
		w.Header().Set("Retry-After", fmt.Sprint(int64((window+time.Second-1)/time.Second)))
		refuse(w, http.StatusTooManyRequests, "rate_limited", "too many failed logins")
	case errors.Is(err, quintet.ErrBusy):
		w.Header().Set("Retry-After", "1")
		refuse(w, http.StatusTooManyRequests, "busy", "too many logins at once")
	case errors.Is(err, ErrDenied), errors.Is(err, ErrNoCredentials):
		refuse(w, http.StatusUnauthorized, "unauthenticated", "not logged in")
	default:
		refuse(w, http.StatusInternalServerError, "internal", "something went wrong inside")
	}
}

// problem is the body of an error, as that of server.Problem.
type problem struct {
	Type   string `json:"type"`
	Title  string `json:"title"`
	Status int    `json:"status"`
	Code   string `json:"code"`
}

func refuse(w http.ResponseWriter, status int, code, why string) {
	w.Header().Set("Content-Type", "application/problem+json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(problem{"about:blank", why, status, code})
}
