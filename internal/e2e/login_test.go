package e2e_test

import (
	"context"
	"io"
	"log/slog"
	"maps"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/quintet-ai/quintet/server"
	"github.com/quintet-ai/quintet/server/auth"
	"github.com/quintet-ai/quintet/server/dashboard"
)

// scripted puts scripts behind pages, by their paths. The pages' own policies would forbid
// them, so they are left out there, and there only.
func scripted(h http.Handler, scripts map[string]func() string) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		script, ok := scripts[r.URL.Path]
		if !ok {
			h.ServeHTTP(w, r)
			return
		}
		page := httptest.NewRecorder()
		r.Header.Del("Accept-Encoding")
		h.ServeHTTP(page, r)
		if page.Code != http.StatusOK {
			maps.Copy(w.Header(), page.Header())
			w.WriteHeader(page.Code)
			return
		}
		_, _ = w.Write([]byte(page.Body.String() + "<script>" + script() + "</script>"))
	})
}

// reports makes a page send what it shows when the text of an element changes.
const reports = `
	new MutationObserver(() => fetch("/report", { method: "POST", body: document.documentElement.outerHTML }))
		.observe(document.getElementById("ELEMENT"), { childList: true });`

// fillIn fills in the page to log in and sends it.
const fillIn = `
	document.getElementById("name").value = "ann";
	document.getElementById("password").value = "PASSWORD";
	document.getElementById("code").value = "CODE";
	document.getElementById("in").click();`

func TestABrowserLogsInAndSeesTheDashboard(t *testing.T) {
	chromium := program(t, "chromium", "chromium")
	users, err := auth.NewUsers(auth.UsersOptions{})
	require.NoError(t, err)
	app := auth.TOTP{Secret: auth.NewTOTPSecret()}
	require.NoError(t, users.Add(t.Context(), auth.User{Name: "ann", Roles: []string{auth.RoleAdmin}, TOTP: &app}, "password of ann"))
	sessions, err := auth.NewSessions(auth.SessionsOptions{Insecure: true})
	require.NoError(t, err)
	board, err := dashboard.New(dashboard.Options{Version: "v1.2.3"})
	require.NoError(t, err)
	defer board.Close()
	s, err := server.New(server.Pipelines{}, server.Options{
		Logger: slog.New(slog.DiscardHandler), Dashboard: board, Production: true, Login: &auth.LoginOptions{Users: users, Sessions: sessions},
	})
	require.NoError(t, err)
	visit := func(password, want string) {
		shown := make(chan string, 100)
		page := scripted(s, map[string]func() string{
			"/login": func() string {
				code, err := app.Code(time.Now())
				if err != nil {
					code = err.Error()
				}
				return strings.NewReplacer("ELEMENT", "said", "PASSWORD", password, "CODE", code).Replace(reports + fillIn)
			},
			"/dashboard/": func() string { return strings.Replace(reports, "ELEMENT", "version", 1) },
		})
		web := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if r.URL.Path != "/report" {
				page.ServeHTTP(w, r)
				return
			}
			if dom, err := io.ReadAll(r.Body); err == nil {
				shown <- string(dom)
			}
		}))
		defer web.Close()
		ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
		defer cancel()
		c := exec.CommandContext(ctx, chromium, "--headless", "--no-sandbox", "--disable-gpu", "--user-data-dir="+t.TempDir(),
			"--remote-debugging-port=0", web.URL+"/dashboard/") // the port keeps it running
		c.Cancel = func() error { return c.Process.Signal(os.Interrupt) } // it tidies up
		c.WaitDelay = 20 * time.Second
		require.NoError(t, c.Start())
		defer func() {
			cancel()
			_ = c.Wait() // it was interrupted
		}()
		for dom := ""; !strings.Contains(dom, want); {
			select {
			case dom = <-shown:
			case <-ctx.Done():
				require.Fail(t, "the page does not show "+want)
			}
		}
	}
	visit("wrong", "Name, password or code is wrong.")
	visit("password of ann", `<small id="version">v1.2.3</small>`)
}
