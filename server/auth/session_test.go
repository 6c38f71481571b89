package auth_test

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/quintet-ai/quintet"
	"github.com/quintet-ai/quintet/server/auth"
)

func sessions(t *testing.T, o auth.SessionsOptions) *auth.Sessions {
	t.Helper()
	s, err := auth.NewSessions(o)
	require.NoError(t, err)
	return s
}

// start logs ann in and returns her cookie and session.
func start(t *testing.T, s *auth.Sessions, before ...*http.Cookie) (*http.Cookie, auth.Session) {
	t.Helper()
	w := httptest.NewRecorder()
	session, err := s.Start(w, carrying(http.MethodPost, before...), ann)
	require.NoError(t, err)
	require.Len(t, w.Result().Cookies(), 1)
	return w.Result().Cookies()[0], session
}

func carrying(method string, cookies ...*http.Cookie) *http.Request {
	r := httptest.NewRequest(method, "/", nil)
	for _, c := range cookies {
		r.AddCookie(c)
	}
	return r
}

func TestSessionCookieIsGuarded(t *testing.T) {
	s := sessions(t, auth.SessionsOptions{})
	c, session := start(t, s)
	require.Equal(t, "__Host-quintet", c.Name)
	require.True(t, c.HttpOnly && c.Secure && c.SameSite == http.SameSiteStrictMode && c.Path == "/" && c.Domain == "")
	require.Len(t, c.Value, 43, "256 bits")
	require.Len(t, session.CSRF, 43)
	p, err := s.Authenticate(carrying(http.MethodGet, c))
	require.NoError(t, err)
	want := ann
	want.Method = "session"
	require.Equal(t, want, p)
	_, err = s.Authenticate(carrying(http.MethodGet))
	require.ErrorIs(t, err, auth.ErrNoCredentials)
	for _, value := range []string{"", "x", c.Value[:42], c.Value + "A", strings.Repeat("A", 43)} {
		_, err = s.Authenticate(carrying(http.MethodGet, &http.Cookie{Name: c.Name, Value: value}))
		require.ErrorIs(t, err, auth.ErrDenied, value)
	}
	_, err = s.Authenticate(carrying(http.MethodGet, c, &http.Cookie{Name: c.Name, Value: "planted"}))
	require.ErrorIs(t, err, auth.ErrDenied, "two cookies")
}

func TestChangingRequestNeedsItsToken(t *testing.T) {
	s := sessions(t, auth.SessionsOptions{})
	c, session := start(t, s)
	_, other := start(t, s)
	for token, want := range map[string]bool{"": false, "x": false, other.CSRF: false, c.Value: false, session.CSRF: true} {
		for _, method := range []string{http.MethodPost, http.MethodPut, http.MethodDelete, http.MethodPatch, "TRACE", "X"} {
			r := carrying(method, c)
			r.Header.Set(auth.CSRFHeader, token)
			_, err := s.Authenticate(r)
			require.Equal(t, want, err == nil, "%s %q", method, token)
		}
	}
}

func TestLoginChangesTheSession(t *testing.T) {
	s := sessions(t, auth.SessionsOptions{})
	planted := &http.Cookie{Name: "__Host-quintet", Value: strings.Repeat("A", 43)}
	first, _ := start(t, s, planted)
	require.NotEqual(t, planted.Value, first.Value, "fixation")
	_, err := s.Authenticate(carrying(http.MethodGet, planted))
	require.ErrorIs(t, err, auth.ErrDenied)
	second, _ := start(t, s, first)
	require.NotEqual(t, first.Value, second.Value)
	_, err = s.Authenticate(carrying(http.MethodGet, first))
	require.ErrorIs(t, err, auth.ErrDenied, "the one before the login is over")
	w := httptest.NewRecorder()
	require.NoError(t, s.End(w, carrying(http.MethodPost, second)))
	require.Negative(t, w.Result().Cookies()[0].MaxAge)
	_, err = s.Authenticate(carrying(http.MethodGet, second))
	require.ErrorIs(t, err, auth.ErrDenied, "logged out")
}

func TestSessionEnds(t *testing.T) {
	now := noon
	store := auth.NewMemorySessions(2)
	s := sessions(t, auth.SessionsOptions{Store: store, TTL: time.Hour, Idle: 10 * time.Minute, Now: func() time.Time { return now }})
	alive := func(c *http.Cookie) bool {
		_, err := s.Authenticate(carrying(http.MethodGet, c))
		if err != nil {
			require.ErrorIs(t, err, auth.ErrDenied)
		}
		return err == nil
	}
	c, _ := start(t, s)
	for range 6 {
		now = now.Add(9 * time.Minute)
		require.True(t, alive(c), "used every nine minutes")
	}
	now = noon.Add(time.Hour)
	require.False(t, alive(c), "after an hour in any case")
	idle, _ := start(t, s)
	now = now.Add(10 * time.Minute)
	require.False(t, alive(idle), "not used")

	a, _ := start(t, s)
	b, _ := start(t, s)
	require.True(t, alive(a))
	d, _ := start(t, s)
	require.True(t, alive(a) && !alive(b) && alive(d), "the one that was not seen for longest ends")
	require.NoError(t, store.DeleteOwner(t.Context(), auth.Principal{Subject: "ann"}.Owner()))
	require.True(t, alive(a), "another tenant")
	require.NoError(t, store.DeleteOwner(t.Context(), ann.Owner()))
	require.False(t, alive(a) || alive(d))
	require.NoError(t, store.Touch(t.Context(), "gone", now))
	_, ok, err := store.Load(t.Context(), "gone")
	require.NoError(t, err)
	require.False(t, ok, "a touch brings nothing back")
	for _, o := range []auth.SessionsOptions{{TTL: -1}, {Idle: -1}, {Cookie: "a b"}, {Cookie: "a;b"}} {
		_, err := auth.NewSessions(o)
		require.ErrorIs(t, err, quintet.ErrOption)
	}
}

