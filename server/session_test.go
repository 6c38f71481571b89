package server_test

import (
	"fmt"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/quintet-ai/quintet"
	"github.com/quintet-ai/quintet/monitor"
	"github.com/quintet-ai/quintet/server"
	"github.com/quintet-ai/quintet/server/auth"
	"github.com/quintet-ai/quintet/server/dashboard"
)

// logins are for ann, who has an app for codes, is an administrator and stands still in
// time, and bob, who may look. Hashes are cheap.
func logins(t *testing.T, now time.Time) (*auth.LoginOptions, auth.TOTP) {
	t.Helper()
	passwords, err := auth.NewPasswords(auth.PasswordOptions{Memory: 64, Time: 1, Concurrent: 4})
	require.NoError(t, err)
	users, err := auth.NewUsers(auth.UsersOptions{Passwords: passwords, Now: func() time.Time { return now }})
	require.NoError(t, err)
	app := auth.TOTP{Secret: auth.NewTOTPSecret()}
	require.NoError(t, users.Add(t.Context(), auth.User{Name: "ann", Roles: []string{auth.RoleAdmin}, TOTP: &app}, "password of ann"))
	require.NoError(t, users.Add(t.Context(), auth.User{Name: "bob", Roles: []string{auth.RoleViewer}}, "password of bob"))
	sessions, err := auth.NewSessions(auth.SessionsOptions{})
	require.NoError(t, err)
	return &auth.LoginOptions{Users: users, Sessions: sessions}, app
}

// browser is a client with cookies that follows no redirects.
func browser(t *testing.T, web *httptest.Server) *http.Client {
	t.Helper()
	c := *web.Client()
	var err error
	c.Jar, err = cookiejar.New(nil)
	require.NoError(t, err)
	c.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	return &c
}

func do(t *testing.T, c *http.Client, method, url, body string, header ...string) (*http.Response, string) {
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
	return resp, string(b)
}

