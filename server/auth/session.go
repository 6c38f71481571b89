package auth

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"net/http"
	"time"

	"github.com/quintet-ai/quintet"
)

// CSRFHeader is the header of a changing request that must have the token of the
// session. Pages of other origins cannot set it.
const CSRFHeader = "X-Csrf-Token"

// SessionsOptions configures [NewSessions].
type SessionsOptions struct {
	// Store keeps the sessions. Default: memory with 10,000 of them.
	Store SessionStore

	// TTL is how long a session lasts after the login. Default: 12 h.
	TTL time.Duration

	// Idle is how long a session lasts after the last request. Default: 30 min.
	Idle time.Duration

	// Cookie is the name of the cookie, without its prefix. Default: "quintet".
	Cookie string

	// Insecure sends the cookie over plain HTTP too, and leaves out the prefix
	// "__Host-", for development.
	Insecure bool

	// Now tells the time. Default: time.Now.
	Now func() time.Time
}

// Sessions recognises browsers by a cookie with a random ID of 256 bits, for the time
// after a login. The cookie is HttpOnly, Secure and SameSite=Strict, and its name
// begins with "__Host-", so that no other host can set it. It is safe for concurrent
// use.
type Sessions struct{ opt SessionsOptions }

var _ Authenticator = (*Sessions)(nil)

// NewSessions returns sessions. The error wraps [quintet.ErrOption].
func NewSessions(o SessionsOptions) (*Sessions, error) {
	if o.TTL < 0 || o.Idle < 0 {
		return nil, fmt.Errorf("negative time of a session: %w", quintet.ErrOption)
	}
	if o.TTL == 0 {
		o.TTL = 12 * time.Hour
	}
	if o.Idle == 0 {
		o.Idle = 30 * time.Minute
	}
	if o.Cookie == "" {
		o.Cookie = "quintet"
	}
	if !o.Insecure {
		o.Cookie = "__Host-" + o.Cookie
	}
	if o.Store == nil {
		o.Store = NewMemorySessions(0)
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	s := &Sessions{o}
	if s.cookie("x", 1).Valid() != nil {
		return nil, fmt.Errorf("name %.40q of a cookie: %w", o.Cookie, quintet.ErrOption)
	}
	return s, nil
}

// Start begins a session for p, who has just logged in, and sets its cookie. It ends
// the session that the request came with: an ID from before a login is never used
// after it.
func (s *Sessions) Start(w http.ResponseWriter, r *http.Request, p Principal) (Session, error) {
	for _, c := range r.CookiesNamed(s.opt.Cookie) {
		if err := s.opt.Store.Delete(r.Context(), keyOf(c.Value)); err != nil {
			return Session{}, err
		}
	}
	now := s.opt.Now()
	id := random256()
	p.Method = "session"
	session := Session{Principal: p, CSRF: random256(), Created: now, Seen: now, Expires: now.Add(s.opt.TTL)}
	if err := s.opt.Store.Save(r.Context(), keyOf(id), session); err != nil {
		return Session{}, err
	}
	http.SetCookie(w, s.cookie(id, int(s.opt.TTL/time.Second)))
	return session, nil
}

// End ends the session that a request came with, if there is one, and removes its
// cookie. It is for the caller to check the request by [Sessions.Authenticate] before.
func (s *Sessions) End(w http.ResponseWriter, r *http.Request) error {
	http.SetCookie(w, s.cookie("", -1))
	for _, c := range r.CookiesNamed(s.opt.Cookie) {
		if err := s.opt.Store.Delete(r.Context(), keyOf(c.Value)); err != nil {
			return err
		}
	}
	return nil
}

// EndAll ends all sessions of somebody.
func (s *Sessions) EndAll(ctx context.Context, who Principal) error {
	return s.opt.Store.DeleteOwner(ctx, who.Owner())
}

// Authenticate implements [Authenticator]. A request of another method than GET, HEAD
// and OPTIONS needs [CSRFHeader] with the token of its session.
func (s *Sessions) Authenticate(r *http.Request) (Principal, error) {
	session, err := s.Load(r)
	if err != nil {
		return Principal{}, err
	}
	switch r.Method {
	case http.MethodGet, http.MethodHead, http.MethodOptions:
	default:
		if subtle.ConstantTimeCompare([]byte(r.Header.Get(CSRFHeader)), []byte(session.CSRF)) != 1 {
			return Principal{}, denied("CSRF token is missing or wrong")
		}
	}
	return session.Principal, nil
}

// Load returns the session of a request, without a look at its CSRF token.
func (s *Sessions) Load(r *http.Request) (Session, error) {
	all := r.CookiesNamed(s.opt.Cookie)
	switch {
	case len(all) == 0:
		return Session{}, ErrNoCredentials
	case len(all) > 1:
		return Session{}, denied("%d cookies of a session", len(all))
	}
	key, now := keyOf(all[0].Value), s.opt.Now()
	session, ok, err := s.opt.Store.Load(r.Context(), key)
	if err != nil {
		return Session{}, err
	}
	if !ok {
		return Session{}, denied("unknown session")
	}
	if !now.Before(session.Expires) || now.Sub(session.Seen) >= s.opt.Idle {
		if err := s.opt.Store.Delete(r.Context(), key); err != nil {
			return Session{}, err
		}
		return Session{}, denied("session is over")
	}
	if now.Sub(session.Seen) > s.opt.Idle/16 { // not a write for every request
		session.Seen = now
		err = s.opt.Store.Touch(r.Context(), key, now)
	}
	return session, err
}

func (s *Sessions) cookie(value string, maxAge int) *http.Cookie {
	return &http.Cookie{
		Name: s.opt.Cookie, Value: value, Path: "/", MaxAge: maxAge,
		HttpOnly: true, Secure: !s.opt.Insecure, SameSite: http.SameSiteStrictMode,
	}
}

// keyOf is what a store knows of an ID, so that who reads a store has no sessions.
func keyOf(id string) string {
	h := sha256.Sum256([]byte(id))
	return hex.EncodeToString(h[:])
}

func random256() string {
	b := make([]byte, 32)
	rand.Read(b)
	return base64.RawURLEncoding.EncodeToString(b)
}