// page is a browser at a server with a login.
func page(t *testing.T) (client *http.Client, url string) {
	t.Helper()
	u, _ := people(t, auth.UsersOptions{})
	l, err := auth.NewLogin(auth.LoginOptions{Users: u, Sessions: sessions(t, auth.SessionsOptions{})})
	require.NoError(t, err)
	srv := httptest.NewTLSServer(l)
	t.Cleanup(srv.Close)
	client = srv.Client()
	client.Jar, err = cookiejar.New(nil)
	require.NoError(t, err)
	return client, srv.URL
}

func send(t *testing.T, c *http.Client, method, url, body string, header ...string) (int, auth.LoginState, http.Header) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), method, url, strings.NewReader(body))
	require.NoError(t, err)
	r.Header.Set("Content-Type", "application/json")
	for i := 0; i < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	resp, err := c.Do(r)
	require.NoError(t, err)
	defer resp.Body.Close()
	b, err := io.ReadAll(resp.Body)
	require.NoError(t, err)
	var state auth.LoginState
	if len(b) > 0 {
		require.NoError(t, json.Unmarshal(b, &state), "%s", b)
	}
	return resp.StatusCode, state, resp.Header
}

const annsLogin = `{"name":"ann","password":"password of ann"}`

func TestPageLogsInAndOut(t *testing.T) {
	c, url := page(t)
	status, _, _ := send(t, c, http.MethodGet, url, "")
	require.Equal(t, http.StatusUnauthorized, status)
	status, in, h := send(t, c, http.MethodPost, url, annsLogin, "Sec-Fetch-Site", "same-origin")
	require.Equal(t, http.StatusOK, status)
	require.Equal(t, "ann", in.Subject)
	require.Equal(t, []string{"user"}, in.Roles)
	require.Equal(t, "no-store", h.Get("Cache-Control"))
	status, again, _ := send(t, c, http.MethodGet, url, "")
	require.Equal(t, http.StatusOK, status)
	require.Equal(t, in.CSRF, again.CSRF)
	status, _, _ = send(t, c, http.MethodDelete, url, "")
	require.Equal(t, http.StatusUnauthorized, status, "logging out needs the token")
	status, _, _ = send(t, c, http.MethodDelete, url, "", auth.CSRFHeader, in.CSRF)
	require.Equal(t, http.StatusNoContent, status)
	status, _, _ = send(t, c, http.MethodGet, url, "")
	require.Equal(t, http.StatusUnauthorized, status)
}

func TestBadLoginsAreRefused(t *testing.T) {
	c, url := page(t)
	for name, l := range map[string]struct {
		method, body string
		header       []string
		want         int
	}{
		"wrong password":     {"POST", `{"name":"ann","password":"x"}`, nil, 401},
		"unknown":            {"POST", `{"name":"zoe","password":"x"}`, nil, 401},
		"another site":       {"POST", annsLogin, []string{"Sec-Fetch-Site", "cross-site"}, 403},
		"another origin":     {"POST", annsLogin, []string{"Origin", "https://evil.example"}, 403},
		"a form":             {"POST", "name=ann", []string{"Content-Type", "application/x-www-form-urlencoded"}, 415},
		"JSON as plain text": {"POST", annsLogin, []string{"Content-Type", "text/plain"}, 415},
		"a field too many":   {"POST", `{"name":"ann","password":"password of ann","roles":["admin"]}`, nil, 400},
		"two bodies":         {"POST", annsLogin + annsLogin, nil, 400},
		"a list":             {"POST", `[]`, nil, 400},
		"nothing":            {"POST", ``, nil, 400},
		"very long":          {"POST", `{"name":"` + strings.Repeat("a", 1<<20) + `"}`, nil, 400},
		"another method":     {"PUT", annsLogin, nil, 405},
	} {
		t.Run(name, func(t *testing.T) {
			status, state, h := send(t, c, l.method, url, l.body, l.header...)
			require.Equal(t, l.want, status)
			require.Empty(t, state)
			require.Empty(t, h.Get("Set-Cookie"))
		})
	}
	for range 5 {
		send(t, c, http.MethodPost, url, `{"name":"bob","password":"x"}`)
	}
	status, _, h := send(t, c, http.MethodPost, url, `{"name":"bob","password":"x"}`)
	require.Equal(t, http.StatusTooManyRequests, status)
	require.Equal(t, "900", h.Get("Retry-After"))
	_, err := auth.NewLogin(auth.LoginOptions{})
	require.ErrorIs(t, err, quintet.ErrOption)
}