func TestPeopleLogInForTheDashboard(t *testing.T) {
	now := time.Now()
	login, app := logins(t, now)
	alerts, err := monitor.NewAlerts(monitor.AlertsOptions{})
	require.NoError(t, err)
	board, err := dashboard.New(dashboard.Options{Alerts: alerts})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, board.Close()); require.NoError(t, alerts.Close()) })
	id, err := alerts.Raise(monitor.Alert{Name: "disk", Severity: monitor.Critical})
	require.NoError(t, err)
	s := serve(t, full(t), server.Options{Login: login, Dashboard: board, Production: true})
	mux := http.NewServeMux()
	mux.Handle("/ai/", http.StripPrefix("/ai", s))
	web := httptest.NewTLSServer(mux)
	defer web.Close()
	url := web.URL + "/ai"
	ann, bob := browser(t, web), browser(t, web)
	resp, _ := do(t, ann, "GET", url+"/dashboard/a/b", "", "Accept", "text/html")
	require.Equal(t, []any{303, "../../login"}, []any{resp.StatusCode, resp.Header.Get("Location")})
	resp, _ = do(t, ann, "GET", url+"/dashboard/data.json", "")
	require.Equal(t, 401, resp.StatusCode, "a script is told")
	resp, page := do(t, ann, "GET", url+"/login", "")
	require.Equal(t, 200, resp.StatusCode)
	require.NotContains(t, resp.Header.Get("Content-Security-Policy"), "unsafe")
	require.NotContains(t, page, "http", "nothing comes from elsewhere")

	code, err := app.Code(now)
	require.NoError(t, err)
	first := fmt.Sprintf(`{"name":"ann","password":"password of ann","code":%q}`, code)
	for name, body := range map[string]string{
		"without a code": `{"name":"ann","password":"password of ann"}`, "with a wrong one": `{"name":"ann","password":"password of ann","code":"000000"}`,
	} {
		resp, body = do(t, ann, "POST", url+"/api/v1/session", body)
		require.Equal(t, 401, resp.StatusCode, name)
		require.Equal(t, `{"type":"about:blank","title":"not logged in","status":401,"code":"unauthenticated"}`+"\n", body)
	}
	resp, _ = do(t, ann, "POST", url+"/api/v1/session", first, "Origin", "https://evil.example.org")
	require.Equal(t, 403, resp.StatusCode)
	resp, _ = do(t, ann, "POST", url+"/api/v1/session", first)
	require.Equal(t, 200, resp.StatusCode)
	resp, _ = do(t, bob, "POST", url+"/api/v1/session", first)
	require.Equal(t, 401, resp.StatusCode, "a code is used once")
	resp, _ = do(t, bob, "POST", url+"/api/v1/session", `{"name":"bob","password":"password of bob"}`)
	require.Equal(t, 200, resp.StatusCode)

	resp, page = do(t, ann, "GET", url+"/dashboard/", "", "Accept", "text/html")
	require.Equal(t, 200, resp.StatusCode)
	require.Contains(t, page, "<title>Dashboard</title>")
	resp, _ = do(t, ann, "GET", url+"/dashboard/data.json", "")
	token := resp.Header.Get(auth.CSRFHeader)
	require.NotEmpty(t, token)
	act := func(c *http.Client, header ...string) int {
		resp, _ := do(t, c, "POST", url+"/dashboard/acknowledge", `{"id":"`+id+`"}`, append(header, "X-Quintet-Dashboard", "1")...)
		return resp.StatusCode
	}
	require.Equal(t, 401, act(ann), "without the token of the session")
	resp, _ = do(t, bob, "GET", url+"/dashboard/data.json", "")
	require.Equal(t, 200, resp.StatusCode)
	require.Equal(t, 403, act(bob, auth.CSRFHeader, resp.Header.Get(auth.CSRFHeader)), "bob may look only")
	require.Equal(t, 204, act(ann, auth.CSRFHeader, token))
	require.Equal(t, monitor.Acknowledged, alerts.Active()[0].State)

	resp, _ = do(t, ann, "DELETE", url+"/api/v1/session", "", auth.CSRFHeader, token)
	require.Equal(t, 204, resp.StatusCode)
	resp, _ = do(t, ann, "GET", url+"/dashboard/", "", "Accept", "text/html")
	require.Equal(t, 303, resp.StatusCode)
}

// Guessing is bounded by the address that a proxy names, not by that of the proxy.
func TestFailedLoginsCountForTheCallersAddress(t *testing.T) {
	login, _ := logins(t, time.Now())
	s := serve(t, server.Pipelines{}, server.Options{Login: login, Proxies: []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}, NoRate: true})
	try := func(from string) int {
		return ask(s, "POST", "/api/v1/session", `{"name":"bob","password":"wrong"}`, "X-Forwarded-For", from, "Content-Type", "application/json").Code
	}
	for range 5 {
		require.Equal(t, 401, try("192.0.2.1"))
	}
	require.Equal(t, 429, try("192.0.2.1"))
	require.Equal(t, 401, try("192.0.2.2"))
}

func TestAddressesThatTryToLogInAreRateLimited(t *testing.T) {
	login, _ := logins(t, time.Now())
	s := serve(t, server.Pipelines{}, server.Options{Login: login, Rate: 0.0001, Burst: 1})
	limited := 0
	for range 12 {
		if ask(s, "GET", "/api/v1/session", "").Code == 429 {
			limited++
		}
	}
	require.Equal(t, 2, limited, "ten times what a caller may")
	_, err := server.New(server.Pipelines{}, server.Options{Login: &auth.LoginOptions{}})
	require.ErrorIs(t, err, quintet.ErrOption)
	require.Equal(t, 401, ask(s, "GET", "/api/v1/system/info", "").Code, "with a login nobody else is known")
	both := serve(t, server.Pipelines{}, server.Options{Login: login, Auth: bearer("secret")})
	require.Equal(t, 200, ask(both, "GET", "/api/v1/system/info", "", "Authorization", "Bearer secret").Code)
}
