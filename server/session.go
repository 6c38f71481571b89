package server

import (
	_ "embed"
	"errors"
	"net/http"
	"strings"

	"github.com/quintet-ai/quintet/server/auth"
	"github.com/quintet-ai/quintet/server/internal/webpage"
)

//go:embed login.html
var loginMarkup string

//go:embed login.js
var loginScript string

// sessionRoutes are those by which people log in. Everybody may ask them: what they do
// is bounded by auth.LockOptions, by the rate of an address and by InFlight.
func (s *Server) sessionRoutes() ([]route, error) {
	if s.opt.Login == nil {
		return nil, nil
	}
	o := *s.opt.Login
	if o.Remote == nil {
		o.Remote = s.remote
	}
	login, err := auth.NewLogin(o)
	if err != nil {
		return nil, err
	}
	one := func(method, summary string) route {
		return route{
			method: method, pattern: "/api/v1/session", tag: "service", summary: summary, maxBody: 8 << 10,
			response: auth.LoginState{}, serve: passTo(login),
		}
	}
	begin, end := one(http.MethodPost, "Log in"), one(http.MethodDelete, "Log out")
	begin.request = auth.LoginRequest{}
	end.response, end.empty = nil, true
	return []route{begin, one(http.MethodGet, "Whose session it is"), end, {
		method: http.MethodGet, pattern: "/login", tag: "service", summary: "Page to log in", quick: true,
		serve: passTo(webpage.New(loginMarkup, explorerStyle, loginScript)),
	}}, nil
}

// withToken tells a page the token of its session, which changes need. Pages of other
// origins cannot read it.
func (s *Server) withToken(inner http.Handler) http.Handler {
	if s.opt.Login == nil {
		return inner
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if session, err := s.opt.Login.Sessions.Load(r); err == nil {
			w.Header().Set(auth.CSRFHeader, session.CSRF)
		}
		inner.ServeHTTP(w, r)
	})
}

// wantsLogin reports whether somebody who is not known looks at a page in a browser.
func (s *Server) wantsLogin(r *http.Request, rt route, err error) bool {
	unknown := errors.Is(err, auth.ErrNoCredentials) || errors.Is(err, auth.ErrDenied)
	return s.opt.Login != nil && rt.page && unknown && strings.Contains(r.Header.Get("Accept"), "text/html")
}

// toLogin sends a browser to the page to log in. The address is relative, for the server
// does not know under which prefix it is.
func toLogin(w http.ResponseWriter, r *http.Request) {
	up := strings.Repeat("../", strings.Count(r.URL.Path, "/")-1)
	w.Header().Set("Location", up+"login")
	w.WriteHeader(http.StatusSeeOther)
}
